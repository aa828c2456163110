import { report } from '../engine/limits.ts';
import { pause, retryDelay } from '../engine/retry.ts';
import { Wakeup } from '../engine/wakeup.ts';
import type { BlockingRetry } from '../event-log.ts';
import type { BatchLimits } from './cursor.ts';
import { Cursor } from './cursor.ts';
import { PartitionLostError } from './failures.ts';
import type { Fetcher } from './fetcher.ts';
import type { Membership } from './membership.ts';
import type { Offsets } from './offsets.ts';
import type { KafkaLogSettings } from './settings.ts';
import type { Topics } from './topics.ts';

export interface WorkerParts {
  readonly settings: KafkaLogSettings;
  readonly topics: Topics;
  readonly offsets: Offsets;
  readonly membership: Membership;
  readonly fetcher: Fetcher;
  /** Batch limits of the consumer. */
  readonly limits: BatchLimits;
  /** What had this partition before in this member has ended. */
  readonly before: Promise<unknown>;
}

export interface WorkerOptions {
  readonly group: string;
  readonly retry?: BlockingRetry;
  onError?(error: unknown, attempt: number): void;
}

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Works one partition off for as long as the member has it. Three things end or hold its loop: `lose` (the partition is another's),
 * `drain` (the consumer stops), `hold` (the group is about to share its partitions anew).
 */
export abstract class PartitionWorker {
  /** Resolves when nothing runs any more. Never rejects. */
  readonly ended: Promise<void>;
  /** Resolves when the loop is to end. */
  protected readonly stopped: Promise<void>;
  protected readonly parts: WorkerParts;
  protected readonly place: Place;
  protected readonly cursor: Cursor;
  protected readonly wakeup = new Wakeup();
  protected attempt = 0;
  private readonly options: WorkerOptions;
  private stopping = false;
  private lost = false;
  private held = false;
  private isIdle = false;
  private onIdle = (): void => undefined;
  private onStop = (): void => undefined;

  constructor(parts: WorkerParts, options: WorkerOptions, place: Place) {
    this.parts = parts;
    this.options = options;
    this.place = place;
    this.cursor = new Cursor(place, null, parts.limits.maxBytes, this.wakeup.wake);
    this.stopped = new Promise((resolve) => {
      this.onStop = resolve;
    });
    // Not before the subclass is made.
    this.ended = Promise.resolve().then(() => this.run());
  }

  /** Takes nothing new; resolves when what is running has ended and its position is kept. */
  drain(): Promise<void> {
    this.end();
    return this.ended;
  }

  /** The partition is another's: nothing that is running counts. */
  lose(): void {
    this.lost = true;
    this.end();
  }

  /** Takes nothing new until `resume`; resolves when what is running has ended and its position is kept. */
  hold(): Promise<void> {
    this.held = true;
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

  /** From the committed position to the first failure, or until the loop is to end or to be held; keeps the position then. */
  protected abstract work(): Promise<void>;

  /** Called after a failure, and at the end. */
  protected abstract abandon(): Promise<void>;

  /** Whether the loop may take another batch. */
  protected get goesOn(): boolean {
    return !this.stopping && !this.held;
  }

  /** Whether the consumer stops, or the partition is another's. */
  protected get isStopping(): boolean {
    return this.stopping;
  }

  /** Throws when the partition is another's. */
  protected guard(): void {
    if (this.lost) throw new PartitionLostError(this.place.topic, this.place.partition);
  }

  private end(): void {
    this.stopping = true;
    this.onStop();
    this.wakeup.wake();
  }

  private async run(): Promise<void> {
    await this.parts.before;
    this.parts.fetcher.add(this.cursor);
    while (!this.stopping) {
      try {
        if (this.held) await this.waitUntilResumed();
        else await this.work();
      } catch (error) {
        await this.failed(error);
      }
    }
    this.parts.fetcher.remove(this.cursor);
    await this.abandon().catch(() => undefined);
  }

  private async waitUntilResumed(): Promise<void> {
    this.isIdle = true;
    this.onIdle();
    await this.wakeup.wait();
    this.isIdle = false;
  }

  private async failed(error: unknown): Promise<void> {
    // No batch is held during the pause: it is fetched again.
    this.cursor.rewind(null);
    await this.abandon().catch(() => undefined);
    if (error instanceof PartitionLostError) {
      this.stopping = true;
      return;
    }
    this.attempt += 1;
    report(this.options.onError, error, this.attempt);
    await pause(retryDelay(this.attempt, this.options.retry), this.wakeup, () => this.stopping || this.held);
  }
}
