/**
 * Whose turn it is: express chunks come first. No bulk chunk begins while express chunks are expected, so that these find connection and
 * thread free. Long imports go on all the same. A bulk chunk has its turn after `EXPRESS_IN_A_ROW` express chunks, or once it was held for as long as
 * a bulk chunk takes, and for `HELD_MS` at least.
 */
import type { WorkPriority } from '@tidings/contracts/imports/work.ts';

/**
 * How the priorities use the contact store. `shared`: it takes one chunk at a time. `separate`: each priority has connections of its
 * own, as many as given.
 */
export type WorkConnections =
  | { readonly kind: 'shared' }
  | { readonly kind: 'separate'; readonly express: number; readonly bulk: number };

/** Express chunks that begin one after another while a bulk chunk waits, at most. */
export const EXPRESS_IN_A_ROW = 8;
/**
 * Milliseconds for which a bulk chunk that could begin is held for express chunks, at most. Where the last one took longer, so long: on a
 * slow machine express chunks take longer to come, too.
 */
export const HELD_MS = 100;
/** The same, however long a bulk chunk has taken. */
export const LONGEST_HELD_MS = 1_000;
/** An announced chunk is expected no more after so many times as long: behind two bulk chunks, and what its upload takes. */
const ANNOUNCED_TIMES = 3;

export class Turns {
  readonly #connections: WorkConnections;
  readonly #waiting: Record<WorkPriority, (() => void)[]> = { express: [], bulk: [] };
  readonly #running: Record<WorkPriority, number> = { express: 0, bulk: 0 };
  /** When each lapses. */
  readonly #announced = new Set<NodeJS.Timeout>();
  #delivered = 0;
  #expressInARow = 0;
  #held: NodeJS.Timeout | undefined;
  #isBulkDue = false;
  #heldMs = HELD_MS;

  constructor(connections: WorkConnections) {
    this.#connections = connections;
  }

  /** Chunks of the priority that run at once, at most. */
  mostOf(priority: WorkPriority): number {
    return this.#connections.kind === 'shared' ? 1 : this.#connections[priority];
  }

  /**
   * Says that an express chunk may soon be delivered. It is forgotten after three times as long as a bulk chunk is held. Call what it returns
   * where the chunk will not come.
   */
  announceExpress(): () => void {
    const withdraw = () => {
      clearTimeout(lapse);
      if (this.#announced.delete(lapse)) this.#giveAll();
    };
    const lapse = setTimeout(withdraw, this.#heldMs * ANNOUNCED_TIMES).unref();
    this.#announced.add(lapse);
    return withdraw;
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
      this.#giveAll();
    };
  }

  /** Resolves, or rejects, with what `work` does in its turn. @param isChunk whether express chunks wait for others as long as for it */
  async take<Result>(
    priority: WorkPriority,
    work: () => Promise<Result>,
    { isChunk = true }: { readonly isChunk?: boolean } = {},
  ): Promise<Result> {
    await new Promise<void>((resolve) => {
      this.#waiting[priority].push(resolve);
      this.#giveAll();
    });
    const begun = performance.now();
    try {
      return await work();
    } finally {
      if (priority === 'bulk' && isChunk) this.#heldMs = heldBehind(performance.now() - begun);
      this.#running[priority] -= 1;
      this.#giveAll();
    }
  }

  #giveAll(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) this.#give(next);
  }

  /** null: nobody's yet. */
  #next(): WorkPriority | null {
    const { express, bulk } = this.#waiting;
    const mayBulk = bulk.length > 0 && this.#hasRoom('bulk');
    if (mayBulk && this.#isBulkDue) return 'bulk';
    if (express.length > 0 && this.#hasRoom('express')) return 'express';
    if (!mayBulk) return null;
    if (this.#delivered + this.#announced.size === 0) return 'bulk';
    this.#held ??= setTimeout(() => {
      this.#isBulkDue = true;
      this.#giveAll();
    }, this.#heldMs);
    return null;
  }

  #hasRoom(priority: WorkPriority): boolean {
    const { express, bulk } = this.#running;
    const running = this.#connections.kind === 'shared' ? express + bulk : this.#running[priority];
    return running < this.mostOf(priority);
  }

  #give(priority: WorkPriority): void {
    if (priority === 'bulk') {
      clearTimeout(this.#held);
      this.#held = undefined;
      this.#expressInARow = 0;
    } else if (this.#waiting.bulk.length > 0) this.#expressInARow += 1;
    else this.#expressInARow = 0;
    this.#isBulkDue = this.#expressInARow >= EXPRESS_IN_A_ROW;
    this.#running[priority] += 1;
    this.#waiting[priority].shift()?.();
  }
}

/** @param milliseconds that the last bulk chunk took */
function heldBehind(milliseconds: number): number {
  return Math.min(LONGEST_HELD_MS, Math.max(HELD_MS, milliseconds));
}
