import { type LogRecord, Postponement } from '../event-log.ts';
import { decodeRetry } from './retry-headers.ts';

/** Keeps the first record of each partition of the retry topics waiting until it is due. */
export class DueTimes {
  /** By partition: the record that waits, and until when (performance.now). */
  readonly #waiting = new Map<string, { readonly offset: number; readonly until: number }>();

  /**
   * Returns when the record is due. A wait is never longer than the delay of its topic, whatever the clock says of the process that set
   * the time.
   * @param watch gives what ends the wait earlier
   * @throws Postponement until then
   */
  require(record: LogRecord, delayMs: number, watch?: (milliseconds: number) => AbortSignal): void {
    const key = `${record.topic}/${record.partition}`;
    const known = this.#waiting.get(key);
    const left = (decodeRetry(record)?.dueAt ?? 0) - Date.now();
    const until = known?.offset === record.offset ? known.until : performance.now() + Math.min(left, delayMs);
    this.#waiting.set(key, { offset: record.offset, until });
    const milliseconds = until - performance.now();
    if (milliseconds > 0) throw new Postponement(Math.ceil(milliseconds), { endedBy: watch?.(milliseconds) });
  }
}
