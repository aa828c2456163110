import type { NewRecord, PartitionProcessor } from '../event-log.ts';

/** Puts out every record under its key, with its offset as a header. */
export function copier(topic: string, commitNow: boolean): PartitionProcessor {
  const waiting: NewRecord[] = [];
  return {
    handle(records) {
      for (const { key, value, offset } of records) {
        waiting.push({ topic, key, value, headers: { offset: String(offset) } });
      }
      return commitNow;
    },
    outputs: () => waiting.splice(0),
  };
}
