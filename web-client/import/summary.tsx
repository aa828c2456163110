/** The end of an import: the sum, added up in front of the reader, and what can be done next. */

import type { ImportState } from '@tidings/contracts/import.ts';
import { buckets, rowsReported } from '@tidings/contracts/import.ts';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatCount, formatDuration, formatRows } from '../words/format.ts';
import { bucketWords, explainUploadError, isWorthSendingAgain, nothingImported } from '../words/words.ts';

interface SummaryProps {
  readonly state: ImportState;
  /** The way on from a broken upload; null where the page has told of that already. */
  readonly nextTry: ComponentChildren;
  /** Fetches the rejected rows and hands them to the browser as a file. */
  readonly downloadRejected: () => Promise<void>;
}

export function Summary({ state, nextTry, downloadRejected }: SummaryProps) {
  return (
    <section
      class={nothingImported(state) ? 'summary is-bad' : 'summary'}
      aria-labelledby="summary-title"
      data-testid="summary"
    >
      <h2 id="summary-title">{summaryTitle(state)}</h2>
      <Equation state={state} />
      <Reconciliation state={state} />
      {state.upload === 'aborted' && nextTry !== null && <BrokenOff state={state} nextTry={nextTry} />}
      {state.rows.rejected > 0 && <RejectedRows count={state.rows.rejected} download={downloadRejected} />}
      {state.rows.failed > 0 && <FailedRows count={state.rows.failed} />}
    </section>
  );
}

function summaryTitle(state: ImportState): string {
  const total = state.rows.total ?? rowsReported(state);
  if (state.upload === 'aborted') return 'The upload broke off';
  if (total === 0) return 'The file has a header and no rows';
  if (nothingImported(state))
    return total === 1
      ? 'The one row could not be imported.'
      : `None of the ${formatRows(total)} could be imported.`;
  return total === 1 ? 'The one row is accounted for' : `All ${formatRows(total)} are accounted for`;
}

function Equation({ state }: { state: ImportState }) {
  const terms = buckets.filter((bucket) => state.rows[bucket] > 0);
  const total = state.rows.total ?? rowsReported(state);
  if (terms.length === 0) return null;
  const whole = state.upload === 'aborted' ? 'received before it broke off' : 'of the file';
  return (
    <p class="equation" data-testid="equation">
      {terms.map((bucket, index) => (
        <span key={bucket} class="term">
          {index > 0 && <span class="operator">+ </span>}
          <b>{formatCount(state.rows[bucket])}</b> {bucketWords[bucket].name.toLowerCase()}{' '}
        </span>
      ))}
      <span class="term term-total">
        <span class="operator">= </span>
        <b data-testid="rows-total">{formatCount(total)}</b> {total === 1 ? 'row' : 'rows'} {whole}
      </span>
    </p>
  );
}

function Reconciliation({ state }: { state: ImportState }) {
  if (rowsReported(state) === 0) return null;
  const took = tookOf(state);
  return (
    <p class={state.reconciled === false ? 'fineprint is-bad' : 'fineprint'} data-testid="reconciled">
      {took !== null && `${took} `}
      {state.reconciled === true && 'Checked: the sums equal those kept beside the contacts.'}
      {state.reconciled === false &&
        'The sums differ from those kept beside the contacts. Please tell support about this import.'}
    </p>
  );
}

/** Rows and milliseconds below which a pace is noise. */
const LEAST_PACED_ROWS = 1_000;
const LEAST_PACED_MS = 1_000;

function tookOf(state: ImportState): string | null {
  if (state.endedAt === null) return null;
  const milliseconds = Date.parse(state.endedAt) - Date.parse(state.acceptedAt);
  if (milliseconds < 100) return 'Took less than 0.1 s.';
  const paced = milliseconds >= LEAST_PACED_MS && rowsReported(state) >= LEAST_PACED_ROWS;
  const pace = paced && state.rowsPerSecond > 0 ? ` at ${formatCount(state.rowsPerSecond)} rows/s` : '';
  return `Took ${formatDuration(milliseconds)}${pace}.`;
}

function BrokenOff({ state, nextTry }: { state: ImportState; nextTry: ComponentChildren }) {
  const again = isWorthSendingAgain(state) ? 'Send the file again to import all of it.' : '';
  const kept =
    rowsReported(state) > 0 ? ' What was already imported stays, and will count as unchanged.' : '';
  return (
    <div class="callout is-bad">
      <p>
        <strong>{explainUploadError(state)}</strong>
      </p>
      <p>{`${again}${kept}`.trim()}</p>
      <div class="actions">{nextTry}</div>
    </div>
  );
}

function RejectedRows({ count, download }: { count: number; download: () => Promise<void> }) {
  const [step, setStep] = useState<'idle' | 'busy' | 'failed'>('idle');
  const start = (): void => {
    setStep('busy');
    download().then(
      () => setStep('idle'),
      () => setStep('failed'),
    );
  };
  return (
    <div class="callout is-warn">
      <p>
        <strong>{count === 1 ? 'One row was rejected.' : `${formatRows(count)} were rejected.`}</strong>{' '}
        {count === 1 ? 'It comes' : 'They come'} back as a CSV file with the line, the code and the reason.
      </p>
      <p>Fix the cells in a spreadsheet or an editor and drop that file here: only those rows are touched.</p>
      <p>
        <button
          type="button"
          class="button"
          onClick={start}
          disabled={step === 'busy'}
          data-testid="download-rejected"
        >
          {step === 'busy'
            ? 'Preparing the file…'
            : `Download ${count === 1 ? 'the rejected row' : 'rejected rows'}`}
        </button>
      </p>
      {step === 'failed' && <p role="alert">The file could not be fetched. Please try again.</p>}
    </div>
  );
}

function FailedRows({ count }: { count: number }) {
  return (
    <div class="callout is-bad">
      <p>
        <strong>{count === 1 ? 'One row' : formatRows(count)} could not be worked off.</strong>{' '}
        {count === 1 ? 'It was not' : 'None of them was'} written. Drop the same file again: rows that are in
        already count as unchanged.
      </p>
    </div>
  );
}
