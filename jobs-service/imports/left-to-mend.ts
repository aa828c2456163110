/** How many rejected rows of an import still wait for somebody to mend them. */
import type { ImportState } from '@tidings/contracts/import.ts';
import type { ImportReader } from './import-reader.ts';

/** Imports that are looked at, at most, those that mend imports that mend others among them. */
const MAX_LOOKED_AT = 100;

/**
 * The rejected rows, less those of which imports that mend them have made contacts. An import that was taken back, and a dry
 * run, has made none.
 */
export async function leftToMend(
  reader: Pick<ImportReader, 'find'>,
  { rows, mendedBy }: Pick<ImportState, 'rows' | 'mendedBy'>,
): Promise<number> {
  let mended = 0;
  const waiting = [...mendedBy];
  const seen = new Set<string>();
  for (let id = waiting.shift(); id !== undefined && seen.size < MAX_LOOKED_AT; id = waiting.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const state = (await reader.find(id))?.state;
    if (state === undefined || state.dryRun) continue;
    waiting.push(...state.mendedBy);
    if (state.undo !== null) continue;
    const { created, updated, unchanged, duplicate } = state.rows;
    mended += created + updated + unchanged + duplicate;
  }
  return Math.max(0, rows.rejected - mended);
}
