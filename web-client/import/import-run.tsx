/** One import, from its first byte to its sum. Draws a view; knows nothing of sockets. */

import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded } from '@tidings/contracts/import.ts';
import type { ComponentChildren } from 'preact';
import { BucketBar, BucketLegend } from '../following/bucket-bar.tsx';
import { ConnectionBadge, StaleNote } from '../following/connection-note.tsx';
import { type ImportView, isStale } from '../following/import-view.ts';
import { FileInput } from '../shell/file-input.tsx';
import { Heading } from '../shell/heading.tsx';
import type { PageProblem } from '../shell/page-problem.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { formatClock } from '../words/format.ts';
import { type Badge, isWorthSendingAgain, nothingImported, statusBadge } from '../words/words.ts';
import { ProgressPhases } from './progress-phases.tsx';
import { Summary } from './summary.tsx';

interface ImportRunProps {
  readonly view: ImportView;
  readonly downloadRejected: () => Promise<void>;
  /** Sends the file anew; null where this tab does not hold it. */
  readonly onSendAgain: (() => void) | null;
  /** Ends an import of which nothing was sent yet; null where there is none. */
  readonly onGiveUp: (() => void) | null;
  readonly onFile: (file: File) => void;
}

export function ImportRun({ view, downloadRejected, onSendAgain, onGiveUp, onFile }: ImportRunProps) {
  const { state, problem } = view;
  const ended = state !== null && hasEnded(state);
  const badge = runBadge(view);
  const nextTry = <NextTry view={view} onSendAgain={onSendAgain} onFile={onFile} />;
  return (
    <article class="run" aria-labelledby="run-title">
      <header class="run-head">
        <Heading id="run-title">
          <span class="file-name" data-testid="file-name">
            {view.fileName}
          </span>
        </Heading>
        <p class="run-status">
          <span class={`badge is-${badge.tone}`} data-testid="status">
            {badge.text}
          </span>
          {!ended && (problem === null || state !== null) && <ConnectionBadge kind={view.connection.kind} />}
        </p>
      </header>
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
            Cancel this import
          </button>
        )}
        {problem === null && <a href="/">Import another file</a>}
        {ended && !nothingImported(state) && <a href="/contacts">See the contacts</a>}
      </div>
    </article>
  );
}

function Progress({ view, state }: { view: ImportView; state: ImportState | null }) {
  return (
    <section class={isStale(view) ? 'card is-stale' : 'card'} aria-label="Progress">
      <ProgressPhases view={view} />
      {state !== null && (
        <div class="buckets">
          <h2>Rows by outcome</h2>
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
    <ProblemNote
      problem={problem}
      said={true}
      note={
        lags
          ? `The numbers below are as of ${formatClock(view.stateAt)}. This page tells the rest as soon as the server can be reached.`
          : null
      }
    >
      {nextTry}
    </ProblemNote>
  );
}

/** The way on from an upload that did not arrive: the same file, where that may help, or one to be chosen. */
function NextTry({ view, onSendAgain, onFile }: Pick<ImportRunProps, 'view' | 'onSendAgain' | 'onFile'>) {
  const { problem, state, upload, fileName } = view;
  if (upload === null && problem !== null) return <a href="/">Import a file</a>;
  const mayHelp =
    problem === null ? state !== null && isWorthSendingAgain(state) : problem.retriable === true;
  if (!mayHelp) return <FileInput label="Choose another file" onFile={onFile} />;
  if (onSendAgain === null) return <FileInput label={`Choose ${fileName} again`} primary onFile={onFile} />;
  return (
    <>
      <button type="button" class="button is-primary" onClick={onSendAgain} data-testid="send-again">
        Send it again
      </button>
      <FileInput label="Choose another file" onFile={onFile} />
    </>
  );
}

/** What has become of it so far, in a word. */
export function runBadge(view: ImportView): Badge {
  const { problem, state, upload } = view;
  if (problem !== null && (state === null || !hasEnded(state))) {
    if (upload === null) return { text: 'Not available', tone: 'bad' };
    // Whatever had arrived goes on: the import is no more refused as a whole than it is complete.
    const begun = state !== null || problem.code === 'network';
    return { text: begun ? 'Broken off' : 'Not imported', tone: 'bad' };
  }
  if (upload?.phase === 'opening') return { text: 'Waiting', tone: 'busy' };
  if (upload?.phase === 'sending') return { text: 'Uploading', tone: 'busy' };
  if (state === null) return { text: upload === null ? 'Loading' : 'Accepted', tone: 'busy' };
  return statusBadge(state.status, nothingImported(state));
}
