/** One import, from its first byte to its sum. Draws a view; knows nothing of sockets. */
import './run.css';
import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded } from '@tidings/contracts/import.ts';
import type { ComponentChildren } from 'preact';
import { BucketBar, BucketLegend } from '../following/bucket-bar.tsx';
import { ConnectionBadge } from '../following/connection-badge.tsx';
import { isWorthSendingAgain, nothingImported } from '../following/import-outcome.ts';
import { type ImportView, isStale } from '../following/import-view.ts';
import { StatusBadgeView } from '../following/status-badge.tsx';
import { FileInput } from '../shell/file-input.tsx';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { runWords, startWords } from '../words/import.ts';
import { ProgressPhases } from './progress-phases.tsx';
import { badgeOfView } from './run-badge.ts';
import { StaleNote } from './stale-note.tsx';
import { Summary } from './summary.tsx';

interface ImportRunProps {
  readonly view: ImportView;
  readonly downloadRejected: () => Promise<void>;
  /** Sends the file again from its first byte; null where this tab does not hold the file. */
  readonly onSendAgain: (() => void) | null;
  /** Ends an import of which nothing was sent yet; null where it cannot be ended. */
  readonly onGiveUp: (() => void) | null;
  readonly onFile: (file: File) => void;
}

export function ImportRun({ view, downloadRejected, onSendAgain, onGiveUp, onFile }: ImportRunProps) {
  const { state, problem } = view;
  const ended = state !== null && hasEnded(state);
  const nextTry = <NextTry view={view} onSendAgain={onSendAgain} onFile={onFile} />;
  return (
    <article class="run" aria-labelledby="run-title">
      <RunHead view={view} ended={ended} />
      {problem !== null && <RunProblem view={view} problem={problem} nextTry={nextTry} />}
      {problem === null && <StaleNote view={view} />}
      {ended && (
        <Summary
          state={state}
          downloadRejected={downloadRejected}
          nextTry={problem === null ? nextTry : null}
        />
      )}
      {(problem === null || state !== null) && <Progress view={view} state={state} />}
      <div class="run-more">
        {onGiveUp !== null && view.upload?.phase === 'opening' && (
          <button type="button" class="button" onClick={onGiveUp} data-testid="give-up">
            {runWords.cancel}
          </button>
        )}
        {problem === null && <a href="/">{runWords.importAnother}</a>}
        {ended && !nothingImported(state) && <a href="/contacts">{runWords.seeContacts}</a>}
      </div>
    </article>
  );
}

function RunHead({ view, ended }: { view: ImportView; ended: boolean }) {
  return (
    <header class="run-head">
      <Heading id="run-title">
        <span class="file-name" data-testid="file-name">
          {view.fileName}
        </span>
      </Heading>
      <p class="run-status">
        <StatusBadgeView badge={badgeOfView(view)} testId="status" />
        {!ended && (view.problem === null || view.state !== null) && (
          <ConnectionBadge kind={view.connection.kind} />
        )}
      </p>
    </header>
  );
}

function Progress({ view, state }: { view: ImportView; state: ImportState | null }) {
  return (
    <section class={isStale(view) ? 'card is-stale' : 'card'} aria-label={runWords.progress}>
      <ProgressPhases view={view} />
      {state !== null && (
        <div class="buckets">
          <h2>{runWords.rowsByOutcome}</h2>
          <BucketBar rows={state.rows} />
          <BucketLegend rows={state.rows} />
        </div>
      )}
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

/** How to go on after an upload that did not arrive: the same file where that may help, or another one. */
function NextTry({ view, onSendAgain, onFile }: Pick<ImportRunProps, 'view' | 'onSendAgain' | 'onFile'>) {
  const { problem, state, upload, fileName } = view;
  if (upload === null && problem !== null) return <a href="/">{runWords.importFile}</a>;
  const mayHelp =
    problem === null ? state !== null && isWorthSendingAgain(state) : problem.retriable === true;
  if (!mayHelp) return <FileInput label={startWords.chooseAnotherFile} onFile={onFile} />;
  if (onSendAgain === null)
    return <FileInput label={startWords.chooseAgain(fileName)} primary onFile={onFile} />;
  return (
    <>
      <button type="button" class="button is-primary" onClick={onSendAgain} data-testid="send-again">
        {runWords.sendAgain}
      </button>
      <FileInput label={startWords.chooseAnotherFile} onFile={onFile} />
    </>
  );
}
