/**
 * Tells what has become due, of the keys of any number of partitions, in the order of the times. It looks at the clock at least once a second,
 * so that it notices a clock that was set; it asks no log and no database.
 */
import { pauseAfter } from '@tidings/failures/retry.ts';
import type { Clock } from './clock.ts';
import { type DueEntry, DueQueue } from './due-queue.ts';

/** Milliseconds between two looks at the clock, at most. */
const LOOK_MS = 1_000;
/** Entries that are told at once, at most. */
const MAX_AT_ONCE = 500;
const failurePauses = { firstMs: 100, longestMs: 5_000 };

export interface DueTimerOptions {
  readonly clock: Clock;
  /** Gets what is due, the first one first. Where it rejects, the same ones come again after a pause. */
  tell(due: readonly DueEntry[], now: number): Promise<void>;
  /** Must not throw. */
  onError(error: unknown): void;
}

export class DueTimer {
  readonly #options: DueTimerOptions;
  #queue = new DueQueue();
  readonly #stopping = new AbortController();
  #waiting = new AbortController();
  #waitsUntil = 0;
  readonly #running: Promise<void>;

  constructor(options: DueTimerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Entries that wait. */
  get size(): number {
    return this.#queue.size;
  }

  put(entry: DueEntry): void {
    this.#queue.put(entry);
    if (entry.dueAt >= this.#waitsUntil) return;
    this.#waitsUntil = 0;
    this.#waiting.abort();
  }

  remove(key: string): void {
    this.#queue.remove(key);
  }

  /** Replaces all entries. */
  begin(entries: Iterable<DueEntry>): void {
    this.#queue = new DueQueue();
    for (const entry of entries) this.#queue.put(entry);
    this.#waiting.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#waiting.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      this.#waiting = new AbortController();
      const hasTold = await this.#tellDue();
      if (hasTold === true) failures = 0;
      if (hasTold === true || this.#stopping.signal.aborted) continue;
      if (hasTold === false) failures += 1;
      await this.#wait(hasTold === false ? pauseAfter(failures, failurePauses) : this.#untilNext());
    }
  }

  /** null where nothing was due; false where telling failed. */
  async #tellDue(): Promise<boolean | null> {
    const now = this.#options.clock.now();
    const queue = this.#queue;
    const due = queue.takeDue(now, MAX_AT_ONCE);
    if (due.length === 0) return null;
    try {
      await this.#options.tell(due, now);
      for (const entry of due) queue.settle(entry);
      return true;
    } catch (error) {
      queue.putBack(due);
      if (!this.#stopping.signal.aborted) this.#options.onError(error);
      return false;
    }
  }

  #untilNext(): number {
    const next = this.#queue.first()?.dueAt ?? Number.POSITIVE_INFINITY;
    return Math.min(LOOK_MS, Math.max(0, next - this.#options.clock.now()));
  }

  async #wait(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    this.#waitsUntil = clock.now() + milliseconds;
    if (this.#stopping.signal.aborted) return;
    await clock.pause(milliseconds, this.#waiting.signal).catch(() => undefined);
    this.#waitsUntil = 0;
  }
}
