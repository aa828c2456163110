import { pause } from '@tidings/failures/retry.ts';

/** The time of day, and waiting for it. A test has one of its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects when the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = { now: Date.now, pause };
