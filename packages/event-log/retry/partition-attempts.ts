import type { BatchSpan, EventLog, LogRecord, NewRecord } from '../event-log.ts';
import type { AttemptMarkers, Partition } from './attempt-markers.ts';
import { type BegunRange, type Run, rangesFrom, rangesWith, rangesWithout, runsOf } from './begun-records.ts';

export interface PartitionAttemptsParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly markers: AttemptMarkers;
  /** Resolves with what to append for the record; rejects in an outage. */
  attempt(record: LogRecord, begunBefore: number): Promise<readonly NewRecord[]>;
  /** Called when the record's outcome is on its way into the log. */
  settled(record: LogRecord): void;
}

/** Works off one partition, from the moment when this member got it. Each run is written down before it is begun. */
export class PartitionAttempts {
  readonly #parts: PartitionAttemptsParts;
  readonly #partition: Partition;
  /** What former owners have begun and not finished; null: not read yet. */
  #ranges: readonly BegunRange[] | null = null;

  constructor(parts: PartitionAttemptsParts, partition: Partition) {
    this.#parts = parts;
    this.#partition = partition;
  }

  /** Resolves when the outcome of every record is durable. */
  async handle(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const known = this.#ranges ?? (await this.#parts.markers.read(this.#partition));
    const ranges = rangesFrom(known, span.from);
    this.#ranges = ranges;
    for (const run of runsOf(records, ranges)) await this.#begin(run, ranges);
  }

  async #begin(run: Run, ranges: readonly BegunRange[]): Promise<void> {
    const { markers } = this.#parts;
    await markers.write(this.#partition, rangesWith(ranges, run));
    try {
      await this.#work(run);
    } catch (error) {
      // Where the log is away, too, a process that ends now costs its records an attempt.
      await markers.write(this.#partition, rangesWithout(ranges, run)).catch(() => undefined);
      throw error;
    }
  }

  async #work({ records, begunBefore }: Run): Promise<void> {
    const { log, attempt, settled } = this.#parts;
    const appends: Promise<unknown>[] = [];
    try {
      for (const record of records) {
        const outputs = await attempt(record, begunBefore);
        const append = outputs.length === 0 ? Promise.resolve() : log.append(outputs);
        // It is awaited at the end of the run; until then its failure must not count as unhandled.
        append.catch(() => undefined);
        appends.push(append);
        settled(record);
      }
    } finally {
      await Promise.allSettled(appends);
    }
    await Promise.all(appends);
  }
}
