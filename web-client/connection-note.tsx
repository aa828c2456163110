/** Whether the page hears from the services at this moment, and how old its numbers are when it does not. */
import { formatClock } from './format.ts';
import { type ConnectionKind, type ImportView, isStale } from './import-view.ts';

const words: Record<ConnectionKind, string> = {
  connecting: 'Connecting',
  live: 'Live',
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

/** Shown only while the numbers may lag behind. */
export function StaleNote({ view }: { view: ImportView }) {
  if (!isStale(view)) return null;
  const reason =
    view.connection.kind === 'offline'
      ? 'This device is offline.'
      : `No connection since ${formatClock(view.connection.since)}.`;
  const numbers = view.stateAt === null ? '' : ` The numbers are as of ${formatClock(view.stateAt)}.`;
  const upload =
    view.upload !== null && view.upload.phase === 'sending'
      ? ' Keep this page open: the file is still being sent.'
      : ' The import does not depend on this page.';
  return (
    <p class="callout is-warn" data-testid="stale-note">
      <strong>{reason}</strong>
      {numbers}
      {view.state === null ? '' : upload}
      {view.connection.kind !== 'refused' && ' It reconnects by itself.'}
    </p>
  );
}
