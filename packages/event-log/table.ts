import { callEach } from '@tidings/failures/call-each.ts';
import { pause, pauseAfter } from '@tidings/failures/retry.ts';
import { type EventLog, isLogOver, type LogRecord } from './event-log.ts';

/** A record with a value, so no tombstone. */
export type ValueRecord = LogRecord & { readonly value: Uint8Array };

/** Called for each record once the table holds it; `value` is undefined where the key was removed. */
export type TableListener<Value> = (key: string, value: Value | undefined, record: LogRecord) => void;

/** How far a table is behind its topic. */
export interface TableLag {
  /** What it lacks, at most: offsets have gaps. 0 where it holds all that the log held at the call. */
  readonly records: number;
  /** When the oldest record was appended that it lacks, in milliseconds since 1970 by the log's clock; null where it lacks none. */
  readonly since: number | null;
}

/** The newest value of each key of a compacted topic, in memory. */
export interface Table<Value> {
  get(key: string): Value | undefined;
  entries(): IterableIterator<[string, Value]>;
  readonly size: number;
  /** Resolves when the table holds all that the log held at the call. Rejects as `read` does. */
  catchUp(): Promise<void>;
  /** Asks the log for its end, and takes nothing in. Reads one batch of each partition that falls short. Rejects as `read` does. */
  lag(): Promise<TableLag>;
  /** Returns what ends it. What a listener throws goes to `onError`, and keeps none of the others from its call. */
  onChange(listener: TableListener<Value>): () => void;
  close(): Promise<void>;
}

export interface TableOptions<Value> {
  readonly log: EventLog;
  readonly topic: string;
  decode(record: ValueRecord): Value;
  /**
   * Called for a record at which `decode` throws; it is passed over, and the key keeps its former value. Called without a record for
   * interruptions of the log, and where a listener throws, with its error as the cause; the table goes on. Default: a warning of the process.
   */
  onError?(error: unknown, record?: LogRecord): void;
}

/** Between two attempts to go on after an interruption. */
const pauses = { firstMs: 100, longestMs: 5_000 };

/** Resolves when the table holds the whole topic; from then on it follows. Rejects as `read` does. */
export async function openTable<Value>(options: TableOptions<Value>): Promise<Table<Value>> {
  const table = new LiveTable(options);
  await table.load();
  table.follow();
  return table;
}

class LiveTable<Value> implements Table<Value> {
  private readonly options: TableOptions<Value>;
  private readonly values = new Map<string, Value>();
  private readonly listeners = new Set<TableListener<Value>>();
  private readonly stop = new AbortController();
  /** By partition: where to go on. */
  private offsets: number[] = [];
  private reading: AsyncIterator<readonly LogRecord[]> | null = null;
  private following: Promise<void> = Promise.resolve();

  constructor(options: TableOptions<Value>) {
    this.options = options;
  }

  get size(): number {
    return this.values.size;
  }

  get(key: string): Value | undefined {
    return this.values.get(key);
  }

  entries(): IterableIterator<[string, Value]> {
    return this.values.entries();
  }

  onChange(listener: TableListener<Value>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.reading?.return?.();
    await this.following;
  }

  async load(): Promise<void> {
    const { log, topic } = this.options;
    // The end is read first: the last records may be compacted away, and then no record shows where the end was.
    const ends = await log.endOffsets(topic);
    for await (const records of log.read({ topic, from: 'earliest', follow: false })) this.takeIn(records);
    this.offsets = ends.map((end, partition) => Math.max(end, this.offsets[partition] ?? 0));
  }

  async catchUp(): Promise<void> {
    const { log, topic } = this.options;
    const from = { offsets: [...this.offsets] };
    for await (const records of log.read({ topic, from, follow: false })) this.takeIn(records);
  }

  async lag(): Promise<TableLag> {
    const ends = await this.options.log.endOffsets(this.options.topic);
    const short = [...ends.keys()].filter((partition) => this.missing(partition, ends) > 0);
    const times = await Promise.all(short.map((partition) => this.oldestMissing(partition, ends)));
    const known = times.filter((time) => time !== null);
    const records = short.reduce((sum, partition) => sum + this.missing(partition, ends), 0);
    return known.length === 0 ? { records: 0, since: null } : { records, since: Math.min(...known) };
  }

  private missing(partition: number, ends: readonly number[]): number {
    return Math.max(0, (ends[partition] ?? 0) - (this.offsets[partition] ?? 0));
  }

  /** When the first record was appended that stands before the end; null where none does, and then the table is at that end. */
  private async oldestMissing(partition: number, ends: readonly number[]): Promise<number | null> {
    const { log, topic } = this.options;
    const [end = 0, from] = [ends[partition], { offsets: [...this.offsets] }];
    for await (const [first] of log.read({ topic, partitions: [partition], from, follow: false })) {
      if (first === undefined || first.offset >= end) break;
      // Who follows may have read it meanwhile.
      return first.offset < (this.offsets[partition] ?? 0) ? null : first.timestamp;
    }
    // Compaction and transactions leave offsets that no record has, also at the end.
    this.offsets[partition] = Math.max(end, this.offsets[partition] ?? 0);
    return null;
  }

  follow(): void {
    this.following = this.run();
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const { topic, log } = this.options;
        this.reading = log
          .read({ topic, from: { offsets: this.offsets }, follow: true })
          [Symbol.asyncIterator]();
        for (let next = await this.reading.next(); !next.done; next = await this.reading.next()) {
          this.takeIn(next.value);
          failures = 0;
        }
        // The reader ends by itself only when the log is closed.
        return;
      } catch (error) {
        if (isLogOver(error)) return;
        this.report(error);
        failures += 1;
        await pause(pauseAfter(failures, pauses), signal).catch(() => undefined);
      }
    }
  }

  private takeIn(records: readonly LogRecord[]): void {
    for (const record of records) {
      // Who follows and who catches up may both read it.
      if (record.offset < (this.offsets[record.partition] ?? 0)) continue;
      this.offsets[record.partition] = record.offset + 1;
      const value = this.decoded(record);
      if (value === null) continue;
      if (value.present) this.values.set(record.key, value.value);
      else this.values.delete(record.key);
      const { key, partition, offset } = record;
      callEach(this.listeners, [key, this.values.get(key), record], (cause) =>
        this.report(new Error(`A listener failed at offset ${offset} of partition ${partition}.`, { cause })),
      );
    }
  }

  /** null where the record cannot be decoded. */
  private decoded(
    record: LogRecord,
  ): { readonly present: true; readonly value: Value } | { readonly present: false } | null {
    const { value } = record;
    if (value === null) return { present: false };
    try {
      return { present: true, value: this.options.decode({ ...record, value }) };
    } catch (error) {
      this.report(error, record);
      return null;
    }
  }

  private report(error: unknown, record?: LogRecord): void {
    const { onError, topic } = this.options;
    if (onError) onError.call(this.options, error, record);
    else process.emitWarning(`Table of ${topic}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
