/** How many rejected rows of an import still wait for somebody to mend them. Pure. */
import { type ImportState, rowsMended } from '@tidings/contracts/import.ts';

/** By import, those that mend it. */
export type MendersByImport = ReadonlyMap<string, readonly ImportState[]>;

/** Imports that are looked at, at most, those that mend imports that mend others among them. */
const MAX_LOOKED_AT = 100;

/**
 * The rejected rows, less those of which imports that mend them have made contacts. An import that was taken back, and a dry
 * run, has made none.
 */
export function leftToMend(
  { importId, rows }: Pick<ImportState, 'importId' | 'rows'>,
  menders: MendersByImport,
): number {
  const seen = new Map<string, ImportState>();
  const waiting = [...(menders.get(importId) ?? [])];
  for (
    let state = waiting.shift();
    state !== undefined && seen.size < MAX_LOOKED_AT;
    state = waiting.shift()
  ) {
    if (seen.has(state.importId)) continue;
    seen.set(state.importId, state);
    if (!state.dryRun) waiting.push(...(menders.get(state.importId) ?? []));
  }
  return [...seen.values()].reduce((left, state) => Math.max(0, left - rowsMended(state)), rows.rejected);
}
