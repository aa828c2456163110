import type { LogRecord } from '../event-log.ts';
import { Wakeup } from './wakeup.ts';

/** One partition as a reader goes through it. */
export interface PartitionReader {
  /** Whether everything up to the end that was asked for has been given. Always false for a reader that follows. */
  readonly isAtEnd: boolean;
  /** The next records; null where there are none yet. */
  next(): Promise<readonly LogRecord[] | null>;
  /** The records that `next` gave last are worked off: they no longer count as held. */
  release(): void;
}

/** What an engine supplies for one reader. */
export interface ReaderSource {
  /** Called once. The source calls `wake` whenever there may be more records, or a failure. */
  open(wake: () => void): Promise<readonly PartitionReader[]>;
  close(): void;
  /** The error that the caller of the reader is to see. */
  asCallersError(error: unknown): unknown;
}

/** Reads partitions in order, without a group. It holds nothing between two batches but its positions. */
export class Reader implements AsyncIterableIterator<readonly LogRecord[]> {
  private readonly source: ReaderSource;
  private readonly onEnd: (reader: Reader) => void;
  private readonly wakeup = new Wakeup();
  private readonly batches: AsyncGenerator<readonly LogRecord[], void>;
  private hasLeft = false;

  constructor(source: ReaderSource, onEnd: (reader: Reader) => void) {
    this.source = source;
    this.onEnd = onEnd;
    this.batches = this.generate();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<readonly LogRecord[], void>> {
    return this.batches.next();
  }

  /** Also ends a `next` that is waiting for records. */
  async return(): Promise<IteratorResult<readonly LogRecord[], void>> {
    this.hasLeft = true;
    this.wakeup.wake();
    this.end();
    return this.batches.return();
  }

  private async *generate(): AsyncGenerator<readonly LogRecord[], void> {
    try {
      let unfinished = await this.source.open(this.wakeup.wake);
      while (!this.hasLeft) {
        let found = false;
        for (const partition of unfinished) {
          const records = await partition.next();
          if (this.hasLeft) return;
          if (records === null) continue;
          found = true;
          yield records;
          partition.release();
        }
        unfinished = unfinished.filter(({ isAtEnd }) => !isAtEnd);
        if (unfinished.length === 0) return;
        if (!found) await this.wakeup.wait();
      }
    } catch (error) {
      if (!this.hasLeft) throw this.source.asCallersError(error);
    } finally {
      this.end();
    }
  }

  private end(): void {
    this.source.close();
    this.onEnd(this);
  }
}
