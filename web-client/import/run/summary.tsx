/** The end of an import, below its verdict: what needs the reader, the proof, and what can be done next. */
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { ComponentChildren } from 'preact';
import {
  brokeOff,
  contactsWritten,
  hasRowsToFix,
  isTakenBackNow,
  isWorthSendingAgain,
  mayBeRetried,
  mayBeTakenBack,
} from '../../following/view/import-outcome.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { explainUploadError, resendWords, summaryWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { type Mending, RejectedRows } from '../rejected/rejected-rows.tsx';
import { FailedRows } from './failed-rows.tsx';
import { KeptContacts } from './kept-contacts.tsx';
import { Proof } from './proof.tsx';
import { TakeBack, TakeBackProgress } from './take-back.tsx';

interface SummaryProps {
  readonly state: ImportState;
  /** How to go on after a broken upload; null where the page shows that already. */
  readonly nextTry: ComponentChildren;
  readonly actions: ImportActions;
  readonly mending: Mending;
  /** Links that lead on. */
  readonly children: ComponentChildren;
}

export function Summary({ state, nextTry, actions, mending, children }: SummaryProps) {
  const isTakenBack = state.status === 'undoing' || state.status === 'undone';
  return (
    <div class="summary" data-testid="summary">
      {state.reconciled === false && (
        <p class="callout is-bad" data-testid="sums-differ">
          {summaryWords.sumsDiffer}
        </p>
      )}
      {(isTakenBack || state.undo !== null) && <TakeBackProgress state={state} />}
      {!isTakenBack && <NeedsYou state={state} nextTry={nextTry} actions={actions} mending={mending} />}
      {state.undo !== null && <KeptContacts undo={state.undo} fetchKept={actions.fetchKept} />}
      <Proof state={state} />
      <div class="run-more">
        {children}
        {mayBeTakenBack(state) && <TakeBack state={state} takeBack={actions.takeBack} />}
      </div>
    </div>
  );
}

function NeedsYou({ state, nextTry, actions, mending }: Omit<SummaryProps, 'children'>) {
  const { rejected, failed } = state.rows;
  return (
    <>
      {brokeOff(state) && nextTry !== null && <BrokenOff state={state} nextTry={nextTry} />}
      {hasRowsToFix(state) && (
        <RejectedRows count={rejected} restIgnored={state.restIgnored} mending={mending} actions={actions} />
      )}
      {mayBeRetried(state) && <FailedRows count={failed} retry={actions.retryFailed} />}
    </>
  );
}

function BrokenOff({ state, nextTry }: { state: ImportState; nextTry: ComponentChildren }) {
  const sentences = [
    ...(isWorthSendingAgain(state)
      ? [isTakenBackNow(state) ? summaryWords.sendAgainLater : summaryWords.sendAgain]
      : []),
    ...(state.undo === null && contactsWritten(state) > 0
      ? [state.autoUndo ? resendWords.takenBackFirst : summaryWords.importedStays]
      : []),
  ];
  return (
    <div class="callout is-bad">
      <p>
        <strong>{explainUploadError(state.uploadError)}</strong>
      </p>
      <p>{joinSentences(sentences)}</p>
      <div class="actions">{nextTry}</div>
    </div>
  );
}
