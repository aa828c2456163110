/** What may be said of an error. Its message is never passed on, because it may quote cells; those of databases do. */
import { codeOf } from '@tidings/failures/failure.ts';

export interface FailureFacts {
  /** Stable, in snake case. */
  readonly code: string;
  readonly name: string;
  /** Where the error was thrown: the frames of its stack, without its message. */
  readonly frames: readonly string[];
}

const OWN_CODE = /^[a-z]+(?:_[a-z]+)*$/;
const MAX_FRAMES = 5;

export function describeFailure(error: unknown): FailureFacts {
  const code = codeOf(error);
  return {
    code: code !== null && OWN_CODE.test(code) ? code : 'internal',
    name: error instanceof Error ? error.name : typeof error,
    frames: framesOf(error),
  };
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, MAX_FRAMES);
}
