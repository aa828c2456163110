/** What a failure means for whoever was handling something: may it pass, and what may be told of it. */

/** Codes that say that a part of this process is going down: nothing is decided, the next one goes on. */
const goingDown: ReadonlySet<string> = new Set(['store_closed', 'log_closed', 'port_closed']);

/** Whether what failed must be handled again, later or by another process; else trying again is no use. */
export function mustBeDeliveredAgain(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('retriable' in error && error.retriable === true) return true;
  return 'code' in error && typeof error.code === 'string' && goingDown.has(error.code);
}
