/** When to try again: longer and longer, at a random moment, so that many clients do not come back at once. */

/** Milliseconds: the least pause, what the first one may be beyond it, and the most. */
const LEAST_MS = 50;
const FIRST_MS = 300;
const MOST_MS = 10_000;

export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** @param random from 0 to below 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds until the next attempt. */
  next(): number {
    const spread = Math.min(MOST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    return LEAST_MS + this.#random() * spread;
  }

  /** A moment within what a server asks for, in milliseconds. */
  within(milliseconds: number): number {
    return this.#random() * Math.min(Math.max(milliseconds, 0), 60_000);
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
