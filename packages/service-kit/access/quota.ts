/** Counts by key, in this process and in bounded memory: how often in a time, and how many at once. */
import { Problem } from '../http/problem.ts';

/** Keys that have a count, at most; 0.2 KB each. Above that the keys that were counted longest ago lose their count. */
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

interface Window {
  count: number;
  /** By the clock that never goes back. */
  readonly endsAt: number;
}

/** Has one timer for all keys: a socket is counted under four, and a timer for each would cost more than 1 KB of a socket. */
export class Quota {
  readonly #times: number;
  readonly #windowMs: number;
  readonly #maxKeys: number;
  /** The key that was counted longest ago comes first. */
  readonly #windows = new Map<string, Window>();
  /** Runs while there are keys. */
  #sweep: NodeJS.Timeout | undefined;

  constructor({ times, seconds, maxKeys = MAX_KEYS }: QuotaOptions) {
    this.#times = times;
    this.#windowMs = seconds * 1_000;
    this.#maxKeys = maxKeys;
  }

  /** Counts once, and resolves with the count. @throws Problem rate_limited */
  async take(key: string): Promise<number> {
    const now = performance.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) window = { count: 0, endsAt: now + this.#windowMs };
    window.count += 1;
    this.#keep(key, window);
    if (window.count > this.#times) throw tooMany(Math.ceil((window.endsAt - now) / 1_000));
    return window.count;
  }

  forget(key: string): void {
    this.#windows.delete(key);
  }

  #keep(key: string, window: Window): void {
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > this.#maxKeys) this.#forgetOldest();
    this.#sweep ??= setTimeout(() => this.#forgetEnded(), this.#windowMs).unref();
  }

  #forgetOldest(): void {
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size <= this.#maxKeys * KEPT_SHARE) break;
      this.#windows.delete(oldest);
    }
  }

  /** What was counted before one that still runs is forgotten with it, one window later at the latest. */
  #forgetEnded(): void {
    const now = performance.now();
    for (const [key, { endsAt }] of this.#windows) {
      if (endsAt > now) break;
      this.#windows.delete(key);
    }
    this.#sweep = undefined;
    if (this.#windows.size > 0) this.#sweep = setTimeout(() => this.#forgetEnded(), this.#windowMs).unref();
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

/**
 * Enters each place or none. The function that it returns leaves them all.
 * @param enters each of them as `AtOnce.enter`
 */
export function enterAll(...enters: readonly (() => () => void)[]): () => void {
  const leaves: (() => void)[] = [];
  const leave = () => {
    for (const leaveOne of leaves) leaveOne();
  };
  try {
    for (const enter of enters) leaves.push(enter());
  } catch (error) {
    leave();
    throw error;
  }
  return leave;
}

function tooMany(seconds: number): Problem {
  return new Problem('rate_limited', 'Too many requests; wait a little.', {
    retryAfterSeconds: Math.max(1, seconds),
  });
}
