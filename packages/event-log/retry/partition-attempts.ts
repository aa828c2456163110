import type { BatchSpan, EventLog, Handover, LogRecord } from '../event-log.ts';
import type { AttemptMarkers, Partition } from './attempt-markers.ts';
import {
  type BegunRange,
  begunBefore,
  hasOverBefore,
  hasRoomAhead,
  type Portion,
  portionsOf,
  rangesAfter,
  rangesAhead,
  rangesFrom,
  rangesInterrupted,
  rangesWith,
  SETTLED,
} from './begun-records.ts';
import { type Outcome, type Ownership, OwnershipSignals } from './record-attempts.ts';

export interface PartitionAttemptsParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly markers: Pick<AttemptMarkers, 'read' | 'write'>;
  /** The group's committed position in the partition. */
  committed(): Promise<number>;
  /** Whether to write down also that a portion is over, although no process has ended in it. */
  readonly marksEnds: boolean;
  /** Rejects in an outage, and where the record is another owner's meanwhile. */
  attempt(record: LogRecord, begunBefore: number, ownership: Ownership): Promise<Outcome>;
  /** Called when the record's outcome is on its way into the log. */
  settled(record: LogRecord): void;
}

/** Works off one partition, from the moment when this member got it. Each portion of a batch is written down before it is begun. */
export class PartitionAttempts {
  readonly #parts: PartitionAttemptsParts;
  readonly #partition: Partition;
  /** What is known of earlier processes, and was given up; null: not read yet. */
  #ranges: readonly BegunRange[] | null = null;
  readonly #signals: OwnershipSignals;

  constructor(parts: PartitionAttemptsParts, partition: Partition) {
    this.#parts = parts;
    this.#partition = partition;
    this.#signals = new OwnershipSignals(partition);
  }

  /** What is at work is told, and a later owner is told what is over: no process has ended. */
  handOver(state: Handover['state']): void {
    this.#signals.handOver(state);
  }

  /** Resolves when the outcome of every record is durable. */
  async handle(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    this.#signals.renew();
    this.#ranges = await this.#rangesAt(span);
    for (const portion of portionsOf(records, this.#ranges))
      this.#ranges = await this.#begin(portion, this.#ranges);
  }

  /** Whether the record was worked off before its turn. @param span of the batch in which it has come, or of one before */
  async isSettled({ offset }: LogRecord, span: BatchSpan): Promise<boolean> {
    this.#ranges = await this.#rangesAt(span);
    return begunBefore(this.#ranges, offset) >= SETTLED;
  }

  /**
   * Works a record off before its turn, unless that has happened. When its turn comes, it is passed over, also by a later owner.
   * @param span of the batch that waits
   * @returns false where so many others were worked off before their turns that it must wait
   */
  async handleAhead(record: LogRecord, span: BatchSpan): Promise<boolean> {
    if (await this.isSettled(record, span)) return true;
    const ranges = this.#ranges ?? [];
    if (!hasRoomAhead(ranges)) return false;
    const { offset } = record;
    const before = begunBefore(ranges, offset);
    const { markers } = this.#parts;
    await markers.write(this.#partition, rangesAhead(ranges, offset, before + 1));
    try {
      const over = new Set<number>();
      await this.#work({ records: [record], begunBefore: before, over }, over);
    } catch (error) {
      await this.#write(ranges);
      throw error;
    }
    // Where this fails, the record is worked off once more, as after a crash.
    this.#ranges = rangesAhead(ranges, offset, SETTLED);
    await markers.write(this.#partition, this.#ranges);
    return true;
  }

  async #rangesAt({ from }: BatchSpan): Promise<readonly BegunRange[]> {
    const known = this.#ranges ?? (await this.#parts.markers.read(this.#partition));
    const committed = hasOverBefore(known, from) ? await this.#parts.committed() : from;
    return rangesFrom(known, from, committed);
  }

  /** Resolves with the ranges after the portion. */
  async #begin(portion: Portion, ranges: readonly BegunRange[]): Promise<readonly BegunRange[]> {
    const { markers, marksEnds, settled } = this.#parts;
    if (portion.over.size === portion.records.length) {
      for (const record of portion.records) settled(record);
      return ranges;
    }
    await markers.write(this.#partition, rangesWith(ranges, portion));
    const over = new Set(portion.over);
    const interrupted = () => rangesInterrupted(ranges, portion, over);
    // The partition may be lost before the portion is over, and then it is too late to write.
    const onWanted = () => void this.#write(interrupted());
    const { handover: signal } = this.#signals.ownership;
    signal.addEventListener('abort', onWanted, { once: true });
    try {
      const after = rangesAfter(ranges, portion, await this.#work(portion, over));
      // So that a suspect that is handled loses its count although the position moves later. Where this fails, the count is too high.
      if (marksEnds || portion.begunBefore > 0) await this.#write(after);
      return after;
    } catch (error) {
      // Where the log is away, too, a process that ends now costs its records an attempt.
      this.#ranges = interrupted();
      await this.#write(this.#ranges);
      throw error;
    } finally {
      signal.removeEventListener('abort', onWanted);
    }
  }

  /** What another owner has written stays. */
  async #write(ranges: readonly BegunRange[]): Promise<void> {
    if (this.#signals.isLost) return;
    await this.#parts.markers.write(this.#partition, ranges).catch(() => undefined);
  }

  /** Resolves with whether the record was given up, if it was alone. @param over gets the offsets whose outcomes are durable */
  async #work({ records, begunBefore }: Portion, over: Set<number>): Promise<boolean> {
    const { log, attempt, settled } = this.#parts;
    const appends: Promise<unknown>[] = [];
    let lastGivenUp = false;
    const workOff = async () => {
      for (const record of records) {
        if (over.has(record.offset)) {
          settled(record);
          continue;
        }
        const { outputs, hasGivenUp } = await attempt(record, begunBefore, this.#signals.ownership);
        const append = (outputs.length === 0 ? Promise.resolve() : log.append(outputs)).then(() => {
          if (!hasGivenUp) over.add(record.offset);
        });
        // The append is awaited at the end of the portion; until then its failure must not count as unhandled.
        append.catch(() => undefined);
        appends.push(append);
        settled(record);
        lastGivenUp = hasGivenUp;
      }
    };
    const [work] = await Promise.allSettled([workOff()]);
    await Promise.allSettled(appends);
    if (work.status === 'rejected') throw work.reason;
    await Promise.all(appends);
    return lastGivenUp && records.length === 1;
  }
}
