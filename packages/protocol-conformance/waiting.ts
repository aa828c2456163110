/** Waits for conditions, and for no fixed time. */
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 10;

/** @throws Error naming what did not happen in time */
export async function waitUntil(what: string, patienceMs: number, condition: () => boolean): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${patienceMs} ms`);
    await pause(POLL_MS);
  }
}

export async function withinPatience<Value>(
  what: string,
  patienceMs: number,
  value: Promise<Value>,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
