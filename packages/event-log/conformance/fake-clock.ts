import { pause } from '@tidings/failures/retry.ts';
import type { Clock } from '../schedule/clock.ts';

/** A clock that a test sets. Whoever waits by it looks at it again when it is set, and now and then anyway. */
export class FakeClock implements Clock {
  #now: number;
  #waiting = new AbortController();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const woken = AbortSignal.any([signal, this.#waiting.signal]);
    await pause(Math.max(1, milliseconds), woken).catch(() => signal.throwIfAborted());
  }

  /** Forwards or back. */
  set(now: number): void {
    this.#now = now;
    this.#waiting.abort();
    this.#waiting = new AbortController();
  }
}
