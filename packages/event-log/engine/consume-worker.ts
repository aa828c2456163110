import type PQueue from 'p-queue';
import type { ConsumeOptions } from '../event-log.ts';
import { CommittingWorker } from './committing-worker.ts';
import { type BatchLimits, batchLimits } from './limits.ts';
import type { Batch, ConsumeSource } from './partition-source.ts';

/** Delivers one partition to a handler, batch by batch. During a pause after a failure it holds no batch and no slot. */
export class ConsumeWorker extends CommittingWorker {
  private readonly options: ConsumeOptions;
  private readonly limits: BatchLimits;
  /** Shared by the member's partitions: as many handlers run at once as it allows. */
  private readonly slots: PQueue;
  /** Where the last batch that was handled ended; null until the loop begins at the committed position. */
  private handledUntil: number | null = null;
  /** Where the failed batch ended: the next attempt gets the same records, not more. */
  private failedUntil: number | null = null;
  private hasDelivered = false;

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
    await this.committed();
  }

  /** The positions of handled batches are committed first: else these batches would come again with the one that failed. */
  protected async abandon(): Promise<void> {
    await this.committed();
    this.handledUntil = null;
    this.source.seek(null);
  }

  private async deliver(): Promise<void> {
    const batch = await this.slots.add(() => this.handleNext());
    if (!batch) return;
    this.failedUntil = null;
    this.attempt = 0;
    await this.commitSoon(batch.next);
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
}
