/**
 * Finds out whether notifications reach listeners late: because a batch cannot be handled, because more is written than is read, or
 * because the log does not answer. Each reader of the log reports the begin and the end of each batch. A batch is late if it was begun,
 * or written, too long ago and has not ended. An answer of the log is late if it has been due for too long.
 */
import { Failure } from '@tidings/failures/failure.ts';
import type { HubLimits } from '../limits.ts';

/** The readiness check of notifications fails. */
export class NotificationsLateError extends Failure<'notifications_late'> {
  override name = 'NotificationsLateError';

  constructor() {
    super(
      'notifications_late',
      'Notifications are late: the log does not answer, a batch cannot be handled, or more is written than is read.',
      { retriable: true },
    );
  }
}

/** Checks in a row that must agree before lateness changes. */
const CHECKS_IN_A_ROW = 3;
/** Milliseconds after a failed attempt. Without another attempt in that time, another hub is taken to have the partition. */
const ABANDONED_MS = 30_000;

/** The name under which the probe of the log is watched. */
const LOG_PROBE = 'log';

interface Handling {
  /** Milliseconds since 1970: when the batch was first begun, or its oldest record written. */
  readonly since: number;
  /** Milliseconds since 1970: when the last attempt failed; null while one is under way. */
  readonly failedAt: number | null;
}

export interface LatenessOptions {
  readonly limits: Pick<HubLimits, 'lateMs' | 'lateCheckMs'>;
  readonly now: () => number;
  /** Makes a small request to the log, one at a time, at each check: a log that is down delivers no batch that could be late. */
  readonly probeLog: () => Promise<unknown>;
  readonly onChange: (isLate: boolean) => void;
}

export class Lateness {
  readonly #options: LatenessOptions;
  /** By reader: a topic, or one of its partitions. */
  readonly #handlings = new Map<string, Handling>();
  readonly #checks: NodeJS.Timeout;
  #differing = 0;
  #isLate = false;
  #isProbing = false;

  constructor(options: LatenessOptions) {
    this.#options = options;
    this.#checks = setInterval(() => this.#check(), options.limits.lateCheckMs);
    this.#checks.unref();
  }

  get isLate(): boolean {
    return this.#isLate;
  }

  /** @param writtenAt of the batch's first record */
  begin(reader: string, writtenAt: number): void {
    const now = this.#options.now();
    const since = Math.min(now, writtenAt, this.#handlings.get(reader)?.since ?? now);
    this.#handlings.set(reader, { since, failedAt: null });
  }

  /** Reports the begin, the failure and the end of a handling. Rejects with the error of the handling. */
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

  /** The batch could not be handled, or nothing could be read. It is tried again, here or by another hub. */
  fail(reader: string): void {
    const now = this.#options.now();
    this.#handlings.set(reader, { since: this.#handlings.get(reader)?.since ?? now, failedAt: now });
  }

  end(reader: string): void {
    this.#handlings.delete(reader);
  }

  stop(): void {
    clearInterval(this.#checks);
  }

  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    const { now, probeLog } = this.#options;
    const probe = async () => void (await probeLog());
    // The readers of the log report its errors.
    await this.watch(LOG_PROBE, now(), probe).catch(() => undefined);
    this.#isProbing = false;
  }

  #check(): void {
    void this.#probe();
    const now = this.#options.now();
    let isLate = false;
    for (const [reader, { since, failedAt }] of this.#handlings) {
      if (failedAt !== null && now - failedAt > ABANDONED_MS) this.#handlings.delete(reader);
      else if (now - since > this.#options.limits.lateMs) isLate = true;
    }
    this.#differing = isLate === this.#isLate ? 0 : this.#differing + 1;
    if (this.#differing < CHECKS_IN_A_ROW) return;
    this.#differing = 0;
    this.#isLate = isLate;
    this.#options.onChange(isLate);
  }
}
