/** How much waits on a schedule, in every process that schedules: so each can refuse what would be too much, and asks nobody. */
import type { EventLog } from '../event-log.ts';
import { openTable } from '../table.ts';

export interface ScheduleLoad {
  /** Schedules that wait. */
  readonly schedules: number;
  /** Bytes of their values on the log. */
  readonly bytes: number;
  close(): Promise<void>;
}

export interface ScheduleLoadOptions {
  readonly log: EventLog;
  readonly scheduleTopic: string;
}

/** Holds some 150 bytes for each schedule, and no record. Rejects as `read` does. */
export async function openScheduleLoad({ log, scheduleTopic }: ScheduleLoadOptions): Promise<ScheduleLoad> {
  const sizes = new Map<string, number>();
  let bytes = 0;
  const keep = (key: string, size = 0) => {
    bytes += size - (sizes.get(key) ?? 0);
    if (size === 0) sizes.delete(key);
    else sizes.set(key, size);
  };
  const table = await openTable<number>({
    log,
    topic: scheduleTopic,
    decode: ({ value }) => value.byteLength,
  });
  for (const [key, size] of table.entries()) keep(key, size);
  table.onChange(keep);
  return {
    get schedules() {
      return sizes.size;
    },
    get bytes() {
      return bytes;
    },
    close: () => table.close(),
  };
}
