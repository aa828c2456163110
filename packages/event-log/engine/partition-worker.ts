import { codeOf } from '@tidings/failures/failure.ts';
import { pauseAfter } from '@tidings/failures/retry.ts';
import type { BlockingRetry, Handover } from '../event-log.ts';
import { PartitionLostError } from './failures.ts';
import type { PartitionSource } from './partition-source.ts';
import { Wakeup } from './wakeup.ts';

export interface WorkerOptions {
  readonly retry?: BlockingRetry;
  onError?(error: unknown, attempt: number): void;
  onHandover?(handover: Handover): void;
}

/** The longest time that `setTimeout` takes. */
export const longestTimeoutMs = 2 ** 31 - 1;
/** Milliseconds between two looks at whether the member has ended, while a partition is postponed. */
const endedMemberLookMs = 1_000;
const defaultRetry: BlockingRetry = { initialDelayMs: 100, maxDelayMs: 30_000 };

/**
 * Works one partition off for as long as the member owns it. Three calls end or suspend its loop: `lose` (another member owns the
 * partition), `drain` (the consumer stops), `hold` (the group is about to share its partitions anew).
 */
export abstract class PartitionWorker<Source extends PartitionSource = PartitionSource> {
  /** Resolves when nothing runs any more. Never rejects. */
  readonly ended: Promise<void>;
  /** Resolves when the loop is to end. */
  protected readonly stopped: Promise<void>;
  protected readonly source: Source;
  protected readonly wakeup = new Wakeup();
  /** Failures in a row. */
  protected attempt = 0;
  private readonly workerOptions: WorkerOptions;
  private stopping = false;
  private lost = false;
  private held = false;
  private isIdle = false;
  private onIdle = (): void => undefined;
  private onStop = (): void => undefined;

  constructor(source: Source, options: WorkerOptions) {
    this.source = source;
    this.workerOptions = options;
    this.stopped = new Promise((resolve) => {
      this.onStop = resolve;
    });
    // A turn later: the subclass is not constructed yet.
    this.ended = Promise.resolve().then(() => this.run());
  }

  /** Takes no new batch; resolves when the running handler has ended and its position is committed. Safe to call twice. */
  drain(): Promise<void> {
    this.announce('wanted');
    this.end();
    return this.ended;
  }

  /** Another member owns the partition: nothing that is running counts. */
  lose(): void {
    if (!this.lost) this.announce('lost');
    this.lost = true;
    this.end();
  }

  /** Takes no new batch until `resume`; resolves when the running handler has ended and its position is committed. */
  hold(): Promise<void> {
    this.held = true;
    this.announce('wanted');
    this.wakeup.wake();
    if (this.isIdle) return Promise.resolve();
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
    return Promise.race([idle, this.ended]);
  }

  resume(): void {
    this.held = false;
    this.wakeup.wake();
  }

  /** Works from the committed position on, until the first failure or until the loop may take no other batch; commits then. */
  protected abstract work(): Promise<void>;

  /** Forgets what is not committed: called after a failure, and at the end. */
  protected abstract abandon(): Promise<void>;

  /** Whether the loop may take another batch. */
  protected get mayTakeMore(): boolean {
    return !this.stopping && !this.held;
  }

  /** Whether the consumer stops, or another member owns the partition. */
  protected get isStopping(): boolean {
    return this.stopping;
  }

  /** Throws PartitionLostError once another member owns the partition. */
  protected guard(): void {
    if (this.lost) throw new PartitionLostError(this.source.topic, this.source.partition);
  }

  private end(): void {
    this.stopping = true;
    this.onStop();
    this.wakeup.wake();
  }

  private async run(): Promise<void> {
    await this.source.open(this.wakeup.wake);
    while (!this.stopping) {
      try {
        if (this.held) await this.waitUntilResumed();
        else await this.work();
      } catch (error) {
        await this.failed(error);
      }
    }
    this.source.close();
    await this.abandon().catch(() => undefined);
  }

  private async waitUntilResumed(): Promise<void> {
    this.isIdle = true;
    this.onIdle();
    await this.wakeup.wait();
    this.isIdle = false;
  }

  private async failed(error: unknown): Promise<void> {
    // The worker holds no batch during the pause: the records are read again.
    this.source.seek(null);
    await this.abandon().catch(() => undefined);
    if (error instanceof PartitionLostError || this.source.removeEndedMember()) {
      this.lose();
      return;
    }
    const postponedMs = postponedBy(error);
    if (postponedMs !== null) return this.postpone(postponedMs, error);
    this.attempt += 1;
    this.report(error);
    const { initialDelayMs: firstMs, maxDelayMs: longestMs } = this.workerOptions.retry ?? defaultRetry;
    const pauseMs = pauseAfter(this.attempt, { firstMs, longestMs });
    await this.wakeup.waitUnless(() => !this.mayTakeMore, pauseMs);
  }

  /** A member may end during a wait, however long it is: then another one gets the partition. */
  private async postpone(milliseconds: number, error: unknown): Promise<void> {
    const endedBy = endOfPostponement(error);
    const isOver = () => !this.mayTakeMore || endedBy?.aborted === true;
    const end = performance.now() + milliseconds;
    endedBy?.addEventListener('abort', this.wakeup.wake);
    for (let left = milliseconds; left > 0 && !isOver(); left = end - performance.now()) {
      await this.wakeup.waitUnless(isOver, Math.min(left, endedMemberLookMs));
      if (this.source.removeEndedMember()) this.lose();
    }
    endedBy?.removeEventListener('abort', this.wakeup.wake);
  }

  private report(error: unknown): void {
    const { attempt } = this;
    tell(() => this.workerOptions.onError?.(error, attempt));
  }

  private announce(state: Handover['state']): void {
    const { topic, partition } = this.source;
    tell(() => this.workerOptions.onHandover?.({ topic, partition, state }));
  }
}

/** A listener that throws, or whose thread has ended, does not disturb the loop. */
function tell(listener: () => unknown): void {
  new Promise((resolve) => resolve(listener())).catch(() => undefined);
}

/** The signal of a `Postponement`, which may have lost its class. */
function endOfPostponement(error: unknown): AbortSignal | undefined {
  if (!(error instanceof Error) || !('endedBy' in error)) return undefined;
  return error.endedBy instanceof AbortSignal ? error.endedBy : undefined;
}

/** Milliseconds; null where the error is no `Postponement`. One that comes from another thread has lost its class. */
function postponedBy(error: unknown): number | null {
  if (codeOf(error) !== 'postponed' || !(error instanceof Error) || !('milliseconds' in error)) return null;
  return typeof error.milliseconds === 'number' ? Math.min(error.milliseconds, longestTimeoutMs) : null;
}
