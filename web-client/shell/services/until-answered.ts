/** Asks the services again and again while they cannot answer. */
import { type ProblemError, sendAgain } from '@tidings/client/index.ts';

export interface AskingOptions {
  /** Ends the waiting, with ProblemError `aborted`. */
  readonly signal?: AbortSignal;
  /** Called before each wait, with what it is for. */
  readonly onWait?: (problem: ProblemError) => void;
}

/** Calls again after each failure that is worth another attempt; the pauses grow to 30 s. Rejects as `call` does with any other. */
export function untilAnswered<Result>(
  call: () => Promise<Result>,
  { signal, onWait = () => undefined }: AskingOptions,
): Promise<Result> {
  return sendAgain(call, {
    isWorthIt: ({ retriable }) => retriable,
    patienceMs: Number.POSITIVE_INFINITY,
    signal,
    onWait: (_milliseconds, problem) => onWait(problem),
  });
}
