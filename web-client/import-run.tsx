/** One import, from its first byte to its sum. Draws a view; knows nothing of sockets. */
import { hasEnded } from '../contracts/import-vocabulary.ts';
import { BucketBar, BucketLegend } from './bucket-bar.tsx';
import { ConnectionBadge, StaleNote } from './connection-note.tsx';
import { Heading } from './heading.tsx';
import { type ImportView, isStale } from './import-view.ts';
import { ProblemNote } from './problem-note.tsx';
import { ProgressPhases } from './progress-phases.tsx';
import { Summary } from './summary.tsx';
import { explainWaiting, statusTones, statusWords, type Tone } from './words.ts';

interface ImportRunProps {
  readonly view: ImportView;
  readonly downloadRejected: () => Promise<void>;
}

export function ImportRun({ view, downloadRejected }: ImportRunProps) {
  const { state, problem } = view;
  const ended = state !== null && hasEnded(state);
  const badge = statusBadge(view);
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
          {!ended && problem === null && <ConnectionBadge kind={view.connection.kind} />}
        </p>
      </header>
      {problem !== null && <ProblemNote problem={problem} retryHref="/" said={true} />}
      {problem === null && <StaleNote view={view} />}
      {state?.waitingFor != null && !ended && (
        <p class="callout is-warn">{explainWaiting(state.waitingFor)}</p>
      )}
      {ended && <Summary state={state} explained={problem !== null} downloadRejected={downloadRejected} />}
      {(problem === null || state !== null) && (
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
      )}
      <p class="run-more">
        {problem === null && <a href="/">Import another file</a>}
        {ended && <a href="/contacts">See the contacts</a>}
      </p>
    </article>
  );
}

function statusBadge(view: ImportView): { text: string; tone: Tone } {
  if (view.problem !== null && (view.state === null || !hasEnded(view.state))) {
    return { text: view.upload === null ? 'Not available' : 'Not imported', tone: 'bad' };
  }
  if (view.upload?.phase === 'opening') return { text: 'Opening', tone: 'busy' };
  if (view.upload?.phase === 'sending') return { text: 'Uploading', tone: 'busy' };
  if (view.state === null) return { text: view.upload === null ? 'Loading' : 'Accepted', tone: 'busy' };
  return { text: statusWords[view.state.status], tone: statusTones[view.state.status] };
}
