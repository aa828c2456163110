/** Which import a file of rejected rows mends. Pure. */

import { rejectedFileName } from '@tidings/contracts/files/rejected-file.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { hasRowsToFix } from '../../following/view/import-outcome.ts';
import { type GroupedImport, groupImports } from '../earlier/import-groups.ts';

/** Imports with rows that nobody has mended, in the order of the imports. */
export function mendable(imports: readonly ImportState[]): GroupedImport[] {
  const left = new Map(
    groupImports(imports)
      .flatMap(({ menders, ...first }) => [first, ...menders])
      .map((one) => [one.state.importId, one]),
  );
  return imports
    .flatMap(({ importId }) => left.get(importId) ?? [])
    .filter((one) => one.left > 0 && hasRowsToFix(one.state));
}

/** The first one whose rejected rows are saved under this name; null where none is. */
export function likelyMended(candidates: readonly GroupedImport[], fileName: string): string | null {
  // A browser that saves a file of the same name again appends ` (1)`, and a spreadsheet may save another kind.
  const saved = fileName.replace(/(?: ?\(\d+\))?\.(?:csv|xlsx)$/i, '.csv');
  const found = candidates.find(({ state }) => rejectedFileName(state.fileName) === saved);
  return found?.state.importId ?? null;
}
