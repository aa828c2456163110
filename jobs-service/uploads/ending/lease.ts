/**
 * The lease under which an upload is received. A numbered heartbeat is sent every few seconds, and the next one only once the one
 * before is decided. Each that becomes durable renews the lease from the moment at which it was sent; without one for too long the
 * lease is lost. Sweepers wait twice as long before they take an upload for dead (`sweeper.ts`), so an upload that still
 * sends is never taken for dead.
 */

export interface UploadLeaseTimes {
  /** Milliseconds between heartbeats. */
  readonly intervalMs: number;
  /** Milliseconds without a durable heartbeat after which the lease is lost. */
  readonly lostAfterMs: number;
}

export const LEASE_TIMES: UploadLeaseTimes = { intervalMs: 5_000, lostAfterMs: 30_000 };

export class UploadLease {
  readonly #beat: (number: number) => Promise<void>;
  readonly #onLost: () => void;
  readonly #times: UploadLeaseTimes;
  #number = 0;
  /** By `performance.now()`, which goes on while the process is paused. */
  #heldUntil = Number.NEGATIVE_INFINITY;
  #isBeating = false;
  #hasEnded = false;
  #heartbeats: NodeJS.Timeout | undefined;
  #loss: NodeJS.Timeout | undefined;

  /**
   * @param beat appends the heartbeat of this number, from 1; resolves once it is durable. Each attempt has a number of its own,
   *   because one that fails may be on the log all the same
   * @param onLost called once, when the lease is lost
   */
  constructor(
    beat: (number: number) => Promise<void>,
    onLost: () => void,
    times: UploadLeaseTimes = LEASE_TIMES,
  ) {
    this.#beat = beat;
    this.#onLost = onLost;
    this.#times = times;
  }

  /** @param since when the record that began the lease was sent, by `performance.now()` */
  begin(since: number): void {
    if (this.#hasEnded) return;
    this.#heartbeats = setInterval(() => void this.#tryBeat(), this.#times.intervalMs);
    this.#renew(since);
  }

  /** Ask it before each append: after a pause of the process the lease may be lost before any timer has run. */
  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** No heartbeat is sent any more, and the lease cannot be lost any more. */
  end(): void {
    this.#hasEnded = true;
    clearInterval(this.#heartbeats);
    clearTimeout(this.#loss);
  }

  async #tryBeat(): Promise<void> {
    if (this.#isBeating || !this.isHeld) return;
    this.#isBeating = true;
    this.#number += 1;
    const sentAt = performance.now();
    try {
      await this.#beat(this.#number);
      // One that becomes durable too late renews nothing.
      if (this.isHeld) this.#renew(sentAt);
    } catch {
      // Whoever sends the heartbeat logs the failure; the next one comes after the interval.
    } finally {
      this.#isBeating = false;
    }
  }

  #renew(from: number): void {
    if (this.#hasEnded) return;
    this.#heldUntil = from + this.#times.lostAfterMs;
    clearTimeout(this.#loss);
    // A process that was paused may come here after the end, and Node 24 warns of a negative time.
    this.#loss = setTimeout(() => this.#lose(), Math.max(1, this.#heldUntil - performance.now()));
  }

  #lose(): void {
    this.end();
    this.#onLost();
  }
}
