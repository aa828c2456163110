/** Counts by key: how often in a time, how many at once. In this process, and in bounded memory. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../http/problem.ts';

/** Keys that are counted at a time, of 0.6 KB each; beyond, those that were counted longest ago begin anew. */
const MAX_KEYS = 50_000;
/** The part of them that stays then: many go at once, for looking for the oldest takes its time. */
const KEPT_SHARE = 0.9;

export interface QuotaOptions {
  /** Times in each window; what is beyond is refused. */
  readonly times: number;
  /** Seconds of a window, which begins with the first time. */
  readonly seconds: number;
  /** Default 50,000. */
  readonly maxKeys?: number;
}

export class Quota {
  readonly #limiter: RateLimiterMemory;
  readonly #maxKeys: number;
  /** The one that was counted longest ago first; some of them have no count any more. */
  readonly #keys = new Set<string>();

  constructor({ times, seconds, maxKeys = MAX_KEYS }: QuotaOptions) {
    this.#limiter = new RateLimiterMemory({ points: times, duration: seconds });
    this.#maxKeys = maxKeys;
  }

  /** Counts once, and resolves with the count. @throws Problem rate_limited */
  async take(key: string): Promise<number> {
    this.#keep(key);
    try {
      return (await this.#limiter.consume(key)).consumedPoints;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw tooMany(Math.ceil(refusal.msBeforeNext / 1000));
    }
  }

  forget(key: string): void {
    this.#keys.delete(key);
    void this.#limiter.delete(key);
  }

  #keep(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= this.#maxKeys) return;
    for (const oldest of this.#keys) {
      if (this.#keys.size <= this.#maxKeys * KEPT_SHARE) break;
      this.forget(oldest);
    }
  }
}

/** How many of each key there are at once. */
export class AtOnce {
  readonly #counts = new Map<string, number>();

  /**
   * Adds one; what it returns takes it away again, once.
   * @throws Problem rate_limited, beyond the most
   */
  enter(key: string, most: number): () => void {
    const count = this.#counts.get(key) ?? 0;
    if (count >= most) throw tooMany(1);
    this.#counts.set(key, count + 1);
    let isIn = true;
    return () => {
      if (isIn) this.#leave(key);
      isIn = false;
    };
  }

  #leave(key: string): void {
    const rest = (this.#counts.get(key) ?? 0) - 1;
    if (rest > 0) this.#counts.set(key, rest);
    else this.#counts.delete(key);
  }
}

function tooMany(seconds: number): Problem {
  return new Problem('rate_limited', 'Too many requests; wait a little.', {
    retryAfterSeconds: Math.max(1, seconds),
  });
}
