/** Counts what comes within a minute. The next one begins with the first that comes after it. */
const MINUTE_MS = 60_000;

export class MinuteCount {
  #endsAt = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Of the minute that is under way, or was the last one. */
  get count(): number {
    return this.#count;
  }

  /** Counts one. Returns how many have come in this minute. */
  add(): number {
    const now = performance.now();
    if (now >= this.#endsAt) {
      this.#endsAt = now + MINUTE_MS;
      this.#count = 0;
    }
    this.#count += 1;
    return this.#count;
  }
}
