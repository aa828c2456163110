/**
 * Live progress: full snapshots, sent beside the transaction, at most ten a second for an import, the last one always.
 * A snapshot is true whoever sends it and however often, because its version is the command's offset.
 *
 * A snapshot goes out the moment something new is known, rather than when its turn has come: what the page shows is then as new
 * as it can be. Only where nothing follows for a while does the last one go by itself.
 */
import { hasEnded } from '@tidings/contracts/import.ts';
import type { ImportFold } from './import-fold.ts';

/** Milliseconds between two snapshots of one import, at least. */
export const PROGRESS_INTERVAL_MS = 100;
/** Milliseconds after them for which a snapshot waits for a newer one, at most. */
export const PROGRESS_PATIENCE_MS = 300;

export interface ProgressSender {
  /** The import's newest state. One that has ended is told by its outcome, and sends no progress any more. */
  update(folded: ImportFold): void;
  /** Sends nothing any more. */
  stop(): void;
}

/**
 * One for an import with a snapshot sent not long ago: `resting` until the interval is over and the snapshot is on the log, so that a
 * slow log holds one of an import and not a queue of them; then `ready` to send the next; `sending` at the end of this turn.
 */
interface Entry {
  phase: 'resting' | 'ready' | 'sending';
  newest: ImportFold | null;
  timer: NodeJS.Timeout | undefined;
}

/**
 * @param send must not reject; a snapshot that was not sent needs no other care, since the next one says everything again
 */
export function createProgressSender(send: (folded: ImportFold) => Promise<void>): ProgressSender {
  // Bounded by the live imports.
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

  /** Commands are folded many at a time: what the last of them has made is the newest. */
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
      if (hasEnded(folded.state)) {
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
