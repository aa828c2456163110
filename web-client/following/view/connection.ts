/** What a reader needs to know of a channel's connection, including whether the device itself is offline. */
import type { Channel, ChannelState } from '@tidings/client/index.ts';

/** `degraded`: connected to a hub whose notifications arrive late. `refused`: closed for good. */
export type ConnectionKind = 'connecting' | 'live' | 'degraded' | 'reconnecting' | 'offline' | 'refused';

export interface ConnectionView {
  readonly kind: ConnectionKind;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Milliseconds without a first connection after which the page says so. */
const PATIENCE_MS = 4_000;

/**
 * Calls `onKind` whenever the connection may have changed, also with the same kind again.
 *
 * @returns a function that ends the watching
 */
export function watchConnection(channel: Channel, onKind: (kind: ConnectionKind) => void): () => void {
  let overdue = false;
  const update = (): void => onKind(connectionKind(channel, { overdue, online: navigator.onLine }));
  const timer = setTimeout(() => {
    overdue = true;
    update();
  }, PATIENCE_MS);
  const unsubscribes = [channel.onState(update), channel.onDegraded(update)];
  addEventListener('online', update);
  addEventListener('offline', update);
  return () => {
    clearTimeout(timer);
    for (const unsubscribe of unsubscribes) unsubscribe();
    removeEventListener('online', update);
    removeEventListener('offline', update);
  };
}

interface Circumstances {
  /** Whether the first connection takes longer than a page should stay silent about. */
  readonly overdue: boolean;
  /** What the device says of its own network. */
  readonly online: boolean;
}

const away: ReadonlySet<ChannelState> = new Set(['reconnecting', 'draining']);

/** A degraded hub counts as connected, whether or not it has opened the channel. */
export function connectionKind(
  { state, degraded }: Pick<Channel, 'state' | 'degraded'>,
  { overdue, online }: Circumstances,
): ConnectionKind {
  if (state === 'closed') return 'refused';
  if (degraded !== null && state !== 'draining') return 'degraded';
  if (state === 'live') return 'live';
  if (!away.has(state) && !overdue) return 'connecting';
  return online ? 'reconnecting' : 'offline';
}

/** The same object where the kind has not changed, so that nothing is drawn again. */
export function connectionAfter(known: ConnectionView, kind: ConnectionKind, at: number): ConnectionView {
  if (known.kind === kind) return known;
  // Between offline and reconnecting one outage goes on, and keeps its start.
  const lasting = isAway(known.kind) && isAway(kind);
  return { kind, since: lasting ? known.since : at };
}

/** Whether there is no connection at the moment. */
export function isAway(kind: ConnectionKind): boolean {
  return kind === 'reconnecting' || kind === 'offline';
}
