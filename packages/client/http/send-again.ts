/** Sends failed requests again: when the server asks for it, else after growing pauses. */
import { pause, pauseAfter } from '@tidings/failures/retry.ts';
import { abortedError, ProblemError } from '../errors.ts';

/** Milliseconds that a request waits where the server does not say. */
const pauses = { firstMs: 1_000, longestMs: 30_000 };
/** Milliseconds that a server may ask for, at most. */
const MOST_ASKED_MS = 60_000;
/** Milliseconds that one request waits in all before its failure is passed on. */
const DEFAULT_PATIENCE_MS = 5 * 60_000;
/** The share of a wait that is added at random, so that requests that failed together do not come back together. */
const SPREAD = 0.2;

export interface SendAgainOptions {
  /** Whether a failure is worth another attempt. Default: a refusal because there are too many requests (429). */
  readonly isWorthIt?: (problem: ProblemError) => boolean;
  /** Milliseconds of waiting in all; 0 for one attempt. */
  readonly patienceMs?: number;
  /** Ends the waiting, with `aborted`, and any attempt that fails after it. */
  readonly signal?: AbortSignal;
  /** Called before each wait, with its milliseconds and what it is for. */
  readonly onWait?: (milliseconds: number, problem: ProblemError) => void;
}

/**
 * Calls `attempt` again after each failure that is worth another attempt.
 *
 * @throws ProblemError `aborted`, or the last failure once patience has ended; else whatever `attempt` throws
 */
export async function sendAgain<Result>(
  attempt: () => Promise<Result>,
  {
    isWorthIt = isRateLimited,
    patienceMs = DEFAULT_PATIENCE_MS,
    signal,
    onWait = () => undefined,
  }: SendAgainOptions = {},
): Promise<Result> {
  let waited = 0;
  for (let failures = 1; !signal?.aborted; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      // An attempt may be given up while it finds out why it has failed: then nothing waits, and nobody is told that it does.
      if (signal?.aborted) break;
      if (!(error instanceof ProblemError) || !isWorthIt(error)) throw error;
      const asked = Math.min(error.retryAfterMs ?? pauseAfter(failures, pauses), MOST_ASKED_MS);
      const wait = Math.max(asked, 1) * (1 + Math.random() * SPREAD);
      if (waited + wait > patienceMs) throw error;
      waited += wait;
      onWait(wait, error);
      await pause(wait, signal).catch(() => undefined);
    }
  }
  throw abortedError();
}

function isRateLimited({ status }: ProblemError): boolean {
  return status === 429;
}
