/**
 * Live progress: full snapshots, sent beside the transaction, at most ten a second for an import, the last one always.
 * A snapshot is true whoever sends it and however often, because its version is the command's offset.
 */
import { hasEnded } from '../contracts/import.ts';
import type { LiveImport } from './fold.ts';

/** Milliseconds between two snapshots of one import, at least. */
export const PROGRESS_INTERVAL_MS = 100;

export interface ProgressSender {
  /** The import's newest state. One that has ended is told by its outcome, and sends no progress any more. */
  update(live: LiveImport): void;
  /** Sends nothing any more. */
  stop(): void;
}

interface Pending {
  newest: LiveImport | null;
  timer: NodeJS.Timeout | null;
}

/**
 * @param send must not reject; a snapshot that was not sent needs no other care, since the next one says everything again
 */
export function createProgressSender(send: (live: LiveImport) => Promise<void>): ProgressSender {
  // One entry for an import with a snapshot sent less than an interval ago, or under way: bounded by the live imports.
  const pending = new Map<string, Pending>();
  let stopped = false;

  function sendNow(importId: string, entry: Pending, live: LiveImport): void {
    entry.newest = null;
    const sent = send(live);
    entry.timer = setTimeout(() => {
      // The next one waits for this one, so that a slow log holds one snapshot of an import and not a queue of them.
      void sent.finally(() => sendTrailing(importId, entry));
    }, PROGRESS_INTERVAL_MS);
    entry.timer.unref();
  }

  function sendTrailing(importId: string, entry: Pending): void {
    entry.timer = null;
    if (entry.newest === null || stopped) pending.delete(importId);
    else sendNow(importId, entry, entry.newest);
  }

  return {
    update(live) {
      const { importId } = live.state;
      const entry = pending.get(importId) ?? { newest: null, timer: null };
      if (hasEnded(live.state)) entry.newest = null;
      else if (stopped) return;
      else if (pending.has(importId)) entry.newest = live;
      else {
        pending.set(importId, entry);
        sendNow(importId, entry, live);
      }
    },
    stop() {
      stopped = true;
      for (const { timer } of pending.values()) if (timer !== null) clearTimeout(timer);
      pending.clear();
    },
  };
}
