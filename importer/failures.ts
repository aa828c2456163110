/** What may be told of an error. Messages may quote cells, those of a database above all, and are never passed on. */
import { codeOf } from '@tidings/failures/failure.ts';

export interface FailureFacts {
  /** Stable, in snake case. */
  readonly code: string;
  readonly name: string;
  /** Where it was thrown: the frames of the stack without its message. */
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
