import type { EventLog } from './event-log.ts';

type ReadableLog = Pick<EventLog, 'committedOffsets' | 'endOffsets' | 'read'>;

/**
 * When the oldest record was appended that the group does not have behind it, in milliseconds since 1970 by the log's clock; null where
 * there is none. Reads one batch of each partition in which records wait.
 */
export async function oldestUnread(log: ReadableLog, group: string, topic: string): Promise<number | null> {
  const [committed, ends] = await Promise.all([log.committedOffsets(group, topic), log.endOffsets(topic)]);
  const offsets = ends.map((_, partition) => committed[partition] ?? 0);
  const waiting = [...ends.keys()].filter((partition) => (offsets[partition] ?? 0) < (ends[partition] ?? 0));
  const times = await Promise.all(
    waiting.map(async (partition) => {
      for await (const [first] of log.read({
        topic,
        partitions: [partition],
        from: { offsets },
        follow: false,
      }))
        return first?.timestamp ?? Number.POSITIVE_INFINITY;
      return Number.POSITIVE_INFINITY;
    }),
  );
  const oldest = Math.min(...times);
  return Number.isFinite(oldest) ? oldest : null;
}
