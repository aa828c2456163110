import type { EventLog } from './event-log.ts';

/**
 * The partitions of which the group has every record behind it that stands before these offsets. Positions alone do not tell: offsets have gaps,
 * and what was removed is committed by nobody. So one batch is read of each partition whose position falls short, up to the first in
 * which a record waits.
 *
 * @param ends by partition, as `endOffsets` gave them
 */
export async function passedPartitions(
  log: Pick<EventLog, 'committedOffsets' | 'read'>,
  group: string,
  topic: string,
  ends: ReadonlyMap<number, number>,
): Promise<Set<number>> {
  const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
  const passed = new Set<number>();
  for (const [partition, end] of ends)
    if ((offsets[partition] ?? 0) >= end || !(await waitsBefore(log, topic, partition, offsets, end)))
      passed.add(partition);
  return passed;
}

async function waitsBefore(
  log: Pick<EventLog, 'read'>,
  topic: string,
  partition: number,
  offsets: readonly number[],
  end: number,
): Promise<boolean> {
  const from = { offsets };
  for await (const [first] of log.read({ topic, partitions: [partition], from, follow: false }))
    return first !== undefined && first.offset < end;
  return false;
}
