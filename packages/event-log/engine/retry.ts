import type { BlockingRetry } from '../event-log.ts';
import type { Wakeup } from './wakeup.ts';

const defaults: BlockingRetry = { initialDelayMs: 100, maxDelayMs: 30_000 };

/** The pause after the given attempt (1 is the first), in milliseconds. */
export function retryDelay(attempt: number, retry: BlockingRetry = defaults): number {
  return Math.min(retry.initialDelayMs * 2 ** Math.min(attempt - 1, 30), retry.maxDelayMs);
}

/** Waits the time out whatever else wakes the loop, unless it is told to stop. */
export async function pause(delayMs: number, wakeup: Wakeup, stopped: () => boolean): Promise<void> {
  const end = performance.now() + delayMs;
  for (let left = delayMs; left > 0 && !stopped(); left = end - performance.now()) await wakeup.wait(left);
}
