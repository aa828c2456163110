/** Whether the page hears from the services at this moment, and how old its numbers are when it does not, or late. */

import { formatClock } from '../words/format.ts';
import { type ConnectionKind, type ConnectionView, isAway } from './connection.ts';
import { type ImportView, isStale } from './import-view.ts';

const words: Record<ConnectionKind, string> = {
  connecting: 'Connecting',
  live: 'Live',
  degraded: 'Updates delayed',
  reconnecting: 'Reconnecting',
  offline: 'Offline',
  refused: 'Not connected',
};

export function ConnectionBadge({ kind }: { kind: ConnectionKind }) {
  return (
    <span class={`connection is-${kind}`} data-testid="connection">
      <span class="connection-dot" aria-hidden="true" />
      {words[kind]}
    </span>
  );
}

/** Shown only while the numbers of an import may lag behind. */
export function StaleNote({ view }: { view: ImportView }) {
  if (!isStale(view)) return null;
  if (view.connection.kind === 'degraded') return <LateNote view={view} />;
  if (view.upload?.phase === 'opening') return <UnsentNote view={view} />;
  const reason =
    view.connection.kind === 'offline'
      ? 'This device is offline.'
      : `No connection since ${formatClock(view.connection.since)}.`;
  const upload = isSending(view) ? keepOpen : ' The import does not depend on this page.';
  return (
    <p class="callout is-warn" data-testid="stale-note">
      <strong>{reason}</strong>
      {numbersAsOf(view)}
      {view.state === null ? '' : upload}
      {view.connection.kind !== 'refused' && ' It reconnects by itself.'}
    </p>
  );
}

/** The server is away, and nothing of the file has been sent. */
function UnsentNote({ view: { connection } }: { view: ImportView }) {
  return (
    <p class="callout is-warn" data-testid="unsent-note">
      <strong>
        {connection.kind === 'offline' ? 'This device is offline.' : 'The server cannot be reached.'}
      </strong>{' '}
      The file is still on this device. It is sent as soon as the server answers: keep this page open until
      then, or cancel.
    </p>
  );
}

const keepOpen = ' Keep this page open: the file is still being sent.';

/** The services work, and are heard of late. Only a file whose channel is still to be opened has to wait. */
function LateNote({ view }: { view: ImportView }) {
  if (view.upload?.phase === 'opening') {
    return (
      <p class="callout is-warn" data-testid="late-note">
        <strong>Live updates are not available at the moment.</strong> The file is still on this device, and
        is sent as soon as they are: keep this page open until then, or cancel.
      </p>
    );
  }
  return (
    <p class="callout is-warn" data-testid="late-note">
      <strong>Live updates may be late.</strong>
      {numbersAsOf(view)}
      {isSending(view) ? keepOpen : ' The import goes on, and nothing is lost.'} This page catches up by
      itself.
    </p>
  );
}

function numbersAsOf({ stateAt }: ImportView): string {
  return stateAt === null ? '' : ` The numbers are as of ${formatClock(stateAt)}.`;
}

function isSending({ upload }: ImportView): boolean {
  return upload !== null && upload.phase === 'sending';
}

/** Shown only while what support sees may lag behind. */
export function SupportStaleNote({ connection: { kind, since } }: { connection: ConnectionView }) {
  if (kind === 'degraded') {
    return (
      <p class="callout is-warn support-note" data-testid="late-note">
        <strong>Live updates may be late.</strong> What is shown may have changed since {formatClock(since)}.
        Imports go on, and nothing is lost. This page catches up by itself.
      </p>
    );
  }
  if (!isAway(kind)) return null;
  const reason =
    kind === 'offline' ? 'This device is offline.' : `No connection since ${formatClock(since)}.`;
  return (
    <p class="callout is-warn support-note" data-testid="stale-note">
      <strong>{reason}</strong> What is shown may have changed since. It reconnects by itself.
    </p>
  );
}
