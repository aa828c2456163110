import { pause } from '@tidings/failures/retry.ts';
import type PQueue from 'p-queue';
import type { ConsumeOptions } from '../event-log.ts';
import { PartitionLostError } from './failures.ts';
import { type BatchLimits, batchLimits } from './limits.ts';
import type { Batch, ConsumeSource } from './partition-source.ts';
import { PartitionWorker } from './partition-worker.ts';

const commitPauseMs = 200;
/** Attempts of a consumer that stops to commit a position; then its last batches come again. */
const lastCommitAttempts = 3;

/**
 * Delivers one partition to a handler, batch by batch. During a pause after a failure it holds no batch and no slot. Positions are committed
 * while the next batches are handled: one commit takes all that were handled meanwhile.
 */
export class ConsumeWorker extends PartitionWorker<ConsumeSource> {
  private readonly options: ConsumeOptions;
  private readonly limits: BatchLimits;
  /** Shared by the member's partitions: as many handlers run at once as it allows. */
  private readonly slots: PQueue;
  /** Where the last batch that was handled ended; null until the loop begins at the committed position. */
  private handledUntil: number | null = null;
  /** Where the failed batch ended: the next attempt gets the same records, not more. */
  private failedUntil: number | null = null;
  private hasDelivered = false;
  /** The position to commit next; null: every position is committed. */
  private uncommitted: number | null = null;
  private uncommittedBatches = 0;
  private committing: Promise<void> = Promise.resolve();

  constructor(source: ConsumeSource, options: ConsumeOptions, slots: PQueue) {
    super(source, options);
    this.options = options;
    this.limits = batchLimits(options);
    this.slots = slots;
  }

  protected async work(): Promise<void> {
    if (this.handledUntil === null) {
      this.handledUntil = await this.source.committedPosition();
      this.source.seek(this.handledUntil);
    }
    while (this.mayTakeMore) {
      if (this.source.hasRecords) await this.deliver();
      else await this.wakeup.wait();
    }
    await this.committing;
  }

  /** The positions of handled batches are committed first: else these batches would come again with the one that failed. */
  protected async abandon(): Promise<void> {
    await this.committing;
    this.handledUntil = null;
    this.source.seek(null);
  }

  private async deliver(): Promise<void> {
    const batch = await this.slots.add(() => this.handleNext());
    if (!batch) return;
    this.failedUntil = null;
    this.attempt = 0;
    const isCommitting = this.uncommitted !== null;
    this.uncommitted = batch.next;
    this.uncommittedBatches += 1;
    if (!isCommitting) this.committing = this.commitHandled();
    if (this.uncommittedBatches >= this.source.maxUncommittedBatches) await this.committing;
  }

  private async handleNext(): Promise<Batch | null> {
    if (!this.mayTakeMore) return null;
    if (this.failedUntil !== null && this.source.hasPassed(this.failedUntil)) this.failedUntil = null;
    const until = this.failedUntil ?? Number.POSITIVE_INFINITY;
    const batch = await this.source.take({ ...this.limits, until });
    if (!batch || batch.records.length === 0) return null;
    if (!this.mayTakeMore) {
      // The handler would not be told that the partition is wanted.
      this.source.seek(this.handledUntil);
      this.source.release(batch);
      return null;
    }
    this.failedUntil = batch.next;
    const first = !this.hasDelivered;
    this.hasDelivered = true;
    await this.options.handler(batch.records, {
      from: this.handledUntil ?? batch.next,
      next: batch.next,
      first,
    });
    this.handledUntil = batch.next;
    this.source.release(batch);
    return batch;
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
