/** What a failure means for the handler of a record: whether another attempt may help. */

/** Codes that say that a part of this process is going down: nothing is decided, and another process goes on. */
const goingDown: ReadonlySet<string> = new Set(['store_closed', 'log_closed', 'port_closed']);

/** Whether the record must be handled again, later or by another process. Otherwise another attempt is no use. */
export function mustBeDeliveredAgain(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('retriable' in error && error.retriable === true) return true;
  return 'code' in error && typeof error.code === 'string' && goingDown.has(error.code);
}
