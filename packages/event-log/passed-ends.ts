import type { EventLog } from './event-log.ts';

/**
 * Whether the group has every record behind it that stands before these offsets. Positions alone do not tell: offsets have gaps, and what was
 * removed is committed by nobody. So one batch is read of each partition whose position falls short, up to the first in which
 * a record waits.
 *
 * @param ends by partition, as `endOffsets` gave them
 */
export async function hasPassed(
  log: Pick<EventLog, 'committedOffsets' | 'read'>,
  group: string,
  topic: string,
  ends: readonly number[],
): Promise<boolean> {
  const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
  for (const [partition, end] of ends.entries()) {
    if ((offsets[partition] ?? 0) >= end) continue;
    for await (const [first] of log.read({
      topic,
      partitions: [partition],
      from: { offsets },
      follow: false,
    })) {
      if (first !== undefined && first.offset < end) return false;
      break;
    }
  }
  return true;
}
