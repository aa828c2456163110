import type { EventLog } from './event-log.ts';

type ReadableLog = Pick<EventLog, 'committedOffsets' | 'endOffsets' | 'read'>;

/** What a group does not have behind it of a topic. */
export interface Unread {
  /** At most: offsets have gaps, and what was removed is committed by nobody. 0 where no record waits. */
  readonly records: number;
  /** When the oldest of them was appended, in milliseconds since 1970 by the log's clock; null where there is none. */
  readonly since: number | null;
  /** Whether the group has a position anywhere in the topic. */
  readonly isBegun: boolean;
}

/** Reads one batch of each partition in which records wait. */
export async function unreadOf(log: ReadableLog, group: string, topic: string): Promise<Unread> {
  const [committed, ends] = await Promise.all([log.committedOffsets(group, topic), log.endOffsets(topic)]);
  const offsets = ends.map((_, partition) => committed[partition] ?? 0);
  const missing = ends.map((end, partition) => end - (offsets[partition] ?? 0));
  const short = [...missing.keys()].filter((partition) => (missing[partition] ?? 0) > 0);
  const found = await Promise.all(
    short.map(async (partition) => {
      const from = { offsets };
      for await (const [first] of log.read({ topic, partitions: [partition], from, follow: false }))
        return first === undefined ? null : { since: first.timestamp, records: missing[partition] ?? 0 };
      return null;
    }),
  );
  const waiting = found.filter((one) => one !== null);
  return {
    records: waiting.reduce((sum, { records }) => sum + records, 0),
    since: waiting.length === 0 ? null : Math.min(...waiting.map(({ since }) => since)),
    isBegun: committed.some((offset) => offset !== null),
  };
}

/**
 * When the oldest record was appended that the group does not have behind it, in milliseconds since 1970 by the log's clock; null where
 * there is none. Reads one batch of each partition in which records wait.
 */
export async function oldestUnread(log: ReadableLog, group: string, topic: string): Promise<number | null> {
  return (await unreadOf(log, group, topic)).since;
}
