/** When something happens every so often: by a cron expression in a time zone, or after a time. */
import { Failure } from '@tidings/failures/failure.ts';
import { Cron } from 'croner';

export type Recurrence =
  /** Five fields, or six with seconds; `timeZone` is a name of IANA's. In the hour that a change of clocks skips or repeats it runs once. */
  | { readonly cron: string; readonly timeZone: string }
  /** Milliseconds, 1,000 or more. */
  | { readonly everyMs: number };

const SHORTEST_MS = 1_000;
/** Characters of an expression, and of a time zone's name, at most. */
const MAX_TEXT = 200;

/** @throws Failure recurrence_invalid, with what is wrong */
export function checkRecurrence(recurrence: Recurrence): void {
  if ('everyMs' in recurrence) {
    if (Number.isSafeInteger(recurrence.everyMs) && recurrence.everyMs >= SHORTEST_MS) return;
    throw invalid(`everyMs must be a whole number of milliseconds, at least ${SHORTEST_MS}`);
  }
  const { cron, timeZone } = recurrence;
  if (cron.length > MAX_TEXT || timeZone.length > MAX_TEXT) throw invalid('the expression is too long');
  try {
    new Cron(cron, { timezone: timeZone, paused: true }).nextRun();
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The first run after a moment; null where there is none any more. Pure.
 * @param after milliseconds since 1970
 */
export function nextRun(recurrence: Recurrence, after: number): number | null {
  if ('everyMs' in recurrence) return after + recurrence.everyMs;
  const { cron, timeZone } = recurrence;
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(after))?.getTime() ?? null;
}

function invalid(why: string): Failure {
  return new Failure('recurrence_invalid', `The recurrence is not valid: ${why}.`);
}
