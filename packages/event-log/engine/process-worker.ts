import type { NewRecord, PartitionProcessor, ProcessOptions } from '../event-log.ts';
import type { ProcessCrashPoint } from './crash-points.ts';
import { type BatchLimits, batchLimits } from './limits.ts';
import type { ProcessSource, Transactions } from './partition-source.ts';
import { longestTimeoutMs, PartitionWorker } from './partition-worker.ts';

const defaultCommitIntervalMs = 200;

/** One processor, from the committed position to its first failure. */
interface Processing {
  readonly transactions: Transactions;
  readonly processor: PartitionProcessor;
  position: number;
  /** When the oldest record was handled that no transaction has taken yet (performance.now); null: there is none. */
  uncommittedSince: number | null;
  /** The transaction under way, or the last one. Never rejects. */
  committing: Promise<void>;
  /** The error of a failed transaction, in an object of its own; null: none has failed. */
  failure: { readonly error: unknown } | null;
}

/**
 * Works one partition off with processors: a new one after each failure. While one transaction is on its way into the log, the next records
 * are handled already; there is one transaction at a time.
 */
export class ProcessWorker extends PartitionWorker<ProcessSource> {
  private readonly options: ProcessOptions;
  private readonly limits: BatchLimits;
  private readonly onCrashPoint: (point: ProcessCrashPoint) => void;
  private processing: Processing | null = null;

  constructor(
    source: ProcessSource,
    options: ProcessOptions,
    onCrashPoint: (point: ProcessCrashPoint) => void,
  ) {
    super(source, options);
    this.options = options;
    this.limits = batchLimits(options);
    this.onCrashPoint = onCrashPoint;
  }

  protected async work(): Promise<void> {
    this.processing ??= await this.begin();
    const { processing } = this;
    const { commitIntervalMs = defaultCommitIntervalMs } = this.options;
    while (this.mayTakeMore && processing.failure === null) {
      const { uncommittedSince: since } = processing;
      const left = since === null ? undefined : since + commitIntervalMs - performance.now();
      if (left !== undefined && left <= 0) await this.beginCommit(processing);
      else if (this.source.hasRecords) await this.handleNext(processing);
      else await this.wakeup.wait(left === undefined ? undefined : Math.min(left, longestTimeoutMs));
    }
    if (processing.uncommittedSince !== null) await this.beginCommit(processing);
    await processing.committing;
    if (processing.failure !== null) throw processing.failure.error;
  }

  protected async abandon(): Promise<void> {
    const { processing } = this;
    this.processing = null;
    await processing?.transactions.close();
  }

  /** The order matters: every former owner is fenced first, so that the position that is read then is final. */
  private async begin(): Promise<Processing> {
    await Promise.race([this.source.ownershipConfirmed(), this.stopped]);
    this.guard();
    const { topic, partition } = this.source;
    const transactions = await this.source.beginTransactions();
    try {
      const position = await this.source.committedPosition();
      this.guard();
      const processor = await this.options.createProcessor(topic, partition);
      this.source.seek(position);
      return {
        transactions,
        processor,
        position,
        uncommittedSince: null,
        committing: Promise.resolve(),
        failure: null,
      };
    } catch (error) {
      await transactions.close();
      throw error;
    }
  }

  private async handleNext(processing: Processing): Promise<void> {
    const batch = await this.source.take(this.limits);
    if (!batch) return;
    if (batch.records.length > 0) {
      const handled = await processing.processor.handle(batch.records);
      processing.position = typeof handled === 'object' ? handled.next : batch.next;
      processing.uncommittedSince ??= performance.now();
      this.onCrashPoint('handled');
      if (handled !== false) await this.beginCommit(processing);
      // The next record may throw the processor away, and with it a commit that is on its way.
      if (typeof handled === 'object') await processing.committing;
    }
    this.source.release(batch);
    if (batch.records.length > 0 && processing.position < batch.next) this.source.seek(processing.position);
  }

  /** Resolves when the transaction before is over and the next one is under way, with all that has been handled. */
  private async beginCommit(processing: Processing): Promise<void> {
    await processing.committing;
    if (processing.failure !== null) return;
    const outputs = await processing.processor.outputs();
    this.onCrashPoint('outputs-collected');
    this.guard();
    processing.uncommittedSince = null;
    this.onCrashPoint('before-commit');
    processing.committing = this.commit(processing, outputs, processing.position);
  }

  /** Never rejects. */
  private async commit(
    processing: Processing,
    outputs: readonly NewRecord[],
    position: number,
  ): Promise<void> {
    try {
      await processing.transactions.commit(outputs, position);
      this.onCrashPoint('after-commit');
      this.attempt = 0;
    } catch (error) {
      processing.failure = { error };
      this.wakeup.wake();
    }
  }
}
