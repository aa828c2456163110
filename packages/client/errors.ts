/** What goes wrong, as a page or a script can tell apart. */
import type { ProblemCode } from '@tidings/contracts/codes.ts';
import type { ProblemDocument } from '@tidings/contracts/http.ts';

/** `network`: no answer came. `aborted`: the caller gave up. Everything else the server has said. */
export type ErrorCode = ProblemCode | 'network' | 'aborted';

/** A channel that is refused. */
export class ChannelError extends Error {
  readonly code: ErrorCode;
  /** Whether opening it again, later, may succeed; then the library does so by itself. */
  readonly retriable: boolean;

  constructor(code: ErrorCode, message: string, retriable: boolean) {
    super(message);
    this.name = 'ChannelError';
    this.code = code;
    this.retriable = retriable;
  }
}

/** An HTTP request that failed. */
export class ProblemError extends Error {
  readonly code: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly retriable: boolean;
  /** Line of the file, as an editor counts. */
  readonly line: number | undefined;
  /** Field of the request. */
  readonly field: string | undefined;
  /** Milliseconds after which trying again makes sense, where the server says so. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Omit<ProblemDocument, 'type' | 'title'>, retryAfterMs?: number) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.code = problem.code;
    this.status = problem.status;
    this.retriable = problem.retriable;
    this.line = problem.line;
    this.field = problem.field;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer that is no success, as an error; also where a proxy answered something that is no problem document. */
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
    detail: 'The request was given up.',
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
