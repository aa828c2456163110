/**
 * Whose turn it is where one connection serves both priorities: one chunk at a time, express chunks first. While express chunks are
 * expected no bulk chunk begins, so that they find the connection free. Long imports go on all the same: a bulk chunk that waits
 * has its turn after `EXPRESS_IN_A_ROW` express chunks, or once it was held for `HELD_MS` by chunks that did not come.
 */
import type { WorkPriority } from '@tidings/contracts/work.ts';

/** Express chunks that begin one after another while a bulk chunk waits, at most. */
export const EXPRESS_IN_A_ROW = 8;
/** Milliseconds for which a free connection waits for express chunks while a bulk chunk waits, at most. */
export const HELD_MS = 100;

export class Turns {
  readonly #waiting: Record<WorkPriority, (() => void)[]> = { express: [], bulk: [] };
  /** When each lapses. */
  readonly #announced = new Set<NodeJS.Timeout>();
  #isTaken = false;
  #delivered = 0;
  #expressInARow = 0;
  #held: NodeJS.Timeout | undefined;

  /** Says that an express chunk may soon be delivered. It is forgotten after `HELD_MS`. */
  announceExpress(): void {
    const lapse = setTimeout(() => {
      this.#announced.delete(lapse);
      this.#giveNext();
    }, HELD_MS);
    lapse.unref();
    this.#announced.add(lapse);
  }

  /** Says that so many express chunks will now ask for turns. Call what it returns, once, when they have had them. */
  deliverExpress(chunks: number): () => void {
    for (const lapse of [...this.#announced].slice(0, chunks)) {
      clearTimeout(lapse);
      this.#announced.delete(lapse);
    }
    this.#delivered += 1;
    return () => {
      this.#delivered -= 1;
      this.#giveNext();
    };
  }

  /** Resolves, or rejects, with what `work` does in its turn. */
  async take<Result>(priority: WorkPriority, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((resolve) => {
      this.#waiting[priority].push(resolve);
      this.#giveNext();
    });
    try {
      return await work();
    } finally {
      this.#isTaken = false;
      this.#giveNext();
    }
  }

  #giveNext(): void {
    if (this.#isTaken) return;
    const { express, bulk } = this.#waiting;
    const isBulkDue = this.#expressInARow >= EXPRESS_IN_A_ROW;
    if (express.length > 0 && !(isBulkDue && bulk.length > 0)) this.#give('express');
    else if (bulk.length === 0) return;
    else if (isBulkDue || this.#delivered + this.#announced.size === 0) this.#give('bulk');
    else this.#held ??= setTimeout(() => this.#give('bulk'), HELD_MS);
  }

  #give(priority: WorkPriority): void {
    clearTimeout(this.#held);
    this.#held = undefined;
    const isInARow = priority === 'express' && this.#waiting.bulk.length > 0;
    this.#expressInARow = isInARow ? this.#expressInARow + 1 : 0;
    this.#isTaken = true;
    this.#waiting[priority].shift()?.();
  }
}
