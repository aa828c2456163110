/** Requests that the server refuses because there are too many of them: nothing was done, so they are sent again when it asks for it. */
import { abortedError, ProblemError } from './errors.ts';

/** Milliseconds that are waited where the server does not say, and at most for one refusal. */
const DEFAULT_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** Milliseconds that one request waits in all before its refusal is passed on. */
const MOST_PATIENCE_MS = 5 * 60_000;
/** The part of a wait that is added at random, so that those who were refused together do not come back together. */
const SPREAD = 0.2;

export interface AdmissionOptions {
  /** Ends the waiting, with `aborted`. */
  readonly signal?: AbortSignal;
  /** Called before each wait, with its milliseconds. */
  readonly onWait?: (milliseconds: number) => void;
}

/**
 * What `attempt` comes to, tried again after each 429.
 *
 * @throws ProblemError `aborted`, or the last 429 after five minutes of waiting; else whatever `attempt` throws
 */
export async function whenAdmitted<Result>(
  attempt: () => Promise<Result>,
  { signal, onWait }: AdmissionOptions = {},
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
      await pause(wait, signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(abortedError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
