import { setTimeout as pause } from 'node:timers/promises';
import type PQueue from 'p-queue';
import type { ConsumeOptions } from '../event-log.ts';
import type { Batch } from './cursor.ts';
import { PartitionWorker, type Place, type WorkerParts } from './partition-worker.ts';

const commitPauseMs = 200;
/** A consumer that stops tries this often to keep a position; then its last batch comes again. */
const lastCommitAttempts = 3;

/** Batches that may be handled before their positions are kept: so many at most come again after a crash. */
const maxUnkept = 16;

/**
 * Delivers one partition to a handler, batch by batch. During a pause after a failure it holds no batch and no slot. Kafka takes longer
 * to keep a position than many a handler takes: it is kept behind the handlers, all that were handled meanwhile at once.
 */
export class ConsumeWorker extends PartitionWorker {
  private readonly consumeOptions: ConsumeOptions;
  /** Shared by the member's partitions: as many handlers run at once as it allows. */
  private readonly slots: PQueue;
  /** Where the last batch that was handled ended, or where it was begun. */
  private reached = 0;
  /** Where the batch that failed ended: the same records come again, not more. */
  private failedUntil: number | null = null;
  /** Where to go on after what was handled; null: that is kept. */
  private handledUntil: number | null = null;
  /** Batches that were handled, and of which Kafka has not said yet that the position behind them is kept. */
  private unkept = 0;
  private keeping: Promise<void> = Promise.resolve();

  constructor(parts: WorkerParts, options: ConsumeOptions, place: Place, slots: PQueue) {
    super(parts, options, place);
    this.consumeOptions = options;
    this.slots = slots;
  }

  protected async work(): Promise<void> {
    if (this.cursor.position === null) {
      this.cursor.position = await this.start();
      this.reached = this.cursor.position;
    }
    this.parts.fetcher.wake();
    while (this.goesOn) {
      if (this.cursor.hasRecords) await this.deliver();
      else await this.wakeup.wait();
    }
    await this.keeping;
  }

  /** What was handled is kept first: else it would come again with what was not. */
  protected async abandon(): Promise<void> {
    await this.keeping;
    this.cursor.rewind(null);
  }

  private async start(): Promise<number> {
    const { topic, partition } = this.place;
    const committed = await this.parts.offsets.committed(this.consumeOptions.group, topic);
    return committed[partition] ?? (await this.parts.offsets.earliest(topic))[partition] ?? 0;
  }

  private async deliver(): Promise<void> {
    const batch = await this.slots.add(() => this.handleNext());
    if (!batch) return;
    this.failedUntil = null;
    this.attempt = 0;
    const isKeeping = this.handledUntil !== null;
    this.handledUntil = batch.next;
    this.unkept += 1;
    if (!isKeeping) this.keeping = this.keepHandled();
    if (this.unkept >= maxUnkept) await this.keeping;
  }

  /** Never rejects: where the partition is another's, its position is no longer ours to keep. */
  private async keepHandled(): Promise<void> {
    while (this.handledUntil !== null) {
      const { handledUntil: offset, unkept: batches } = this;
      await this.keep(offset).catch(() => undefined);
      this.unkept -= batches;
      if (this.handledUntil === offset) this.handledUntil = null;
    }
  }

  private async handleNext(): Promise<Batch | null> {
    if (!this.goesOn) return null;
    if (this.failedUntil !== null && this.cursor.hasPassed(this.failedUntil)) this.failedUntil = null;
    const until = this.failedUntil ?? Number.POSITIVE_INFINITY;
    const batch = this.cursor.take({ ...this.parts.limits, until });
    if (!batch) return null;
    this.failedUntil = batch.next;
    this.parts.fetcher.wake();
    await this.consumeOptions.handler(batch.records, { from: this.reached, next: batch.next });
    this.reached = batch.next;
    this.cursor.release(batch);
    this.parts.fetcher.wake();
    return batch;
  }

  private async keep(offset: number): Promise<void> {
    const { topic, partition } = this.place;
    for (let attempt = 1; ; attempt += 1) {
      this.guard();
      try {
        return await this.parts.membership.commit(topic, partition, offset);
      } catch (error) {
        this.guard();
        this.parts.settings.logger.debug?.({ err: error, topic, partition }, 'Keeping a position failed.');
        if (this.isStopping && attempt >= lastCommitAttempts) return;
      }
      await pause(commitPauseMs);
    }
  }
}
