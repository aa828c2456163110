import { isCutOff } from '@tidings/service-kit/threads/message-port-proxy.ts';
import type PQueue from 'p-queue';
import { batchLimits, report } from '../engine/limits.ts';
import { pause, retryDelay } from '../engine/retry.ts';
import { Wakeup } from '../engine/wakeup.ts';
import type { ConsumeOptions } from '../event-log.ts';
import { PartitionLostError } from './failures.ts';
import type { Lease, Worker } from './group.ts';
import type { Batch } from './stored-records.ts';
import { keepPosition, type WorkerParts } from './worker-parts.ts';

export interface ConsumeWorkerParts extends WorkerParts {
  /** Shared by the member's partitions: as many handlers run at once as it allows. */
  readonly slots: PQueue;
  /** Called when the handler's thread is gone. */
  evict(): void;
}

/** Delivers one partition to a handler, batch by batch. During a pause after a failure it holds no batch and no slot. */
export class ConsumeWorker implements Worker {
  private readonly parts: ConsumeWorkerParts;
  private readonly options: ConsumeOptions;
  private readonly lease: Lease;
  private readonly wakeup = new Wakeup();
  private readonly ended: Promise<void>;
  private stopping = false;
  private position: number | null = null;
  /** Where the group's position stands: emptied stretches are passed without keeping it. */
  private kept = 0;
  private attempt = 0;
  /** Where the batch that failed ended: the same records come again, not more. */
  private failedUntil: number | null = null;

  constructor(parts: ConsumeWorkerParts, options: ConsumeOptions, lease: Lease) {
    this.parts = parts;
    this.options = options;
    this.lease = lease;
    lease.partition.listeners.add(this.wakeup.wake);
    this.ended = this.run().finally(() => lease.partition.listeners.delete(this.wakeup.wake));
  }

  drain(): Promise<void> {
    this.stopping = true;
    this.wakeup.wake();
    return this.ended;
  }

  private async run(): Promise<void> {
    const { partition } = this.lease;
    while (!this.stopping) {
      if (this.position !== null && this.position >= partition.end) {
        await this.wakeup.wait();
        continue;
      }
      try {
        await this.parts.slots.add(() => this.deliver());
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  private async deliver(): Promise<void> {
    if (this.stopping) return;
    const batch = await this.nextBatch();
    if (batch.records.length > 0) {
      await this.options.handler(batch.records, { from: this.kept, next: batch.next });
      await this.keep(batch.next);
      this.kept = batch.next;
    }
    this.position = batch.next;
    this.attempt = 0;
    this.failedUntil = null;
  }

  private async nextBatch(): Promise<Batch> {
    const { partition } = this.lease;
    if (this.position === null) {
      this.position = partition.committed.get(this.options.group) ?? partition.start;
      this.kept = this.position;
    }
    const until = this.failedUntil ?? partition.end;
    const batch = await this.parts.reader.read(partition, this.position, {
      until,
      ...batchLimits(this.options),
    });
    this.failedUntil = batch.next;
    return batch;
  }

  private keep(offset: number): Promise<void> {
    const { partition, guard } = this.lease;
    const { operation, committed } = keepPosition(this.options.group, partition, offset);
    // Not synced: losing it to a power failure means a redelivery, and records behind it sync it along.
    return this.parts.queue.submit({
      values: [],
      bytes: 0,
      size: 1,
      sync: false,
      prepare: () => {
        guard();
        return [operation];
      },
      committed,
    });
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof PartitionLostError) {
      this.stopping = true;
      return;
    }
    if (isCutOff(this.options.handler)) {
      this.stopping = true;
      this.parts.evict();
      return;
    }
    this.attempt += 1;
    report(this.options.onError, error, this.attempt);
    await pause(retryDelay(this.attempt, this.options.retry), this.wakeup, () => this.stopping);
  }
}
