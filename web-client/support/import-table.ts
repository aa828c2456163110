/** What the support page knows of all imports, and in which order it shows them. Pure. */
import type { ImportState } from '@tidings/contracts/import.ts';
import { hasEnded } from '@tidings/contracts/import.ts';
import { isOlder } from '../following/import-view.ts';

export type ImportTable = ReadonlyMap<string, ImportState>;

export const supportFilters = [
  'all',
  'running',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'undone',
  'sums_differ',
] as const;
export type SupportFilter = (typeof supportFilters)[number];

/** Imports that the page keeps, at most. Those whose sums differ and running ones stay; of the others the oldest are dropped. */
export const MAX_SHOWN = 1_000;

/** The table with the newest of these states; the same object where none of them is new, so that nothing is drawn. */
export function mergeStates(table: ImportTable, states: readonly ImportState[]): ImportTable {
  const merged = new Map(table);
  let changed = false;
  for (const state of states) {
    const known = merged.get(state.importId);
    if (known !== undefined && (isOlder(state, known) || isSame(state, known))) continue;
    merged.set(state.importId, state);
    changed = true;
  }
  if (!changed) return table;
  return merged.size > MAX_SHOWN ? keepNewest(merged) : merged;
}

function isSame(state: ImportState, known: ImportState): boolean {
  const waits = state.waitingFor?.text === known.waitingFor?.text;
  return state.version === known.version && hasEnded(state) === hasEnded(known) && waits;
}

function keepNewest(table: ImportTable): ImportTable {
  return new Map(
    sortImports(table)
      .slice(0, MAX_SHOWN)
      .map((state) => [state.importId, state]),
  );
}

/** Those whose sums differ first, then running ones, then the newest first. */
export function sortImports(table: ImportTable): ImportState[] {
  return [...table.values()].sort(
    (a, b) =>
      rank(a) - rank(b) || compareText(b.acceptedAt, a.acceptedAt) || compareText(b.importId, a.importId),
  );
}

function rank(state: ImportState): number {
  if (sumsDiffer(state)) return 0;
  return hasEnded(state) ? 2 : 1;
}

/** An alarm: rows may be lost, or counted twice. */
function sumsDiffer({ reconciled }: ImportState): boolean {
  return reconciled === false;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function matchesFilter(state: ImportState, filter: SupportFilter): boolean {
  if (filter === 'all') return true;
  if (filter === 'running') return !hasEnded(state);
  if (filter === 'sums_differ') return sumsDiffer(state);
  return state.status === filter;
}

export interface SupportTotals {
  readonly running: number;
  /** Rows per second over all that run and wait for nothing. */
  readonly rowsPerSecond: number;
  /** Imports shown that ended with rejected or failed rows, or failed. */
  readonly troubled: number;
  /** Imports shown whose sums differ from those kept beside the contacts. */
  readonly differing: number;
}

export function supportTotals(table: ImportTable): SupportTotals {
  let running = 0;
  let rowsPerSecond = 0;
  let troubled = 0;
  let differing = 0;
  for (const state of table.values()) {
    if (sumsDiffer(state)) differing += 1;
    if (!hasEnded(state)) {
      running += 1;
      if (state.undo === null && state.waitingFor === null) rowsPerSecond += state.rowsPerSecond;
    } else if (state.status === 'failed' || state.status === 'completed_with_errors') troubled += 1;
  }
  return { running, rowsPerSecond, troubled, differing };
}
