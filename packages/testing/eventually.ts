/** Waits for a condition in tests. */
import { setTimeout as pause } from 'node:timers/promises';
import { vi } from 'vitest';

export interface Patience {
  /** Milliseconds after which the last failure is thrown. Default: 20,000, for busy machines only. */
  readonly withinMs?: number;
  /** Milliseconds between two attempts. Default: 10 at first, then a twentieth of the time that has passed, and at most 250. */
  readonly everyMs?: number;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/**
 * Calls the expectations until they hold.
 * @returns what they return
 * @throws what they threw last, once the time is over
 */
export function eventually<Result>(
  expectations: () => Result | Promise<Result>,
  { withinMs = 20_000, everyMs }: Patience = {},
): Promise<Result> {
  const options = { timeout: withinMs, interval: everyMs ?? FIRST_PAUSE_MS };
  // Where a test moves the clock itself, no time passes by waiting.
  if (everyMs !== undefined || vi.isFakeTimers()) return vi.waitFor(expectations, options);
  const from = performance.now();
  let isFirst = true;
  return vi.waitFor(async () => {
    // An attempt may cost a request or the reading of a topic: made every 10 ms, it keeps a processor busy.
    if (!isFirst) await pause(Math.min((performance.now() - from) / 20, LONGEST_PAUSE_MS));
    isFirst = false;
    return expectations();
  }, options);
}
