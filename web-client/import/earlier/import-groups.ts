/** Imports as a person sees them: those that mend the rejected rows of another one stand under that one. Pure. */
import { type ImportState, rowsMended } from '@tidings/contracts/imports/import.ts';

export interface GroupedImport {
  readonly state: ImportState;
  /** Its rejected rows of which nobody has made contacts yet. */
  readonly left: number;
}

export interface ImportGroup extends GroupedImport {
  /** Imports that mend this one, and imports that mend those, newest first. */
  readonly menders: readonly GroupedImport[];
}

/** In the order of the first ones. One whose first is not among the imports stands by itself. */
export function groupImports(imports: readonly ImportState[]): ImportGroup[] {
  const known = new Set(imports.map(({ importId }) => importId));
  const direct = new Map<string, ImportState[]>();
  for (const state of imports)
    if (state.mends !== null) direct.set(state.mends, [...(direct.get(state.mends) ?? []), state]);
  const mendersOf = ({ importId }: ImportState): ImportState[] =>
    (direct.get(importId) ?? []).flatMap((mender) => [mender, ...mendersOf(mender)]);
  const grouped = (state: ImportState): GroupedImport => ({
    state,
    left: leftToFix(state, mendersOf(state)),
  });
  return imports
    .filter(({ mends }) => mends === null || !known.has(mends))
    .map((first) => {
      const members = new Set(mendersOf(first));
      return { ...grouped(first), menders: imports.filter((state) => members.has(state)).map(grouped) };
    });
}

/** As the services count it: an import that was taken back, and one that only checks, has mended nothing. */
function leftToFix({ rows }: ImportState, menders: readonly ImportState[]): number {
  const mended = menders.map(rowsMended);
  return Math.max(
    0,
    mended.reduce((left, count) => left - count, rows.rejected),
  );
}
