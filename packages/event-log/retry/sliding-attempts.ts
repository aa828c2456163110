import { setMaxListeners } from 'node:events';
import type { BatchSpan, EventLog, Handover, LogRecord } from '../event-log.ts';
import type { AttemptMarkers, Partition } from './attempt-markers.ts';
import {
  type BegunRange,
  begunBefore,
  GIVEN_UP,
  MAX_RANGES,
  rangesSetting,
  SETTLED,
} from './begun-records.ts';
import { type Outcome, type Ownership, OwnershipSignals } from './record-attempts.ts';
import { TakingTurns } from './taking-turns.ts';

export interface SlidingAttemptsParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly markers: Pick<AttemptMarkers, 'read' | 'write'>;
  /** Records that are worked on at once. */
  readonly atOnce: number;
  /** Rejects in an outage, and where the record is another owner's meanwhile. */
  attempt(record: LogRecord, begunBefore: number, ownership: Ownership): Promise<Outcome>;
  /** Called when the record's outcome is durable. */
  settled(record: LogRecord): void;
}

interface Place {
  readonly from: number;
  readonly next: number;
  /** How often it was begun before. */
  readonly before: number;
}

/**
 * Works off one partition whose records are over in any order, from the moment when this member got it. Each record is written down before it
 * is begun; one write takes all that begin meanwhile. What is over is written down with the next write, so that a later owner passes
 * over it although an older record is not over. A suspect is alone, in the order of the partition.
 */
export class SlidingAttempts {
  readonly #parts: SlidingAttemptsParts;
  readonly #partition: Partition;
  readonly #signals: OwnershipSignals;
  readonly #turns = new TakingTurns();
  /** What earlier processes have begun, what is over, and what is at work with its former attempts. */
  #ranges: readonly BegunRange[] = [];
  #read: Promise<void> | null = null;
  readonly #atWork = new Set<Place>();
  /** Batches in hand, at work or waiting for their turns. */
  #inHand = 0;
  #writing: Promise<void> = Promise.resolve();
  /** The write that has not begun. */
  #nextWrite: Promise<void> | null = null;

  constructor(parts: SlidingAttemptsParts, partition: Partition) {
    this.#parts = parts;
    this.#partition = partition;
    this.#signals = new OwnershipSignals(partition);
  }

  /** What is at work is told, and a later owner is told what is over, and that the rest was not begun. */
  handOver(state: Handover['state']): void {
    this.#signals.handOver(state);
    if (this.#inHand > 0) this.#tell();
  }

  /** Resolves when the outcomes are durable. Batches may be handled at once; they come in the order of the partition. */
  async handle(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    if (this.#inHand === 0) setMaxListeners(1 + this.#parts.atOnce, this.#signals.renew());
    this.#inHand += 1;
    try {
      this.#read ??= this.#readMarkers(span.from);
      await this.#read;
      const last = records.length - 1;
      for (const [index, record] of records.entries()) {
        const from = index === 0 ? span.from : record.offset;
        const next = index === last ? span.next : (records[index + 1]?.offset ?? span.next);
        await this.#workOff(record, { from, next, before: begunBefore(this.#ranges, record.offset) });
      }
    } finally {
      this.#inHand -= 1;
    }
  }

  async #readMarkers(from: number): Promise<void> {
    try {
      const known = await this.#parts.markers.read(this.#partition);
      this.#ranges = known.filter(({ next }) => next > from);
    } catch (error) {
      this.#read = null;
      throw error;
    }
  }

  async #workOff(record: LogRecord, place: Place): Promise<void> {
    const { log, attempt, settled } = this.#parts;
    const { before } = place;
    if (before >= GIVEN_UP) {
      this.#set(place, SETTLED);
      return settled(record);
    }
    const leave = await this.#turns.enter(before > 0);
    this.#atWork.add(place);
    try {
      await this.#write();
      const { outputs } = await attempt(record, before, this.#signals.ownership);
      if (outputs.length > 0) await log.append(outputs);
      this.#atWork.delete(place);
      this.#set(place, SETTLED);
      settled(record);
      // So that a suspect loses its count, and a next owner knows. Where this fails, the count is too high.
      if (before > 0 || this.#signals.isWanted) this.#tell();
    } catch (error) {
      this.#atWork.delete(place);
      // Where the log is away, too, a process that ends now costs its records an attempt.
      this.#tell();
      throw error;
    } finally {
      leave();
    }
  }

  #set({ from, next }: Place, attempts: number): void {
    this.#ranges = rangesSetting(this.#ranges, { from, next, attempts });
  }

  /** Writes in the background. */
  #tell(): void {
    if (!this.#signals.isLost) this.#write().catch(() => undefined);
  }

  /** Resolves when what stands now is durable, or more. */
  #write(): Promise<void> {
    this.#nextWrite ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#nextWrite = null;
        this.#writing = this.#writeNow();
        return this.#writing;
      });
    return this.#nextWrite;
  }

  /** What another owner has written stays. */
  async #writeNow(): Promise<void> {
    if (this.#signals.isLost) return;
    const ranges = this.#signals.isWanted
      ? this.#ranges
      : [...this.#atWork].reduce(
          (known, { from, next, before }) => rangesSetting(known, { from, next, attempts: before + 1 }),
          this.#ranges,
        );
    // Each record at work makes one range between those that are over; earlier crashes have left others.
    await this.#parts.markers.write(this.#partition, ranges.slice(0, 2 * this.#parts.atOnce + MAX_RANGES));
  }
}
