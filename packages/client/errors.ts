/** The errors of this library. Callers tell them apart by `code`. */

import type { ProblemCode } from '@tidings/contracts/codes.ts';
import type { ProblemDocument } from '@tidings/contracts/http.ts';
import type { ClosingCode } from '@tidings/contracts/notifications/closing.ts';
import { Failure } from '@tidings/failures/failure.ts';

/**
 * `network`: no answer came. `aborted`: the caller gave up. `file_unreadable`: the file cannot be read any more. The server has
 * sent every other code; `slow` may also be said of a program that leaves too many events of a channel unread.
 */
export type ErrorCode = ProblemCode | ClosingCode | 'network' | 'aborted' | 'file_unreadable';

/** A channel that is refused. Where it is `retriable`, the library asks for the channel again by itself. */
export class ChannelError extends Failure<ErrorCode> {
  override name = 'ChannelError';

  constructor(code: ErrorCode, message: string, retriable: boolean) {
    super(code, message, { retriable });
  }
}

/** An HTTP request that failed. */
export class ProblemError extends Failure {
  override name = 'ProblemError';
  /** HTTP status; 0 where no answer came. */
  declare readonly status: number;
  /** Line of the file, from 1. */
  declare readonly line: number | undefined;
  /** Field of the request. */
  declare readonly field: string | undefined;
  /** Milliseconds after which the server expects another attempt, where it says so. */
  declare readonly retryAfterMs: number | undefined;

  constructor(
    { code, detail, retriable, status, line, field }: Omit<ProblemDocument, 'type' | 'title'>,
    retryAfterMs?: number,
  ) {
    super(code, detail, { retriable });
    Object.assign(this, { status, line, field, retryAfterMs });
  }
}

/**
 * The error that an answer without success means. A proxy may have answered with something that is no problem document.
 *
 * @param retryAfter the header `Retry-After`, in seconds
 */
export function readProblem(status: number, body: string, retryAfter: string | null): ProblemError {
  const seconds = Number.parseFloat(retryAfter ?? '');
  const { code, detail, line, field, retriable } = parseDocument(body);
  const isPassing = status === 429 || status >= 500;
  const problem =
    typeof code === 'string' && typeof detail === 'string'
      ? { code, detail, line, field, retriable: retriable === true }
      : {
          code: isPassing ? 'unavailable' : 'invalid_request',
          detail: `The server answered with status ${status}.`,
          retriable: isPassing,
        };
  return new ProblemError({ ...problem, status }, seconds >= 0 ? seconds * 1000 : undefined);
}

export const networkError = () => withoutAnswer('network', NO_ANSWER, true);
export const abortedError = () => withoutAnswer('aborted', GIVEN_UP);
export const unreadableError = () =>
  withoutAnswer('file_unreadable', 'The file cannot be read: it was moved or changed.');
export const unreachableError = () => new ChannelError('network', NO_ANSWER, true);
export const closedError = () => new ChannelError('aborted', GIVEN_UP, false);

const NO_ANSWER = 'The server did not answer.';
const GIVEN_UP = 'It was given up.';

function withoutAnswer(code: ErrorCode, detail: string, retriable = false): ProblemError {
  return new ProblemError({ status: 0, code, detail, retriable });
}

function parseDocument(body: string): Partial<ProblemDocument> {
  try {
    return (JSON.parse(body) as Partial<ProblemDocument> | null) ?? {};
  } catch {
    return {};
  }
}
