/** Trying again, with growing pauses that a signal ends. */
import { isRetriable } from './failure.ts';

/** Pauses that double from the first to the longest. */
export interface Pauses {
  /** Milliseconds after the first failure. */
  readonly firstMs: number;
  /** Milliseconds at most. */
  readonly longestMs: number;
}

export interface RetryOptions extends Partial<Pauses> {
  /** Ends the attempts: `retryUntil` then rejects with the signal's reason, also in the middle of a pause. */
  readonly signal?: AbortSignal | undefined;
  /** Attempts at most, the first one included. Default: no bound but the signal and `withinMs`. */
  readonly attempts?: number;
  /** Milliseconds after which no further attempt begins. Default: no bound. */
  readonly withinMs?: number;
  /** Whether an error is worth another attempt. Default: `isRetriable`. */
  readonly retriable?: (error: unknown) => boolean;
  /** Hears of each failure that is followed by another attempt: the place for a log line. */
  readonly onFailure?: (error: unknown, next: NextAttempt) => void;
}

interface NextAttempt {
  /** Attempts that have failed so far. */
  readonly attempts: number;
  /** Milliseconds until the next attempt. */
  readonly pauseMs: number;
}

/** By default the pauses double from 100 ms to 30 s. */
const defaultPauses: Pauses = { firstMs: 100, longestMs: 30_000 };

/**
 * Calls `attempt` until it succeeds.
 * @returns what the attempt that succeeded returns
 * @throws the error of the last attempt, where another one would not help or is not allowed; the signal's reason once it is aborted
 */
export async function retryUntil<Result>(
  attempt: (signal: AbortSignal | undefined) => Promise<Result>,
  options: RetryOptions = {},
): Promise<Result> {
  const { signal, attempts = Infinity, withinMs = Infinity, retriable = isRetriable, onFailure } = options;
  const { firstMs = defaultPauses.firstMs, longestMs = defaultPauses.longestMs } = options;
  const startedAt = performance.now();
  for (let failed = 1; ; failed += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt(signal);
    } catch (error) {
      signal?.throwIfAborted();
      const pauseMs = pauseAfter(failed, { firstMs, longestMs });
      const isLast = failed >= attempts || performance.now() - startedAt + pauseMs > withinMs;
      if (isLast || !retriable(error)) throw error;
      onFailure?.(error, { attempts: failed, pauseMs });
      await pause(pauseMs, signal);
    }
  }
}

/** The pause in milliseconds after so many failures; 1 is the first. */
export function pauseAfter(failures: number, { firstMs, longestMs }: Pauses): number {
  return Math.min(firstMs * 2 ** Math.min(failures - 1, 30), longestMs);
}

/** Resolves after the time. Rejects with the signal's reason as soon as it is aborted, and leaves no timer behind. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
