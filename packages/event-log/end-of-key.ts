import { partitionOf } from './engine/partitioner.ts';
import type { EventLog } from './event-log.ts';

/** The end of the partition that the key's records are in: every record of the key that is on the log lies before it. */
export async function endOfKey(
  log: Pick<EventLog, 'endOffsets'>,
  topic: string,
  key: string,
): Promise<number> {
  const ends = await log.endOffsets(topic);
  return ends[partitionOf(key, ends.length)] ?? 0;
}
