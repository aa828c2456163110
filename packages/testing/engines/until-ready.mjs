// Waits for a process. Plain JavaScript, because the watchdog uses it too.
import { setTimeout as pause } from 'node:timers/promises';

/** Each probe costs milliseconds of the processor, here and in what starts; a dozen services start at once. */
const PROBE_PAUSE_MS = 100;

/** `ended`: the process ended first; `late`: the time was over first. @typedef {'ready' | 'ended' | 'late'} Outcome */

/**
 * Probes until the probe holds, the process has ended or the time is over. At least one probe is made.
 * @param {() => void | Promise<void>} probe throws while the process is not ready, within seconds
 * @param {() => boolean} isRunning
 * @param {number} withinMs
 * @returns {Promise<{ readonly outcome: Outcome, readonly reason: unknown }>} the reason: why the last probe did not hold
 */
export async function untilReady(probe, isRunning, withinMs) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await probe();
      return { outcome: 'ready', reason: undefined };
    } catch (reason) {
      if (!isRunning()) return { outcome: 'ended', reason };
      if (Date.now() >= deadline) return { outcome: 'late', reason };
    }
    await pause(PROBE_PAUSE_MS);
  }
}
