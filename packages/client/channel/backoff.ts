/** When to try again: after growing random pauses, so that many clients do not come back at once. */
import { pauseAfter } from '@tidings/failures/retry.ts';

/** Milliseconds of the shortest pause. */
const LEAST_MS = 50;
/** Milliseconds of the random part, at most. */
const spreads = { firstMs: 300, longestMs: 10_000 };
/** Milliseconds at most that a server may ask for. */
const MOST_ASKED_MS = 60_000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** @param random from 0 to below 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    this.#failures += 1;
    return LEAST_MS + this.#random() * pauseAfter(this.#failures, spreads);
  }

  /** A random moment within the time that a server asks for, in milliseconds. */
  within(milliseconds: number): number {
    return this.#random() * Math.min(Math.max(milliseconds, 0), MOST_ASKED_MS);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
