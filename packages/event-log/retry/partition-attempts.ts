import type { BatchSpan, EventLog, LogRecord } from '../event-log.ts';
import type { AttemptMarkers, Partition } from './attempt-markers.ts';
import {
  type BegunRange,
  hasGivenUpBefore,
  type Portion,
  portionsOf,
  rangesAfter,
  rangesFrom,
  rangesWith,
  rangesWithout,
} from './begun-records.ts';
import type { Outcome } from './record-attempts.ts';

export interface PartitionAttemptsParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly markers: Pick<AttemptMarkers, 'read' | 'write'>;
  /** The group's committed position in the partition. */
  committed(): Promise<number>;
  /** Whether to write down also that a portion is over, although no process has ended in it. */
  readonly marksEnds: boolean;
  /** Rejects in an outage. */
  attempt(record: LogRecord, begunBefore: number): Promise<Outcome>;
  /** Called when the record's outcome is on its way into the log. */
  settled(record: LogRecord): void;
}

/** Works off one partition, from the moment when this member got it. Each portion of a batch is written down before it is begun. */
export class PartitionAttempts {
  readonly #parts: PartitionAttemptsParts;
  readonly #partition: Partition;
  /** What is known of earlier processes, and was given up; null: not read yet. */
  #ranges: readonly BegunRange[] | null = null;

  constructor(parts: PartitionAttemptsParts, partition: Partition) {
    this.#parts = parts;
    this.#partition = partition;
  }

  /** Resolves when the outcome of every record is durable. */
  async handle(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const known = this.#ranges ?? (await this.#parts.markers.read(this.#partition));
    const committed = hasGivenUpBefore(known, span.from) ? await this.#parts.committed() : span.from;
    this.#ranges = rangesFrom(known, span.from, committed);
    for (const portion of portionsOf(records, this.#ranges))
      this.#ranges = await this.#begin(portion, this.#ranges);
  }

  /** Resolves with the ranges after the portion. */
  async #begin(portion: Portion, ranges: readonly BegunRange[]): Promise<readonly BegunRange[]> {
    const { markers, marksEnds } = this.#parts;
    await markers.write(this.#partition, rangesWith(ranges, portion));
    try {
      const after = rangesAfter(ranges, portion, await this.#work(portion));
      // So that a suspect that is handled loses its count although the position moves later. Where this fails, the count is too high.
      if (marksEnds || portion.begunBefore > 0) await this.#write(after);
      return after;
    } catch (error) {
      // Where the log is away, too, a process that ends now costs its records an attempt.
      await this.#write(rangesWithout(ranges, portion));
      throw error;
    }
  }

  async #write(ranges: readonly BegunRange[]): Promise<void> {
    await this.#parts.markers.write(this.#partition, ranges).catch(() => undefined);
  }

  /** Resolves with whether the last record was given up. */
  async #work({ records, begunBefore }: Portion): Promise<boolean> {
    const { log, attempt, settled } = this.#parts;
    const appends: Promise<unknown>[] = [];
    let lastGivenUp = false;
    try {
      for (const record of records) {
        const { outputs, hasGivenUp } = await attempt(record, begunBefore);
        const append = outputs.length === 0 ? Promise.resolve() : log.append(outputs);
        // It is awaited at the end of the portion; until then its failure must not count as unhandled.
        append.catch(() => undefined);
        appends.push(append);
        settled(record);
        lastGivenUp = hasGivenUp;
      }
    } finally {
      await Promise.allSettled(appends);
    }
    await Promise.all(appends);
    return lastGivenUp && records.length === 1;
  }
}
