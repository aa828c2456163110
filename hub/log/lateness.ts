/**
 * Whether notifications reach listeners late: because what was read cannot be handled, or because more is written than
 * is read, or because the log does not answer. Each reader of the log says when it begins a batch and when it has handled it;
 * what began long ago, or was written long ago, is late, and so is an answer of the log.
 */
import type { HubLimits } from '../limits.ts';

/** A readiness check that fails. */
export class NotificationsLateError extends Error {
  readonly code = 'notifications_late';
  readonly retriable = true;

  constructor() {
    super(
      'Notifications are late: the log does not answer, a batch cannot be handled, or more is written than is read.',
    );
    this.name = 'NotificationsLateError';
  }
}

/** Looks in a row that must agree, before what clients are told changes. */
const LOOKS = 3;
/** Milliseconds without a new attempt after which a batch is taken for another hub's: its partition has moved. */
const ABANDONED_MS = 30_000;

/** The reader that stands for the log itself. */
const LOG = 'log';

interface Batch {
  /** Milliseconds since 1970: when it was first begun, or its oldest record written. */
  readonly since: number;
  /** Of the last attempt; null while one is under way. */
  readonly failedAt: number | null;
}

export interface LatenessOptions {
  readonly limits: Pick<HubLimits, 'lateMs' | 'lateLookMs'>;
  readonly now: () => number;
  /** Has the log answer something small, at each look once the last answer is there: of a log that is away no batch comes that could be late. */
  readonly probeLog: () => Promise<unknown>;
  readonly onChange: (isLate: boolean) => void;
}

export class Lateness {
  readonly #options: LatenessOptions;
  /** By reader: a topic, or one of its partitions. */
  readonly #batches = new Map<string, Batch>();
  readonly #looks: NodeJS.Timeout;
  #differing = 0;
  #isLate = false;
  #isProbing = false;

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

  async #probeLog(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const { now, probeLog } = this.#options;
    const ask = async () => void (await probeLog());
    // What it fails with is told by whoever reads.
    await this.watch(LOG, now(), ask).catch(() => undefined);
    this.#isProbing = false;
  }

  #look(): void {
    void this.#probeLog();
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
