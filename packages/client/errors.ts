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
  readonly status: number;
  /** Line of the file, from 1. */
  readonly line: number | undefined;
  /** Field of the request. */
  readonly field: string | undefined;
  /** Milliseconds after which the server expects another attempt, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Omit<ProblemDocument, 'type' | 'title'>, retryAfterMs?: number) {
    super(problem.code, problem.detail, { retriable: problem.retriable });
    this.status = problem.status;
    this.line = problem.line;
    this.field = problem.field;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * The error that an answer without success means. A proxy may have answered with something that is no problem document.
 *
 * @param retryAfter the header `Retry-After`, in seconds
 */
export function readProblem(status: number, body: string, retryAfter: string | null): ProblemError {
  const seconds = Number(retryAfter ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const document = parseDocument(body);
  if (typeof document.code === 'string' && typeof document.detail === 'string') {
    const { code, detail, line, field } = document;
    return new ProblemError(
      { status, code, detail, line, field, retriable: document.retriable === true },
      retryAfterMs,
    );
  }
  const retriable = status === 429 || status >= 500;
  const detail = `The server answered with status ${status}.`;
  return new ProblemError(
    { status, code: retriable ? 'unavailable' : 'invalid_request', detail, retriable },
    retryAfterMs,
  );
}

export function networkError(): ProblemError {
  return new ProblemError({
    status: 0,
    code: 'network',
    detail: 'The server did not answer.',
    retriable: true,
  });
}

export function abortedError(): ProblemError {
  return new ProblemError({
    status: 0,
    code: 'aborted',
    detail: 'It was given up.',
    retriable: false,
  });
}

export function unreadableError(): ProblemError {
  return new ProblemError({
    status: 0,
    code: 'file_unreadable',
    detail: 'The file cannot be read: it was moved or changed.',
    retriable: false,
  });
}

function parseDocument(body: string): Partial<ProblemDocument> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
