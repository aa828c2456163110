/** Imports as a person sees them: those that mend the rejected rows of another one stand under that one. Pure. */
import type { ImportState } from '@tidings/contracts/import.ts';

export interface ImportGroup {
  readonly first: ImportState;
  /** Those that mend it, and those that mend these, newest first. */
  readonly menders: readonly ImportState[];
  /** Rejected rows of the first of which nobody has made contacts yet. */
  readonly left: number;
}

/** In the order of the first ones. One whose first is not among the imports stands by itself. */
export function groupImports(imports: readonly ImportState[]): ImportGroup[] {
  const known = new Map(imports.map((state) => [state.importId, state]));
  const members = new Map<string, ImportState[]>();
  for (const state of imports) {
    const { importId } = firstOf(state, known);
    members.set(importId, [...(members.get(importId) ?? []), state]);
  }
  return imports
    .filter(({ importId }) => members.has(importId))
    .map((first) => {
      const menders = (members.get(first.importId) ?? []).filter((state) => state !== first);
      return { first, menders, left: leftToFix(first, menders) };
    });
}

function firstOf(state: ImportState, known: ReadonlyMap<string, ImportState>): ImportState {
  const mended = state.mends === null ? undefined : known.get(state.mends);
  return mended === undefined ? state : firstOf(mended, known);
}

/** As the services count it: an import that was taken back, and one that only checks, has mended nothing. */
function leftToFix({ rows }: ImportState, menders: readonly ImportState[]): number {
  const mended = menders.map((state) => (state.dryRun || state.undo !== null ? 0 : contactsMade(state)));
  return Math.max(
    0,
    mended.reduce((left, count) => left - count, rows.rejected),
  );
}

function contactsMade({ rows: { created, updated, unchanged, duplicate } }: ImportState): number {
  return created + updated + unchanged + duplicate;
}
