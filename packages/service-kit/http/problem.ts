/** Problem documents (RFC 9457), the only form of an error in an HTTP answer. */

import { type ProblemCode, problemKinds, type RowCode } from '@tidings/contracts/codes.ts';
import type { ProblemDocument } from '@tidings/contracts/http.ts';
import { codeOf, Failure } from '@tidings/failures/failure.ts';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';

export interface ProblemPlace {
  /** Line of the file, as an editor counts. */
  readonly line?: number;
  /** Field of the request. */
  readonly field?: string;
  /** Why the field's value is refused, as the rejected rows of imports have it. */
  readonly reason?: RowCode;
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** An error that becomes the answer, wherever it is thrown. `message` is for the person who can mend the request. */
export class Problem extends Failure<ProblemCode> {
  override readonly name = 'Problem';
  readonly status: number;
  readonly place: ProblemPlace;

  constructor(code: ProblemCode, message: string, place: ProblemPlace = {}, options?: ErrorOptions) {
    super(code, message, { ...options, retriable: problemKinds[code].retriable });
    this.status = problemKinds[code].status;
    this.place = place;
  }

  toDocument(): ProblemDocument {
    const { line, field, reason } = this.place;
    return {
      type: 'about:blank',
      title: problemKinds[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      retriable: this.retriable,
      ...(line === undefined ? {} : { line }),
      ...(field === undefined ? {} : { field }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

/** One sentence for things that do not exist and things of others, so that a caller cannot tell them apart. */
export function notFound(): Problem {
  return new Problem('not_found', 'There is nothing here for this token.');
}

export function sendProblem(response: Response, problem: Problem): void {
  const { retryAfterSeconds } = problem.place;
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
  // A route may have said in which language it would answer: the words of a problem are English.
  response.removeHeader('Content-Language');
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem.toDocument()));
}

/** Answers for addresses without a route. */
export const answerNotFound: RequestHandler = () => {
  throw new Problem('not_found', 'No route has this address.');
};

/** `Retry-After` in seconds while an engine that we need is away. */
const RETRY_AFTER_UNAVAILABLE_SECONDS = 2;

/**
 * Turns an error of any kind into a problem: problems stay, retriable errors become `unavailable`,
 * client errors of body parsers `request_too_large` or `invalid_request`, and everything else `internal`.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, retriable, code } = error as { status?: unknown; retriable?: unknown; code?: unknown };
  if (code === 'cursor_invalid')
    return new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
  if (retriable === true) {
    const place = { retryAfterSeconds: RETRY_AFTER_UNAVAILABLE_SECONDS };
    return new Problem('unavailable', 'A part of the system is not available. Try again shortly.', place, {
      cause: error,
    });
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const message = wordsOfRefusal(error);
    return new Problem(
      status === 413 ? 'request_too_large' : 'invalid_request',
      message,
      {},
      { cause: error },
    );
  }
  return new Problem(
    'internal',
    'Something unexpected went wrong on our side; it has been logged.',
    {},
    { cause: error },
  );
}

/** By the types that body-parser gives its errors: its own words are those of programs. */
const wordsByType: Readonly<Record<string, string>> = {
  'entity.parse.failed': 'The body must be JSON: an object, or a list.',
  'entity.too.large': 'The body is too large.',
  'encoding.unsupported': 'The body is compressed in a way that is not known. Send it as it is, or by gzip.',
  'charset.unsupported': 'Send the body as UTF-8, with `Content-Type: application/json`.',
  'request.size.invalid': 'The body has not as many bytes as its `Content-Length` says.',
  'request.aborted': 'The request ended before its body did.',
};

/** What an error says whose status is the sender's fault. */
function wordsOfRefusal(error: unknown): string {
  const { type, code, message } = error as { type?: unknown; code?: unknown; message?: unknown };
  const words = typeof type === 'string' ? wordsByType[type] : undefined;
  if (words !== undefined) return words;
  if (error instanceof URIError) return 'The address holds a `%` that begins no character.';
  // An error of zlib.
  if (typeof code === 'string' && code.startsWith('Z_'))
    return 'The body is not compressed as its `Content-Encoding` says.';
  return typeof message === 'string' && message !== '' ? message : 'The request is not valid.';
}

/** The last handler of an app: answers with the problem, and logs it if the fault is ours. */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, { method, path }, response, next) => {
    const problem = toProblem(error);
    if (problem.code === 'unavailable')
      logger.warn({ ...reasonOf(problem), method, path }, 'request refused: a part of the system is away');
    else if (problem.status >= 500) logger.error({ err: error, method, path }, 'request failed');
    if (response.headersSent) return next(error);
    sendProblem(response, problem);
  };
}

/** What is away, without a stack: in an outage every request says the same. */
function reasonOf(problem: Problem): { readonly code: string; readonly reason: string } {
  const error = problem.cause instanceof Error ? problem.cause : problem;
  return { code: codeOf(error) ?? problem.code, reason: error.message };
}
