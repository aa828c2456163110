/** Waits for a condition in tests. */
import { vi } from 'vitest';

export interface Patience {
  /** Milliseconds after which the last failure is thrown. Default: 20,000, for busy machines only. */
  readonly withinMs?: number;
  /** Milliseconds between two attempts. Default: 10. */
  readonly everyMs?: number;
}

/**
 * Calls the expectations until they hold.
 * @returns what they return
 * @throws what they threw last, once the time is over
 */
export function eventually<Result>(
  expectations: () => Result | Promise<Result>,
  { withinMs = 20_000, everyMs = 10 }: Patience = {},
): Promise<Result> {
  return vi.waitFor(expectations, { timeout: withinMs, interval: everyMs });
}
