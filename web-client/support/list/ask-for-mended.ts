/**
 * Asks again for imports that others mend, when one of those has come to rest or is taken back: only the services know how many rejected
 * rows are left then. One request at a time, however many come at once, and once more a moment later: the service that answers may hear
 * of the end after this page.
 */
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';

export interface MendedAsker {
  /** To be called with each state that a channel tells. */
  note(state: ImportState): void;
  stop(): void;
}

/** Imports that wait to be asked for, at most: the list tells of the others when it is loaded again. */
const MAX_WAITING = 1_000;

/** Milliseconds after which an import is asked for once more. */
const AGAIN_MS = 2_000;

/** @param get may reject: then the list tells of it when it is loaded again */
export function askForMended(
  get: (importId: string, ended: AbortSignal) => Promise<ImportState>,
  onState: (state: ImportState) => void,
  againMs = AGAIN_MS,
): MendedAsker {
  const waiting = new Set<string>();
  const again = new Map<string, ReturnType<typeof setTimeout>>();
  const ending = new AbortController();
  let isAsking = false;
  const want = (importId: string | null): void => {
    if (importId !== null && waiting.size < MAX_WAITING) waiting.add(importId);
  };
  const ask = async (): Promise<void> => {
    for (const importId of waiting) {
      waiting.delete(importId);
      try {
        const state = await get(importId, ending.signal);
        onState(state);
        // What it mends itself has fewer rows left, too.
        want(state.mends);
      } catch {
        if (ending.signal.aborted) return;
      }
    }
  };
  const begin = (): void => {
    if (isAsking) return;
    isAsking = true;
    void ask().finally(() => {
      isAsking = false;
    });
  };
  const askFor = (importId: string): void => {
    want(importId);
    begin();
  };
  const askAgain = (importId: string): void => {
    clearTimeout(again.get(importId));
    if (!again.has(importId) && again.size >= MAX_WAITING) return;
    const asking = () => {
      again.delete(importId);
      askFor(importId);
    };
    again.set(importId, setTimeout(asking, againMs));
  };
  return {
    note: (state) => {
      if (state.mends === null || !isAtRest(state)) return;
      askFor(state.mends);
      askAgain(state.mends);
    },
    stop: () => {
      for (const timer of again.values()) clearTimeout(timer);
      ending.abort();
    },
  };
}
