import { Wakeup } from '../engine/wakeup.ts';
import { EventLogError, type LogRecord, type ReadOptions } from '../event-log.ts';
import { Cursor } from './cursor.ts';
import { asEventLogError } from './failures.ts';
import { Fetcher } from './fetcher.ts';
import type { Offsets } from './offsets.ts';
import type { KafkaLogSettings } from './settings.ts';
import type { Topics } from './topics.ts';

const maxBatchRecords = 500;
const maxBatchBytes = 1024 * 1024;
/** Of all partitions together. */
const maxHeldBytes = 4 * 1024 * 1024;

export interface ReaderParts {
  readonly settings: KafkaLogSettings;
  readonly topics: Topics;
  readonly offsets: Offsets;
  /** Throws when the log is closed. */
  check(): void;
}

interface Reading {
  readonly cursor: Cursor;
  /** Where to end; null when the reader follows. */
  readonly until: number | null;
}

/** One reader of history, without a group. */
export class Reader implements AsyncIterableIterator<readonly LogRecord[]> {
  private readonly parts: ReaderParts;
  private readonly onEnd: (history: Reader) => void;
  private readonly wakeup = new Wakeup();
  private readonly batches: AsyncGenerator<readonly LogRecord[], void>;
  private fetcher: Fetcher | null = null;
  private failure: unknown = null;
  private left = false;

  constructor(parts: ReaderParts, options: ReadOptions, onEnd: (history: Reader) => void) {
    this.parts = parts;
    this.onEnd = onEnd;
    this.batches = this.generate(options);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<readonly LogRecord[], void>> {
    return this.batches.next();
  }

  /** Also ends a `next` that is waiting for records. */
  async return(): Promise<IteratorResult<readonly LogRecord[], void>> {
    this.left = true;
    this.wakeup.wake();
    this.fetcher?.close();
    this.onEnd(this);
    return this.batches.return();
  }

  private async *generate(options: ReadOptions): AsyncGenerator<readonly LogRecord[], void> {
    try {
      const readings = await this.begin(options);
      while (!this.left) {
        let found = false;
        for (const { cursor, until } of readings) {
          const batch = cursor.take({
            maxRecords: maxBatchRecords,
            maxBytes: maxBatchBytes,
            ...(until === null ? {} : { until }),
          });
          if (!batch) continue;
          found = true;
          yield batch.records;
          cursor.release(batch);
          this.fetcher?.wake();
          if (this.left) return;
        }
        if (found) continue;
        if (readings.every(({ cursor, until }) => until !== null && cursor.hasPassed(until))) return;
        if (this.failure) throw this.failure;
        await this.wakeup.wait();
      }
    } catch (error) {
      if (!this.left) throw asEventLogError(error);
    } finally {
      this.fetcher?.close();
      this.onEnd(this);
    }
  }

  private async begin({ topic, partitions, from, follow }: ReadOptions): Promise<Reading[]> {
    const { offsets, topics } = this.parts;
    this.parts.check();
    const { partitions: count } = await topics.describe(topic);
    const chosen = partitions ?? Array.from({ length: count }, (_, number) => number);
    for (const number of chosen) {
      if (number < 0 || number >= count) throw new RangeError(`Topic ${topic} has no partition ${number}.`);
    }
    const [ends, starts] = await Promise.all([
      follow ? null : offsets.ends(topic),
      from === 'earliest' || 'offsets' in from ? offsets.earliest(topic) : offsets.at(topic, from.timestamp),
    ]);
    const given = from !== 'earliest' && 'offsets' in from ? from.offsets : [];
    const readings = chosen.map((partition) => {
      const start = Math.max(given[partition] ?? 0, starts[partition] ?? 0);
      return {
        cursor: new Cursor({ topic, partition }, start, maxBatchBytes, this.wakeup.wake),
        until: ends === null ? null : (ends[partition] ?? 0),
      };
    });
    this.fetch(readings, follow);
    return readings;
  }

  private fetch(readings: readonly Reading[], follow: boolean): void {
    const unfinished = readings.filter(({ cursor, until }) => until === null || !cursor.hasPassed(until));
    if (this.left || unfinished.length === 0) return;
    const { callTimeoutMs } = this.parts.settings;
    this.fetcher = new Fetcher(this.parts.settings, {
      maxHeldBytes,
      onFailure: (error, sinceMs) => {
        // Whoever follows waits for as long as it takes.
        if (follow || sinceMs < callTimeoutMs) return;
        this.failure = new EventLogError('log_unavailable', 'Kafka could not be read.', { cause: error });
        this.wakeup.wake();
      },
    });
    for (const { cursor } of unfinished) this.fetcher.add(cursor);
  }
}
