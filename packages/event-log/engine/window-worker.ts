import type PQueue from 'p-queue';
import type { BatchSpan, ConsumeOptions } from '../event-log.ts';
import { CommittingWorker } from './committing-worker.ts';
import { type BatchLimits, batchLimits } from './limits.ts';
import type { Batch, ConsumeSource } from './partition-source.ts';

/** Offsets between the oldest batch in hand and the newest, at most: so much comes again where the partition moves. */
const maxOffsetsAhead = 10_000;

interface BatchInHand {
  readonly span: BatchSpan;
  isHandled: boolean;
}

/**
 * Delivers one partition to a handler, several batches at once. Where a batch is over, the next one begins, whatever becomes of those before
 * it. The position moves behind the oldest batch in hand. A handler that throws ends the window: nothing new begins, what is in hand ends, and
 * the partition goes on at its committed position after a pause.
 */
export class WindowWorker extends CommittingWorker {
  private readonly options: ConsumeOptions;
  private readonly limits: BatchLimits;
  private readonly batchesAtOnce: number;
  /** Shared by the member's partitions. */
  private readonly slots: PQueue;
  /** Where the next batch begins; null until the loop begins at the committed position. */
  private takenUntil: number | null = null;
  /** In their order, from the oldest that is not over. */
  private window: BatchInHand[] = [];
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | null = null;
  private hasDelivered = false;

  constructor(source: ConsumeSource, options: ConsumeOptions, slots: PQueue) {
    super(source, options);
    this.options = options;
    this.limits = batchLimits(options);
    this.batchesAtOnce = options.batchesAtOnce ?? 1;
    this.slots = slots;
  }

  protected async work(): Promise<void> {
    if (this.takenUntil === null) {
      this.takenUntil = await this.source.committedPosition();
      this.source.seek(this.takenUntil);
    }
    while (this.mayTakeMore && this.failure === null) {
      if (this.source.hasRecords && this.hasRoom) await this.beginNext();
      else await this.wakeup.wait();
    }
    await Promise.all(this.running);
    await this.committed();
    if (this.failure !== null) throw this.failure.error;
  }

  protected async abandon(): Promise<void> {
    await Promise.all(this.running);
    await this.committed();
    this.takenUntil = null;
    this.window = [];
    this.failure = null;
    this.source.seek(null);
  }

  private get hasRoom(): boolean {
    const oldest = this.window[0]?.span.from ?? this.takenUntil ?? 0;
    return this.running.size < this.batchesAtOnce && (this.takenUntil ?? 0) - oldest < maxOffsetsAhead;
  }

  /** Resolves when the batch has begun. */
  private async beginNext(): Promise<void> {
    const leave = await this.slot();
    const batch = this.mayTakeMore ? await this.source.take(this.limits) : null;
    if (!batch || batch.records.length === 0) return leave();
    // It is held by its handler alone, so that what is not over keeps nothing from being fetched.
    this.source.release(batch);
    if (!this.mayTakeMore) {
      // The handler would not be told that the partition is wanted.
      this.source.seek(this.takenUntil);
      return leave();
    }
    const run = this.handle(batch).finally(() => {
      this.running.delete(run);
      leave();
      this.wakeup.wake();
    });
    this.running.add(run);
  }

  /** Never rejects. */
  private async handle(batch: Batch): Promise<void> {
    const span = { from: this.takenUntil ?? batch.next, next: batch.next, first: !this.hasDelivered };
    const inHand = { span, isHandled: false };
    this.window.push(inHand);
    this.takenUntil = batch.next;
    this.hasDelivered = true;
    try {
      await this.options.handler(batch.records, span);
    } catch (error) {
      this.failure ??= { error };
      return;
    }
    this.attempt = 0;
    inHand.isHandled = true;
    await this.moveOn();
  }

  private async moveOn(): Promise<void> {
    const rest = this.window.findIndex(({ isHandled }) => !isHandled);
    const over = this.window.splice(0, rest === -1 ? this.window.length : rest);
    const last = over.at(-1);
    if (last !== undefined) await this.commitSoon(last.span.next, over.length);
  }

  /** Resolves with what gives the slot back. */
  private slot(): Promise<() => void> {
    return new Promise((resolve) => {
      void this.slots.add(() => new Promise<void>((leave) => resolve(leave)));
    });
  }
}
