export type EnginesErrorCode =
  | 'not_installed'
  | 'command_failed'
  | 'start_failed'
  | 'not_running'
  | 'already_running'
  | 'not_asked_for'
  | 'state_unreadable'
  | 'busy'
  | 'usage';

/** An error of the engines, in words for the person at the terminal. */
export class EnginesError extends Error {
  override readonly name = 'EnginesError';
  readonly code: EnginesErrorCode;
  /** Whether the same call may succeed later by itself. */
  readonly retriable: boolean;

  constructor(code: EnginesErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retriable = code === 'busy';
  }
}
