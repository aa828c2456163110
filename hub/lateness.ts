/**
 * Whether notifications reach listeners late: because what was read cannot be handled, or because more is written than
 * is read. Each reader of the log says when it begins a batch and when it has handled it; what began long ago, or was written
 * long ago, is late.
 */
import type { HubLimits } from './limits.ts';

/** A readiness check that fails. */
export class NotificationsLateError extends Error {
  readonly code = 'notifications_late';
  readonly retriable = true;

  constructor() {
    super(
      'Notifications are late: a batch of them cannot be handled, or they are written faster than they are read.',
    );
    this.name = 'NotificationsLateError';
  }
}

/** Looks in a row that must agree, before what clients are told changes. */
const LOOKS = 3;
/** Milliseconds without a new attempt after which a batch is taken for another hub's: its partition has moved. */
const ABANDONED_MS = 30_000;

interface Batch {
  /** Milliseconds since 1970: when it was first begun, or its oldest record written. */
  readonly since: number;
  /** Of the last attempt; null while one is under way. */
  readonly failedAt: number | null;
}

export interface LatenessOptions {
  readonly limits: Pick<HubLimits, 'lateMs' | 'lateLookMs'>;
  readonly now: () => number;
  readonly onChange: (isLate: boolean) => void;
}

export class Lateness {
  readonly #options: LatenessOptions;
  /** By reader: a topic, or one of its partitions. */
  readonly #batches = new Map<string, Batch>();
  readonly #looks: NodeJS.Timeout;
  #differing = 0;
  #isLate = false;

  constructor(options: LatenessOptions) {
    this.#options = options;
    this.#looks = setInterval(() => this.#look(), options.limits.lateLookMs);
    this.#looks.unref();
  }

  get isLate(): boolean {
    return this.#isLate;
  }

  /** @param writtenAt of the batch's first record */
  begin(reader: string, writtenAt: number): void {
    const now = this.#options.now();
    const since = Math.min(now, writtenAt, this.#batches.get(reader)?.since ?? now);
    this.#batches.set(reader, { since, failedAt: null });
  }

  /** The same around the handling of a batch. Rejects with what the handling fails with. */
  async watch(reader: string, writtenAt: number, handle: () => Promise<void>): Promise<void> {
    this.begin(reader, writtenAt);
    try {
      await handle();
    } catch (error) {
      this.fail(reader);
      throw error;
    }
    this.end(reader);
  }

  /** The batch could not be handled, or nothing could be read; it is tried again, here or by another hub. */
  fail(reader: string): void {
    const now = this.#options.now();
    this.#batches.set(reader, { since: this.#batches.get(reader)?.since ?? now, failedAt: now });
  }

  end(reader: string): void {
    this.#batches.delete(reader);
  }

  stop(): void {
    clearInterval(this.#looks);
  }

  #look(): void {
    const now = this.#options.now();
    let isLate = false;
    for (const [reader, { since, failedAt }] of this.#batches) {
      if (failedAt !== null && now - failedAt > ABANDONED_MS) this.#batches.delete(reader);
      else if (now - since > this.#options.limits.lateMs) isLate = true;
    }
    this.#differing = isLate === this.#isLate ? 0 : this.#differing + 1;
    if (this.#differing < LOOKS) return;
    this.#differing = 0;
    this.#isLate = isLate;
    this.#options.onChange(isLate);
  }
}
