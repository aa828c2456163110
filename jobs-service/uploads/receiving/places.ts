/** Bounds the uploads, or the previews, that run at once: in all, and for one sender. */

import { Problem } from '@tidings/service-kit/http/problem.ts';

/** At once for one owner that a login names, or else for one address. */
const MAX_UPLOADS_PER_SENDER = 4;
/** Seconds after which a place may be free again. */
const RETRY_AFTER_SECONDS = 5;

export class UploadPlaces {
  readonly #max: number;
  readonly #what: string;
  readonly #taken = new Map<string, number>();

  /**
   * @param max at once, in all
   * @param what takes a place
   */
  constructor(max: number, what: 'uploads' | 'previews' = 'uploads') {
    this.#max = max;
    this.#what = what;
  }

  /**
   * Takes a place.
   *
   * @param sender as `senderOf` names it
   * @returns a function that gives the place back
   * @throws Problem rate_limited, where none is free
   */
  take(sender: string): () => void {
    const own = this.#taken.get(sender) ?? 0;
    if (this.hasAllOfOne(sender)) throw noPlace(`${own} ${this.#what} of yours`);
    const all = [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
    if (all >= this.#max) throw noPlace(`${all} ${this.#what}`);
    this.#taken.set(sender, own + 1);
    return () => this.#giveBack(sender);
  }

  /** Whether the sender has as many places as one may have, though others be free. */
  hasAllOfOne(sender: string): boolean {
    return (this.#taken.get(sender) ?? 0) >= MAX_UPLOADS_PER_SENDER;
  }

  #giveBack(sender: string): void {
    const rest = (this.#taken.get(sender) ?? 0) - 1;
    if (rest > 0) this.#taken.set(sender, rest);
    else this.#taken.delete(sender);
  }
}

function noPlace(what: string): Problem {
  return new Problem('rate_limited', `${what} are running. Try again in ${RETRY_AFTER_SECONDS} seconds.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
