/** Notes that are shown while the numbers of an import may lag behind. */
import { type ImportView, isStale } from '../../following/view/import-view.ts';
import { joinSentences, sentenceGap } from '../../words/format/sentences.ts';
import { staleWords } from '../../words/words.ts';

export function StaleNote({ view }: { view: ImportView }) {
  // The note on the upload that is sent again tells all that matters then.
  if (!isStale(view) || view.upload?.phase === 'retrying') return null;
  const isUnsent = view.upload?.phase === 'opening';
  if (view.connection.kind === 'degraded')
    return isUnsent ? <UnsentWhileLateNote /> : <LateNote view={view} />;
  return isUnsent ? <UnsentNote view={view} /> : <AwayNote view={view} />;
}

function AwayNote({ view: { connection, state, stateAt, upload } }: { view: ImportView }) {
  const reason =
    connection.kind === 'offline' ? staleWords.offline : staleWords.noConnection(connection.since);
  return (
    <Note
      testId="stale-note"
      reason={reason}
      sentences={[
        stateAt === null ? null : staleWords.asOf(stateAt),
        state === null ? null : meaningOf(upload, staleWords.independent),
        connection.kind === 'refused' ? null : staleWords.reconnects,
      ]}
    />
  );
}

/** The server cannot be reached, and nothing of the file has been sent. */
function UnsentNote({ view: { connection } }: { view: ImportView }) {
  const reason = connection.kind === 'offline' ? staleWords.offline : staleWords.unreachable;
  return <Note testId="unsent-note" reason={reason} sentences={[staleWords.unsent]} />;
}

/** The services work, but their notifications arrive late. */
function LateNote({ view: { stateAt, upload } }: { view: ImportView }) {
  return (
    <Note
      testId="late-note"
      reason={staleWords.late}
      sentences={[
        stateAt === null ? null : staleWords.asOf(stateAt),
        meaningOf(upload, staleWords.goesOn),
        staleWords.catchesUp,
      ]}
    />
  );
}

/** A degraded hub opens no channel, so a file without one has to wait. */
function UnsentWhileLateNote() {
  return (
    <Note testId="late-note" reason={staleWords.notAvailable} sentences={[staleWords.unsentWhileLate]} />
  );
}

interface NoteProps {
  readonly testId: string;
  readonly reason: string;
  readonly sentences: readonly (string | null)[];
}

function Note({ testId, reason, sentences }: NoteProps) {
  return (
    <p class="callout is-warn" data-testid={testId}>
      <strong>{reason}</strong>
      {sentenceGap()}
      {joinSentences(sentences)}
    </p>
  );
}

/** While bytes are on their way, the page has to stay open; otherwise the import goes on without the page. */
function meaningOf(upload: ImportView['upload'], otherwise: string): string {
  return upload?.phase === 'sending' ? staleWords.keepOpen : otherwise;
}
