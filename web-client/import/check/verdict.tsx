/** What would become of the file, in numbers, beside the button that imports it. */
import type { ImportPreview } from '@tidings/contracts/files/preview.ts';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { formatCount } from '../../words/format/format.ts';
import { wordsOfCode } from '../../words/format/known.ts';
import { asSentence, joinSentences } from '../../words/format/sentences.ts';
import { checkWords, rowFaultWords, verdictWords } from '../../words/words.ts';
import { mustBeAnswered, type ReadingProps } from './reading.ts';

interface VerdictProps extends ReadingProps {
  /** Whether the numbers are those of what is chosen now. */
  readonly isCurrent: boolean;
  readonly isAsking: boolean;
  readonly onStart: () => void;
  /** Stands beside the button. */
  readonly children: ComponentChildren;
}

/** Codes of values that a row may be imported without. */
const leavable = ['phone_invalid', 'phone_country_unknown', 'country_unknown'];

export function VerdictBox(props: VerdictProps) {
  const { preview, choices, isCurrent, isAsking, onChoose, onStart, children } = props;
  const { rejected, warnings } = preview.forecast;
  const { invalidFields } = preview;
  const mayStart = isCurrent && !mustBeAnswered(preview);
  const mayLeaveOut =
    choices.invalidFields !== undefined ||
    invalidFields === 'leave-out' ||
    leavable.some((code) => (rejected[code] ?? 0) > 0);
  const id = useId();
  return (
    <div class="verdict" data-testid="verdict">
      <div id={id}>
        <p class="verdict-line">{joinSentences(verdictSentences(preview))}</p>
        <Counts counts={rejected} />
        {Object.keys(warnings).length > 0 && (
          <>
            <p class="soft">{verdictWords.warnings}</p>
            <Counts counts={warnings} />
          </>
        )}
      </div>
      {mayLeaveOut && (
        <label class="leave-out">
          <input
            type="checkbox"
            checked={(choices.invalidFields ?? invalidFields) === 'leave-out'}
            onChange={({ currentTarget }) =>
              onChoose({ ...choices, invalidFields: currentTarget.checked ? 'leave-out' : 'reject' })
            }
          />
          <span>{verdictWords.leaveOut}</span>
        </label>
      )}
      <p class="actions">
        <button
          type="button"
          class="button is-primary"
          aria-disabled={!mayStart}
          aria-describedby={id}
          onClick={() => {
            if (mayStart) onStart();
          }}
          data-testid="start-import"
        >
          {startLabel(preview)}
        </button>
        {children}
        <span class="soft verdict-note" role="status">
          {isAsking ? checkWords.readingAgain : mustBeAnswered(preview) ? verdictWords.answerFirst : ''}
        </span>
      </p>
    </div>
  );
}

function Counts({ counts }: { counts: Readonly<Record<string, number>> }) {
  const entries = byCount(counts);
  if (entries.length === 0) return null;
  return (
    <ul class="counts">
      {entries.map(([code, count]) => (
        <li key={code}>
          <strong>{formatCount(count)}</strong> {wordsOfCode(rowFaultWords, code)}
        </li>
      ))}
    </ul>
  );
}

/** The same as one sentence after another: each reason with its count among them, and that a question stands before the import. */
export function spokenVerdict(preview: ImportPreview): string {
  const reasons = byCount(preview.forecast.rejected).map(([code, count]) =>
    asSentence(`${formatCount(count)} ${wordsOfCode(rowFaultWords, code)}`),
  );
  const question = mustBeAnswered(preview) && verdictWords.answerFirst;
  return joinSentences([...verdictSentences(preview), ...reasons, question]);
}

const byCount = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).toSorted(([, one], [, other]) => other - one);

function verdictSentences(preview: ImportPreview): string[] {
  const { forecast, rowsRead, blankRows, truncated, estimatedRows } = preview;
  if (rowsRead === 0) return [verdictWords.noRows];
  const isWhole = !truncated && forecast.rows === rowsRead;
  const { rows, valid } = forecast;
  return [
    ...(estimatedRows === null ? [] : [verdictWords.rows(told(estimatedRows, truncated), !truncated)]),
    ...(blankRows > 0 ? [verdictWords.blankRows(blankRows)] : []),
    fineSentence(rows, valid, isWhole),
  ];
}

function fineSentence(rows: number, valid: number, isWhole: boolean): string {
  if (valid === rows) return verdictWords.allFine(rows, isWhole);
  if (valid === 0 && isWhole) return verdictWords.noneFine(rows);
  return verdictWords.someFine(rows, valid, isWhole);
}

function startLabel({ estimatedRows, truncated }: ImportPreview): string {
  const rows = estimatedRows === null || estimatedRows === 0 ? null : told(estimatedRows, truncated);
  return verdictWords.start(rows, !truncated);
}

/** An estimate is told in two figures. */
function told(rows: number, isEstimate: boolean): number {
  return isEstimate ? Number(rows.toPrecision(2)) : rows;
}
