/** One import, from its first byte to its sum. Draws a view; knows nothing of sockets. */
import './run.css';
import { hasEnded, type ImportState, isAtRest, noRows } from '@tidings/contracts/imports/import.ts';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { BucketBar, BucketLegend } from '../../following/shown/bucket-bar.tsx';
import { ConnectionBadge } from '../../following/shown/connection-badge.tsx';
import { shownFile } from '../../following/shown/shown-file.ts';
import { StatusBadgeView } from '../../following/shown/status-badge.tsx';
import {
  contactsWritten,
  hasRowsToFix,
  isTakenBackNow,
  isWorthSendingAgain,
  mayBeCancelled,
} from '../../following/view/import-outcome.ts';
import { type ImportView, isSentAgain, isStale, mayBeGivenUp } from '../../following/view/import-view.ts';
import { ActionButton } from '../../shell/components/action-button.tsx';
import { FileInput } from '../../shell/components/file-input.tsx';
import { ProblemNote } from '../../shell/components/problem-note.tsx';
import { Heading } from '../../shell/frame/heading.tsx';
import { fetchParts } from '../../shell/frame/lazy.tsx';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { language } from '../../words/format/language.ts';
import { cancelWords, runWords, startWords } from '../../words/words.ts';
import type { ImportActions } from '../place/import-actions.ts';
import { ImportLink } from '../place/import-link.tsx';
import { usePlace } from '../place/place.ts';
import { loadFixTable, type Mending, startMending } from '../rejected/rejected-rows.tsx';
import { Cancel } from './cancel.tsx';
import { pageTitle } from './page-title.ts';
import { ProgressPhases } from './progress-phases.tsx';
import { badgeOfView } from './run-badge.ts';
import { RunNote } from './run-note.tsx';
import { Summary } from './summary.tsx';
import { verdictOf } from './verdict.ts';

function useShown(fileName: string): void {
  useLayoutEffect(() => {
    shownFile.value = fileName;
    return () => {
      shownFile.value = null;
    };
  }, [fileName]);
}

interface ImportRunProps {
  readonly view: ImportView;
  readonly actions: ImportActions;
  /** As `FollowedImport.sendAgain`. */
  readonly onSendAgain: (() => void) | null;
  /** Ends an import that has no id yet; null where it cannot be ended. */
  readonly onGiveUp: (() => void) | null;
  readonly onFile: (file: File) => void;
}

export default function ImportRun({ view, actions, onSendAgain, onGiveUp, onFile }: ImportRunProps) {
  const { state, problem } = view;
  const started = useMemo(() => startMending(actions, view.fileName), []);
  const mending = { ...started, menders: view.menders };
  const ending = useEnding(view, mending);
  useEffect(() => fetchParts([loadFixTable]), []);
  useShown(view.fileName);
  // What is ignored needs nobody.
  const left = state?.restIgnored ? 0 : mending.list.left.value;
  const { contactsAddress, showTitle } = usePlace();
  useEffect(() => showTitle(pageTitle(view, left)), [view, left, language.value]);
  const contacts = ending !== null && hasContacts(ending) ? contactsAddress(ending.importId) : null;
  const nextTry = <NextTry view={view} onSendAgain={onSendAgain} onFile={onFile} />;
  return (
    <article class="run" aria-labelledby={TITLE_ID}>
      <Heading id={TITLE_ID}>
        {ending === null ? startWords.title : verdictOf(ending, left ?? undefined)}
      </Heading>
      <RunHead view={view} cancel={actions.cancel} onGiveUp={onGiveUp} />
      {problem !== null && <RunProblem view={view} problem={problem} nextTry={nextTry} />}
      {ending === null ? (
        <>
          {problem !== null && state === null ? (
            <RunNote view={view} tellWhenDone={null} />
          ) : (
            <Progress view={view} tellWhenDone={actions.tellWhenDone} />
          )}
          <div class="run-more">
            {problem === null && <ImportLink to={null}>{runWords.importAnother}</ImportLink>}
          </div>
        </>
      ) : (
        <Summary
          state={ending}
          actions={actions}
          mending={mending}
          nextTry={problem === null ? nextTry : null}
        >
          {contacts !== null && (
            <a class="button" href={contacts}>
              {runWords.seeContacts}
            </a>
          )}
          {problem === null && (
            <ImportLink to={null} class="button">
              {runWords.importAnother}
            </ImportLink>
          )}
        </Summary>
      )}
    </article>
  );
}

const TITLE_ID = 'run-title';

/** An upload that is sent again has not come to its end, although the services have ended it. */
function endingOf(view: ImportView): ImportState | null {
  const { state } = view;
  const isOver = state !== null && (hasEnded(state) || state.status === 'undoing') && !isSentAgain(view);
  return isOver ? state : null;
}

/** Milliseconds for which the end waits for the reasons of rejected rows, at most. */
const REASONS_WITHIN_MS = 1_500;

/** The end is shown together with what needs the reader, so that nothing moves away under the pointer. */
function useEnding(view: ImportView, { list }: Pick<Mending, 'list'>): ImportState | null {
  const ending = endingOf(view);
  const needsReasons = ending !== null && hasRowsToFix(ending);
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!needsReasons) return;
    void list.reload();
    const timer = setTimeout(() => setLate(true), REASONS_WITHIN_MS);
    return () => clearTimeout(timer);
  }, [needsReasons, list]);
  return needsReasons && !isLate && !list.isSettled.value ? null : ending;
}

function hasContacts(state: ImportState): boolean {
  return state.undo === null && !state.dryRun && contactsWritten(state) + state.rows.unchanged > 0;
}

interface RunHeadProps extends Pick<ImportRunProps, 'view' | 'onGiveUp'> {
  readonly cancel: () => Promise<void>;
}

function RunHead({ view, cancel, onGiveUp }: RunHeadProps) {
  const { state, problem } = view;
  const isOver = state !== null && isAtRest(state) && !isSentAgain(view);
  return (
    <header class="run-head">
      <span class="file-name" data-testid="file-name">
        {view.fileName}
      </span>
      <div class="run-status">
        <StatusBadgeView badge={badgeOfView(view)} testId="status" />
        {!isOver && (problem === null || state !== null) && <ConnectionBadge kind={view.connection.kind} />}
        {onGiveUp !== null && mayBeGivenUp(view) && (
          <ActionButton onClick={onGiveUp} testId="give-up">
            {cancelWords.label}
          </ActionButton>
        )}
        {state !== null && view.cancelWaits === null && (mayBeCancelled(state) || isSentAgain(view)) && (
          <Cancel view={view} cancel={cancel} />
        )}
      </div>
    </header>
  );
}

/** What is shown of an import that nobody knows yet: the places of its numbers. */
const noState = { ...noRows(), total: null };

function Progress({ view, tellWhenDone }: { view: ImportView } & Pick<ImportActions, 'tellWhenDone'>) {
  const rows = view.state === null || isSentAgain(view) ? noState : view.state.rows;
  return (
    <section class={isStale(view) ? 'card is-stale' : 'card'} aria-label={runWords.progress}>
      <ProgressPhases view={view} />
      <RunNote view={view} tellWhenDone={tellWhenDone} />
      <div class="buckets">
        <h2>{runWords.rowsByOutcome}</h2>
        <BucketBar rows={rows} />
        <BucketLegend rows={rows} />
      </div>
    </section>
  );
}

interface RunProblemProps {
  readonly view: ImportView;
  readonly problem: PageProblem;
  readonly nextTry: ComponentChildren;
}

function RunProblem({ view, problem, nextTry }: RunProblemProps) {
  const lags = view.state !== null && view.stateAt !== null && isStale(view);
  return (
    <ProblemNote problem={problem} said={true} note={lags ? runWords.numbersLag(view.stateAt) : null}>
      {nextTry}
    </ProblemNote>
  );
}

/** Whoever has signed in meanwhile may try the same again. */
function mayHelpAgain({ code, retriable }: PageProblem): boolean {
  return retriable === true || code === 'token_missing';
}

/** How to go on after an upload that did not arrive: the same file where that may help, or another one. */
function NextTry({ view, onSendAgain, onFile }: Pick<ImportRunProps, 'view' | 'onSendAgain' | 'onFile'>) {
  const { problem, state, upload, fileName } = view;
  if (upload === null && problem !== null) return <ImportLink to={null}>{runWords.importFile}</ImportLink>;
  const mayHelp = problem === null ? state !== null && isWorthSendingAgain(state) : mayHelpAgain(problem);
  if (!mayHelp) return <FileInput label={startWords.chooseAnotherFile} onFile={onFile} />;
  // As an import of its own it would count rows as known that the undo then removes.
  if (onSendAgain === null && state !== null && isTakenBackNow(state)) return null;
  if (onSendAgain === null)
    return <FileInput label={startWords.chooseAgain(fileName)} primary onFile={onFile} />;
  return (
    <>
      <ActionButton primary onClick={onSendAgain} testId="send-again">
        {runWords.sendAgain}
      </ActionButton>
      <FileInput label={startWords.chooseAnotherFile} onFile={onFile} />
    </>
  );
}
