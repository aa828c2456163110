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
  attemptedAt: number;
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

  /** @param writtenAt of the batch's first record; not given where nothing could be read */
  begin(reader: string, writtenAt = Number.POSITIVE_INFINITY): void {
    const now = this.#options.now();
    const known = this.#batches.get(reader);
    if (known === undefined) this.#batches.set(reader, { since: Math.min(now, writtenAt), attemptedAt: now });
    else known.attemptedAt = now;
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
    for (const [reader, { since, attemptedAt }] of this.#batches) {
      if (now - attemptedAt > ABANDONED_MS) this.#batches.delete(reader);
      else if (now - since > this.#options.limits.lateMs) isLate = true;
    }
    this.#differing = isLate === this.#isLate ? 0 : this.#differing + 1;
    if (this.#differing < LOOKS) return;
    this.#differing = 0;
    this.#isLate = isLate;
    this.#options.onChange(isLate);
  }
}
