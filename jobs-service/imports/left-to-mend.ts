/** How many rejected rows of an import still wait for somebody to mend them. Pure. */

import type { ListedMender } from '@tidings/contact-store/kept-imports.ts';
import { type ImportState, rowsMended } from '@tidings/contracts/imports/import.ts';

/** By import, those that mend it. */
export type MendersByImport = ReadonlyMap<string, readonly ListedMender[]>;

/** In each list the order in which they come. */
export function byMended(menders: Iterable<ListedMender>): MendersByImport {
  const found = new Map<string, ListedMender[]>();
  for (const mender of menders) {
    const others = found.get(mender.mends);
    if (others === undefined) found.set(mender.mends, [mender]);
    else others.push(mender);
  }
  return found;
}

/**
 * The rejected rows, less those of which imports that mend them have made contacts. An import that was taken back, and a dry
 * run, has made none.
 */
export function leftToMend(
  { importId, rows }: Pick<ImportState, 'importId' | 'rows'>,
  menders: MendersByImport,
): number {
  // Each import is looked at once, whatever mends what: the list grows while the loop goes through it.
  const seen = new Set(menders.get(importId));
  for (const { importId: mended, dryRun } of seen)
    if (!dryRun) for (const mender of menders.get(mended) ?? []) seen.add(mender);
  const mended = [...seen].reduce((sum, mender) => sum + rowsMended(mender), 0);
  return Math.max(0, rows.rejected - mended);
}
