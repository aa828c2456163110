import { Failure } from '@tidings/failures/failure.ts';

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
export class EnginesError extends Failure<EnginesErrorCode> {
  override readonly name = 'EnginesError';

  constructor(code: EnginesErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, { ...options, retriable: code === 'busy' });
  }
}
