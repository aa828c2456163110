/** Counts by key, in this process and in bounded memory: how often in a time, and how many at once. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../http/problem.ts';

/** Keys that have a count, at most; 0.6 KB each. Above that the keys that were counted longest ago lose their count. */
const MAX_KEYS = 50_000;
/** The share of the keys that keep their count then. Many keys go at once, because finding the oldest key takes time. */
const KEPT_SHARE = 0.9;

export interface QuotaOptions {
  /** Times in each window; further ones are refused. */
  readonly times: number;
  /** Seconds of a window, which begins with the first time. */
  readonly seconds: number;
  /** Default 50,000. */
  readonly maxKeys?: number;
}

export class Quota {
  readonly #limiter: RateLimiterMemory;
  readonly #maxKeys: number;
  /** The key that was counted longest ago comes first; some keys have no count any more. */
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

/** Bounds how many uses of one key run at the same time. */
export class AtOnce {
  readonly #counts = new Map<string, number>();

  /**
   * Adds one. The function that it returns takes that one away again, once.
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
