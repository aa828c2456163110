/**
 * Sends live progress: full snapshots beside the transaction, at most ten a second for an import, and always the last one.
 * A snapshot is true whichever process sends it and however often, because its version is the command's offset.
 *
 * After the interval a snapshot waits for the next change, so that the page gets the newest numbers. Where no change follows
 * for a while, it goes without one.
 */
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import type { ImportFold } from './state/import-fold.ts';

/** Milliseconds between two snapshots of one import, at least. */
export const PROGRESS_INTERVAL_MS = 100;
/** Milliseconds after the interval for which a snapshot waits for a newer one, at most. */
export const PROGRESS_PATIENCE_MS = 300;

export interface ProgressSender {
  /** Takes the import's newest state. The end of an import is notified by its outcome, so no progress follows. */
  update(folded: ImportFold): void;
  /** Sends no more snapshots. */
  stop(): void;
}

/**
 * The sender's state of one import. `resting`: the interval runs, or the last snapshot is not on the log yet; so a slow log gets one
 * snapshot at a time. `ready`: the next change is sent. `sending`: the newest snapshot is sent at the end of this turn.
 */
interface Entry {
  phase: 'resting' | 'ready' | 'sending';
  newest: ImportFold | null;
  timer: NodeJS.Timeout | undefined;
}

/**
 * @param send must not reject; a snapshot that was not sent needs no repetition, because the next one has all numbers
 */
export function createProgressSender(send: (folded: ImportFold) => Promise<void>): ProgressSender {
  // Bounded by the running imports.
  const entries = new Map<string, Entry>();
  let stopped = false;

  function wait(entry: Entry, milliseconds: number, end: () => void): void {
    entry.timer = setTimeout(end, milliseconds);
    entry.timer.unref();
  }

  function sendNewest(importId: string, entry: Entry): void {
    const { newest } = entry;
    if (stopped || newest === null) {
      entries.delete(importId);
      return;
    }
    entry.newest = null;
    entry.phase = 'resting';
    const sent = send(newest);
    wait(entry, PROGRESS_INTERVAL_MS, () => void sent.finally(() => makeReady(importId, entry)));
  }

  function makeReady(importId: string, entry: Entry): void {
    entry.phase = 'ready';
    wait(entry, PROGRESS_PATIENCE_MS, () => sendNewest(importId, entry));
  }

  /** Sends at the end of the turn, because many commands are folded in one turn, and the last one gives the newest state. */
  function sendSoon(importId: string, entry: Entry): void {
    entry.phase = 'sending';
    clearTimeout(entry.timer);
    queueMicrotask(() => sendNewest(importId, entry));
  }

  return {
    update(folded) {
      if (stopped) return;
      const { importId } = folded.state;
      const known = entries.get(importId);
      if (isAtRest(folded.state)) {
        if (known !== undefined) known.newest = null;
        return;
      }
      const entry: Entry = known ?? { phase: 'ready', newest: null, timer: undefined };
      entry.newest = folded;
      entries.set(importId, entry);
      if (entry.phase === 'ready') sendSoon(importId, entry);
    },
    stop() {
      stopped = true;
      for (const { timer } of entries.values()) clearTimeout(timer);
      entries.clear();
    },
  };
}
