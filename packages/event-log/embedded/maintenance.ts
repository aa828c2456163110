import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Cleaner } from './cleaner.ts';
import type { SegmentCleaner } from './segment-cleaner.ts';
import type { EmbeddedTopics } from './topics.ts';

export interface MaintenanceParts {
  readonly topics: EmbeddedTopics;
  readonly cleaner: Cleaner;
  readonly segmentCleaner: SegmentCleaner;
  /** Milliseconds between two rounds. */
  readonly intervalMs: number;
  /** Gets a line for a failed round; the next round tries again. */
  onError(error: unknown): void;
}

/** Runs everything that removes records, one task after another: purges on request, and rounds on a timer. */
export class Maintenance {
  private readonly parts: MaintenanceParts;
  private last: Promise<unknown> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;
  private waiting = false;
  private closed = false;

  constructor(parts: MaintenanceParts) {
    this.parts = parts;
    this.timer = setInterval(() => this.startRound(), parts.intervalMs);
    this.timer.unref();
    this.startRound();
  }

  /** Runs the task when the tasks before it have ended. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.last.then(task);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Ends after the present partition, and after the purges that were requested. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.last;
  }

  private startRound(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.run(() => this.round())
      .catch((error) => this.parts.onError(error))
      .finally(() => {
        this.waiting = false;
      });
  }

  private async round(): Promise<void> {
    const { topics, cleaner, segmentCleaner } = this.parts;
    for (const { specification, partitions } of topics.all()) {
      for (const partition of partitions) {
        if (this.closed) return;
        if (specification.retentionMs !== undefined)
          await cleaner.expire(partition, specification.retentionMs);
        if (specification.cleanup === 'compact') await cleaner.compact(partition);
        await nextTurn();
      }
    }
    if (!this.closed) await segmentCleaner.clean();
  }
}
