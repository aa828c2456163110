/** What every error of Tidings says of itself: a stable code, and whether the same attempt may succeed later. */

export interface FailureOptions {
  /** Whether the same attempt may succeed later. Default: false. */
  readonly retriable?: boolean;
  readonly cause?: unknown;
}

/** The base class of all errors that Tidings throws. A subclass sets its own `name`: a bundler may rename classes. */
export class Failure<Code extends string = string> extends Error {
  override name = 'Failure';
  /** Stable, in snake case: callers tell failures apart by it. */
  readonly code: Code;
  readonly retriable: boolean;

  /** @param message a sentence for people: what failed, where, and what to do */
  constructor(code: Code, message: string, options: FailureOptions = {}) {
    super(message, options);
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** Whether an error says what a `Failure` says. Reads the fields, as `isRetriable` does. */
export function isFailure(error: unknown): error is Pick<Failure, 'code' | 'retriable'> {
  return (
    codeOf(error) !== null &&
    error instanceof Error &&
    'retriable' in error &&
    typeof error.retriable === 'boolean'
  );
}

/**
 * Whether the same attempt may succeed later. Reads the field and not the class: an error that comes from another thread, or
 * from the body of an HTTP answer, has lost its class.
 */
export function isRetriable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retriable' in error && error.retriable === true;
}

/** The stable code of an error, ours or Node.js's; null where the error has none. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
