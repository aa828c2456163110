/** The proof that every row is accounted for: the rows by bucket, their sum, and that it was compared with what is stored. */
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { BucketBar, BucketLegend } from '../../following/shown/bucket-bar.tsx';
import { formatCount } from '../../words/format/format.ts';
import { runWords, summaryWords, takeBackWords } from '../../words/words.ts';

export function Proof({ state }: { state: ImportState }) {
  const total = state.rows.total ?? rowsReported(state);
  const took = rowsReported(state) === 0 ? null : durationOf(state);
  return (
    <section class="card buckets" aria-labelledby="proof-title">
      <h2 id="proof-title">{state.undo === null ? runWords.rowsByOutcome : takeBackWords.rowsHad}</h2>
      <BucketBar rows={state.rows} />
      <BucketLegend rows={state.rows} />
      <p class="proof" data-testid="reconciled">
        <span>
          <span class="soft">= </span>
          <b data-testid="rows-total">{formatCount(total)}</b> {summaryWords.whole(total, state)}
        </span>
        {state.reconciled === true && total > 0 && <span class="is-proven">{summaryWords.sumsAgree}</span>}
        {took !== null && <span class="soft">{took}</span>}
      </p>
    </section>
  );
}

/** Rows and milliseconds below which a pace is noise. */
const LEAST_PACED_ROWS = 1_000;
const LEAST_PACED_MS = 1_000;

function durationOf(state: ImportState): string | null {
  if (state.endedAt === null) return null;
  const milliseconds = Date.parse(state.endedAt) - Date.parse(state.acceptedAt);
  if (milliseconds < 100) return summaryWords.tookAMoment;
  // Rows that were cancelled took no time.
  const isPaced =
    state.rows.cancelled === 0 &&
    milliseconds >= LEAST_PACED_MS &&
    rowsReported(state) >= LEAST_PACED_ROWS &&
    state.rowsPerSecond > 0;
  return summaryWords.took(milliseconds, isPaced ? state.rowsPerSecond : null);
}
