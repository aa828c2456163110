import { Wakeup } from '../engine/wakeup.ts';
import type { LogRecord, ReadFrom } from '../event-log.ts';
import { asEventLogError } from './failures.ts';
import type { StoredRecords } from './stored-records.ts';
import type { Partition } from './topics.ts';

const maxBatchRecords = 500;
const maxBatchBytes = 1024 * 1024;

interface Cursor {
  readonly partition: Partition;
  offset: number;
  /** Where to end; null when the reader follows. */
  readonly until: number | null;
}

export interface ReaderOptions {
  partitions(): readonly Partition[];
  readonly from: ReadFrom;
  readonly follow: boolean;
}

/** One reader of history, without a group. It holds nothing between two batches but its offsets. */
export class Reader implements AsyncIterableIterator<readonly LogRecord[]> {
  private readonly reader: StoredRecords;
  private readonly wakeup = new Wakeup();
  private readonly batches: AsyncGenerator<readonly LogRecord[], void>;
  private readonly onEnd: (history: Reader) => void;
  private cursors: Cursor[] = [];
  private left = false;

  constructor(reader: StoredRecords, options: ReaderOptions, onEnd: (history: Reader) => void) {
    this.reader = reader;
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
    this.onEnd(this);
    return this.batches.return();
  }

  private async *generate(options: ReaderOptions): AsyncGenerator<readonly LogRecord[], void> {
    try {
      this.cursors = await this.begin(options);
      while (!this.left) {
        let found = false;
        for (const cursor of this.cursors) {
          const records = await this.nextOf(cursor);
          if (this.left) return;
          if (records.length === 0) continue;
          found = true;
          yield records;
        }
        if (found) continue;
        if (!options.follow) return;
        await this.wakeup.wait();
      }
    } catch (error) {
      if (!this.left) throw asEventLogError(error);
    } finally {
      for (const cursor of this.cursors) {
        cursor.partition.readers.delete(cursor);
        cursor.partition.listeners.delete(this.wakeup.wake);
      }
      this.onEnd(this);
    }
  }

  private async begin({ partitions, from, follow }: ReaderOptions): Promise<Cursor[]> {
    return Promise.all(
      partitions().map(async (partition) => {
        const until = follow ? null : partition.end;
        const offset = await this.startOf(partition, from);
        const cursor = { partition, offset, until };
        partition.readers.add(cursor);
        if (follow) partition.listeners.add(this.wakeup.wake);
        return cursor;
      }),
    );
  }

  private async startOf(partition: Partition, from: ReadFrom): Promise<number> {
    if (from === 'earliest') return partition.start;
    if ('offsets' in from) return from.offsets[partition.number] ?? partition.start;
    return this.reader.offsetAt(partition, from.timestamp);
  }

  private async nextOf(cursor: Cursor): Promise<readonly LogRecord[]> {
    const until = cursor.until ?? cursor.partition.end;
    if (cursor.offset >= until) return [];
    const limits = { until, maxRecords: maxBatchRecords, maxBytes: maxBatchBytes };
    const { records, next } = await this.reader.read(cursor.partition, cursor.offset, limits);
    cursor.offset = next;
    return records;
  }
}
