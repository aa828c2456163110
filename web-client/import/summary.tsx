/** The end of an import: the sum, added up in front of the reader, and what the reader can do next. */
import type { ImportState } from '@tidings/contracts/import.ts';
import { buckets, rowsReported } from '@tidings/contracts/import.ts';
import type { ComponentChildren } from 'preact';
import {
  brokeOff,
  contactsWritten,
  isTakenBackNow,
  isWorthSendingAgain,
  mayBeRetried,
  mayBeTakenBack,
  nothingImported,
} from '../following/import-outcome.ts';
import { formatCount } from '../words/format/format.ts';
import { bucketWords, explainUploadError, summaryWords, takeBackTitle } from '../words/words.ts';
import { FailedRows } from './failed-rows.tsx';
import type { ImportActions } from './import-actions.ts';
import { KeptContacts } from './kept-contacts.tsx';
import { RejectedRows } from './rejected-rows.tsx';
import { TakeBack, TakeBackProgress } from './take-back.tsx';

interface SummaryProps {
  readonly state: ImportState;
  /** How to go on after a broken upload; null where the page shows that already. */
  readonly nextTry: ComponentChildren;
  readonly actions: ImportActions;
}

export function Summary({ state, nextTry, actions }: SummaryProps) {
  const isTakenBack = state.status === 'undoing' || state.status === 'undone';
  return (
    <section
      class={nothingImported(state) || state.reconciled === false ? 'summary is-bad' : 'summary'}
      aria-labelledby="summary-title"
      data-testid="summary"
    >
      <h2 id="summary-title">{summaryTitle(state)}</h2>
      {state.reconciled === false && (
        <p class="callout is-bad" data-testid="sums-differ">
          {summaryWords.sumsDiffer}
        </p>
      )}
      {(isTakenBack || state.undo !== null) && <TakeBackProgress state={state} />}
      {!isTakenBack && <Result state={state} nextTry={nextTry} actions={actions} />}
      {state.undo !== null && <KeptContacts undo={state.undo} fetchKept={actions.fetchKept} />}
      {mayBeTakenBack(state) && <TakeBack state={state} takeBack={actions.takeBack} />}
    </section>
  );
}

/** What stands: the rows, and what the reader can do with them. */
function Result({ state, nextTry, actions }: SummaryProps) {
  const { rejected, failed } = state.rows;
  return (
    <>
      <Equation state={state} />
      <Reconciliation state={state} />
      {brokeOff(state) && nextTry !== null && <BrokenOff state={state} nextTry={nextTry} />}
      {rejected > 0 && <RejectedRows count={rejected} download={actions.downloadRejected} />}
      {mayBeRetried(state) && <FailedRows count={failed} retry={actions.retryFailed} />}
    </>
  );
}

function summaryTitle(state: ImportState): string {
  const total = state.rows.total ?? rowsReported(state);
  if (state.undo !== null || state.status === 'undoing') return takeBackTitle(state);
  if (state.reconciled === false) return summaryWords.sumsDifferTitle;
  if (state.status === 'cancelled')
    return state.upload === 'aborted' ? summaryWords.cutOff : summaryWords.cancelled(state.rows.cancelled);
  if (brokeOff(state)) return summaryWords.brokenOff;
  if (total === 0) return summaryWords.noRows;
  return nothingImported(state) ? summaryWords.nothingImported(total) : summaryWords.accountedFor(total);
}

function Equation({ state }: { state: ImportState }) {
  const terms = buckets.filter((bucket) => state.rows[bucket] > 0);
  const total = state.rows.total ?? rowsReported(state);
  if (terms.length === 0) return null;
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
        <b data-testid="rows-total">{formatCount(total)}</b> {summaryWords.whole(total, state)}
      </span>
    </p>
  );
}

/** How long the import took, and whether its sums were compared: `import.reconciled` comes a moment after the end. */
function Reconciliation({ state }: { state: ImportState }) {
  if (rowsReported(state) === 0) return null;
  const { reconciled } = state;
  const took = durationOf(state);
  return (
    <p class="fineprint" data-testid="reconciled">
      {took !== null && `${took} `}
      {reconciled === true && summaryWords.sumsAgree}
    </p>
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

function BrokenOff({ state, nextTry }: { state: ImportState; nextTry: ComponentChildren }) {
  const sentences = [
    ...(isWorthSendingAgain(state)
      ? [isTakenBackNow(state) ? summaryWords.sendAgainLater : summaryWords.sendAgain]
      : []),
    ...(state.undo === null && contactsWritten(state) > 0 ? [summaryWords.importedStays] : []),
  ];
  return (
    <div class="callout is-bad">
      <p>
        <strong>{explainUploadError(state.uploadError)}</strong>
      </p>
      <p>{sentences.join(' ')}</p>
      <div class="actions">{nextTry}</div>
    </div>
  );
}
