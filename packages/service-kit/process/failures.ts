/** What a failure means for the handler of a record: whether another attempt may help. */
import { codeOf, isRetriable } from '@tidings/failures/failure.ts';

/** Codes that say that a part of this process is going down: nothing is decided, and another process goes on. */
const goingDown: ReadonlySet<string> = new Set(['store_closed', 'log_closed', 'port_closed']);

/** Whether the record must be handled again, later or by another process. Otherwise another attempt is no use. */
export function mustBeDeliveredAgain(error: unknown): boolean {
  return isRetriable(error) || goingDown.has(codeOf(error) ?? '');
}
