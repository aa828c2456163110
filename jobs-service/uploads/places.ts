/** Bounds the uploads that run at once: in all, and for one sender. */

import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Uploads at once for one owner that a login names, or else for one address. */
const MAX_UPLOADS_PER_SENDER = 4;
/** Seconds after which a place may be free again. */
const RETRY_AFTER_SECONDS = 5;

export class UploadPlaces {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  /** @param max uploads at once, in all */
  constructor(max: number) {
    this.#max = max;
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
    if (own >= MAX_UPLOADS_PER_SENDER) throw noPlace(`${own} uploads of yours`);
    const all = [...this.#taken.values()].reduce((sum, count) => sum + count, 0);
    if (all >= this.#max) throw noPlace(`${all} uploads`);
    this.#taken.set(sender, own + 1);
    return () => this.#giveBack(sender);
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
