/** What the tab's title tells of an import: how far it is, and its end. Pure. */
import { hasEnded, type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { ImportView } from '../../following/view/import-view.ts';
import { formatShare } from '../../words/format/format.ts';
import { runWords, titled } from '../../words/words.ts';

/** @param left rejected rows that nobody has mended; null while that is not known */
export function pageTitle({ state, fileName }: ImportView, left: number | null): string {
  if (state !== null && hasEnded(state)) return titled(endedTitle(state, fileName, left));
  if (state === null || state.rows.total === null) return titled(fileName);
  return titled(`${formatShare(rowsReported(state), state.rows.total)} ${fileName}`);
}

/** The tab tells the end to a person who looks at another one. */
function endedTitle({ status, rows }: ImportState, fileName: string, left: number | null): string {
  if (status === 'completed') return `✓ ${fileName}`;
  const toFix = left ?? rows.rejected;
  return status === 'completed_with_errors' && toFix > 0 ? runWords.toFixTitle(toFix, fileName) : fileName;
}
