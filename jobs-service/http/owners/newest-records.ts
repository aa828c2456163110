import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';

type ReadableLog = Pick<EventLog, 'read'>;

/**
 * The newest record of each key of a compacted topic, of the keys and values that are wanted, in the order of the log. Reads the topic twice, and
 * holds no value: some hundred bytes for each key that is wanted.
 * @param isWanted a record that is not wanted hides older ones of its key
 */
export async function* newestRecords(
  log: ReadableLog,
  topic: string,
  isWanted: (record: LogRecord) => boolean,
): AsyncGenerator<LogRecord> {
  const places = new Map<string, string>();
  for await (const record of recordsOf(log, topic)) {
    if (record.value !== null && isWanted(record)) places.set(record.key, placeOf(record));
    else places.delete(record.key);
  }
  if (places.size === 0) return;
  for await (const record of recordsOf(log, topic))
    if (places.get(record.key) === placeOf(record)) yield record;
}

async function* recordsOf(log: ReadableLog, topic: string): AsyncGenerator<LogRecord> {
  for await (const records of log.read({ topic, from: 'earliest', follow: false })) yield* records;
}

function placeOf({ partition, offset }: LogRecord): string {
  return `${partition}/${offset}`;
}
