/** What the reader needs to know of a channel's connection, with the device's own word on being offline. */
import type { Channel, ChannelState } from '@tidings/client/index.ts';

/** `degraded`: there is one, and what happens arrives late on it. */
export type ConnectionKind = 'connecting' | 'live' | 'degraded' | 'reconnecting' | 'offline' | 'refused';

export interface ConnectionView {
  readonly kind: ConnectionKind;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Milliseconds without a first connection after which the page says so. */
const PATIENCE_MS = 4_000;

/** Tells whenever it may have changed; the same kind may be told again. Returns what ends it. */
export function watchConnection(channel: Channel, tell: (kind: ConnectionKind) => void): () => void {
  let overdue = false;
  const update = (): void => tell(connectionKind(channel, { overdue, online: navigator.onLine }));
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
  /** Whether a first connection has been waited for long enough. */
  readonly overdue: boolean;
  /** As the device sees it. */
  readonly online: boolean;
}

const away: ReadonlySet<ChannelState> = new Set(['reconnecting', 'draining']);

/** A degraded hub is connected, whether it has opened the channel or refuses to for now. */
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

/** The same one where its kind is still the same. */
export function connectionAfter(known: ConnectionView, kind: ConnectionKind, at: number): ConnectionView {
  if (known.kind === kind) return known;
  // Between offline and reconnecting the outage goes on: it began where it began.
  const lasting = isAway(known.kind) && isAway(kind);
  return { kind, since: lasting ? known.since : at };
}

/** Whether there is no connection for now. */
export function isAway(kind: ConnectionKind): boolean {
  return kind === 'reconnecting' || kind === 'offline';
}
