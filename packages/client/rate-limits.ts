/** Requests that the server refuses because there are too many (429). Nothing was done, so they are sent again later. */
import { pause } from '@tidings/failures/retry.ts';
import { abortedError, ProblemError } from './errors.ts';

/** Milliseconds that a refused request waits where the server does not say, and at most. */
const DEFAULT_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Milliseconds that one request waits in all before its refusal is passed on. */
const MOST_PATIENCE_MS = 5 * 60_000;
/** The share of a wait that is added at random, so that requests refused together do not come back together. */
const SPREAD = 0.2;

export interface RateLimitOptions {
  /** Ends the waiting, with `aborted`. */
  readonly signal?: AbortSignal;
  /** Called before each wait, with its milliseconds. */
  readonly onWait?: (milliseconds: number) => void;
}

/**
 * Calls `attempt` again after each 429, when the server asks for it.
 *
 * @throws ProblemError `aborted`, or the last 429 after five minutes of waiting; else whatever `attempt` throws
 */
export async function retryRateLimited<Result>(
  attempt: () => Promise<Result>,
  { signal, onWait }: RateLimitOptions = {},
): Promise<Result> {
  let waited = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 429) throw error;
      const asked = Math.min(error.retryAfterMs ?? DEFAULT_WAIT_MS, LONGEST_WAIT_MS);
      const wait = Math.max(asked, 1) * (1 + Math.random() * SPREAD);
      if (waited + wait > MOST_PATIENCE_MS) throw error;
      waited += wait;
      onWait?.(wait);
      await pause(wait, signal).catch(() => {
        throw abortedError();
      });
    }
  }
}
