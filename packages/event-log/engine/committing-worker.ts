import { pause } from '@tidings/failures/retry.ts';
import { PartitionLostError } from './failures.ts';
import type { ConsumeSource } from './partition-source.ts';
import { PartitionWorker } from './partition-worker.ts';

const commitPauseMs = 200;
/** Attempts of a consumer that stops to commit a position; then its last batches come again. */
const lastCommitAttempts = 3;

/** Commits positions while further batches are handled: one commit takes all that were handled meanwhile. */
export abstract class CommittingWorker extends PartitionWorker<ConsumeSource> {
  /** The position to commit next; null: every position is committed. */
  private uncommitted: number | null = null;
  private uncommittedBatches = 0;
  private committing: Promise<void> = Promise.resolve();

  /** Resolves at once, or when so few handled batches are uncommitted that a further one may be handled. @param batches that are over */
  protected async commitSoon(position: number, batches = 1): Promise<void> {
    const isCommitting = this.uncommitted !== null;
    this.uncommitted = position;
    this.uncommittedBatches += batches;
    if (!isCommitting) this.committing = this.commitHandled();
    if (this.uncommittedBatches >= this.source.maxUncommittedBatches) await this.committing;
  }

  /** Resolves when every position is committed, or cannot be. Never rejects. */
  protected committed(): Promise<void> {
    return this.committing;
  }

  /** Never rejects: where another member owns the partition, this one has no position to commit. */
  private async commitHandled(): Promise<void> {
    while (this.uncommitted !== null) {
      const { uncommitted: position, uncommittedBatches: batches } = this;
      await this.commit(position);
      this.uncommittedBatches -= batches;
      if (this.uncommitted === position) this.uncommitted = null;
    }
  }

  /** Tries until the position is committed, another member owns the partition, or the consumer stops. Never rejects. */
  private async commit(position: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.guard();
        return await this.source.commit(position);
      } catch (error) {
        if (error instanceof PartitionLostError) return this.lose();
        if (this.isStopping && attempt >= lastCommitAttempts) return;
      }
      await pause(commitPauseMs);
    }
  }
}
