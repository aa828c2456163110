/**
 * Asks again for imports that others mend, when one of those has come to rest or is taken back: only the services know how many rejected
 * rows are left then. One request at a time, however many come at once.
 */
import { type ImportState, isAtRest } from '@tidings/contracts/import.ts';

export interface MendedAsker {
  /** To be called with each state that a channel tells. */
  note(state: ImportState): void;
  stop(): void;
}

/** Imports that wait to be asked for, at most: the list tells of the others when it is loaded again. */
const MAX_WAITING = 1_000;

/** @param get may reject: then the list tells of it when it is loaded again */
export function askForMended(
  get: (importId: string, ended: AbortSignal) => Promise<ImportState>,
  onState: (state: ImportState) => void,
): MendedAsker {
  const waiting = new Set<string>();
  const ending = new AbortController();
  let isAsking = false;
  const want = ({ mends }: ImportState): void => {
    if (mends !== null && waiting.size < MAX_WAITING) waiting.add(mends);
  };
  const ask = async (): Promise<void> => {
    for (const importId of waiting) {
      waiting.delete(importId);
      try {
        const state = await get(importId, ending.signal);
        onState(state);
        // What it mends itself has fewer rows left, too.
        want(state);
      } catch {
        if (ending.signal.aborted) return;
      }
    }
  };
  return {
    note: (state) => {
      if (state.mends === null || !isAtRest(state)) return;
      want(state);
      if (isAsking) return;
      isAsking = true;
      void ask().finally(() => {
        isAsking = false;
      });
    },
    stop: () => ending.abort(),
  };
}
