/** What came of an import, in one line: the heading of its end. Pure. */
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { brokeOff, nothingImported } from '../../following/view/import-outcome.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { summaryWords, takeBackTitle } from '../../words/words.ts';

/**
 * @param state of an import that has ended, or is being taken back
 * @param left rejected rows that nobody has mended
 */
export function verdictOf(state: ImportState, left = state.rows.rejected): string {
  const { rows, undo, status, upload } = state;
  const total = rows.total ?? rowsReported(state);
  if (undo !== null || status === 'undoing') return takeBackTitle(state);
  if (state.reconciled === false) return summaryWords.sumsDifferTitle;
  if (status === 'cancelled')
    return upload === 'aborted' ? summaryWords.cutOff : summaryWords.cancelled(rows.cancelled);
  if (brokeOff(state)) return summaryWords.brokenOff;
  if (total === 0) return summaryWords.noRows;
  if (nothingImported(state)) return summaryWords.nothingImported(total);
  return joinSentences(sentencesOf(state, total, left));
}

function sentencesOf({ rows, dryRun }: ImportState, total: number, left: number): string[] {
  const { failed } = rows;
  return [
    ...(dryRun ? [summaryWords.onlyChecked] : [writtenSentence(rows, total)]),
    ...(left > 0 ? [summaryWords.needYou(left)] : []),
    ...(failed > 0 ? [summaryWords.notSaved(failed)] : []),
  ];
}

function writtenSentence(rows: ImportState['rows'], total: number): string {
  const { created, updated, unchanged, duplicate } = rows;
  if (created > 0 && updated > 0) return summaryWords.addedAndChanged(created, updated);
  if (created > 0) return summaryWords.added(created);
  if (updated > 0) return summaryWords.changed(updated);
  const known = unchanged + duplicate;
  return known === total ? summaryWords.allKnown(total) : summaryWords.nothingNew(known);
}
