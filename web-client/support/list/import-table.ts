/** What support's list knows of all imports, and in which order it shows them. Pure. */
import { buckets, hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import { isMended, isRestIgnored } from '../../following/view/import-outcome.ts';
import { isOlder, withLookedUp } from '../../following/view/import-view.ts';
import type { ListFilter, ListQuery } from './list-query.ts';

export interface ListedImport {
  readonly state: ImportState;
  /** When something of it last went on; milliseconds since 1970. What this page has seen itself counts by its own clock. */
  readonly movedAt: number;
}

export type ImportTable = ReadonlyMap<string, ListedImport>;

/** Imports that the page keeps, at most. Those whose sums differ and running ones stay; of the others the oldest are dropped. */
export const MAX_KEPT = 1_000;

/** Milliseconds after which an import that waits for nothing known, and does not move, is stuck. */
export const STUCK_MS = 60_000;

/** The table with the newest of these states; the same object where none of them is new, so that nothing is drawn. */
export function mergeStates(table: ImportTable, states: readonly ImportState[], now: number): ImportTable {
  const merged = new Map(table);
  let changed = false;
  for (const state of states) {
    const known = merged.get(state.importId);
    if (known !== undefined && (isOlder(state, known.state) || isSame(state, known.state))) continue;
    merged.set(state.importId, listed(state, known, now));
    changed = true;
  }
  if (!changed) return table;
  return merged.size > MAX_KEPT ? keepNewest(merged) : merged;
}

function listed(state: ImportState, known: ListedImport | undefined, now: number): ListedImport {
  if (known === undefined) return { state, movedAt: movedBefore(state, now) };
  // What an aggregator of an earlier release tells does not name the owner.
  const owner = state.owner ?? known.state.owner;
  const whole = withLookedUp(state, known.state);
  return {
    state: owner === undefined ? whole : { ...whole, owner },
    movedAt: hasMoved(state, known.state) ? now : known.movedAt,
  };
}

/** As the server tells; of an aggregator of an earlier release nobody knows it, and then it is now. */
export function movedBefore({ movedAt }: ImportState, now: number): number {
  return movedAt === undefined ? now : Math.min(now, Date.parse(movedAt));
}

/** Whether anything is another that changes while an import does something. */
function hasMoved(state: ImportState, known: ImportState): boolean {
  return (
    state.status !== known.status ||
    state.upload !== known.upload ||
    state.bytes !== known.bytes ||
    state.chunks.completed !== known.chunks.completed ||
    buckets.some((bucket) => state.rows[bucket] !== known.rows[bucket]) ||
    undone(state) !== undone(known)
  );
}

/** Contacts that an undo has reached; -1 before one begins. */
function undone({ undo }: ImportState): number {
  return undo === null ? -1 : undo.reversed + undo.kept + undo.failed;
}

function isSame(state: ImportState, known: ImportState): boolean {
  const waits = state.waitingFor?.text === known.waitingFor?.text;
  const owner = state.owner === undefined || state.owner === known.owner;
  const { restIgnored, restChanges, leftToMend } = withLookedUp(state, known);
  const ignored = restIgnored === known.restIgnored && (restChanges ?? 0) === (known.restChanges ?? 0);
  const rest = ignored && leftToMend === known.leftToMend;
  return state.version === known.version && hasEnded(state) === hasEnded(known) && waits && owner && rest;
}

function keepNewest(table: ImportTable): ImportTable {
  return new Map(
    sortImports(table)
      .slice(0, MAX_KEPT)
      .map((one) => [one.state.importId, one]),
  );
}

/** Imports whose sums differ come first, then running ones, then the newest first. */
export function sortImports(table: ImportTable): ListedImport[] {
  return [...table.values()].sort(
    ({ state: a }, { state: b }) =>
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

export function isWaiting({ state }: ListedImport): boolean {
  return !hasEnded(state) && state.waitingFor !== null;
}

/** Whether it runs, waits for nothing that is known, and has not moved for long. */
export function isStuck({ state, movedAt }: ListedImport, now: number): boolean {
  return !hasEnded(state) && state.waitingFor === null && now - movedAt >= STUCK_MS;
}

/** Rows per second; null where none are worked off, whatever the last state that had some says. */
export function rateOf(one: ListedImport, now: number): number | null {
  const { state } = one;
  const isStill = hasEnded(state) || state.waitingFor !== null || state.undo !== null || isStuck(one, now);
  return isStill ? null : state.rowsPerSecond;
}

function isTroubled(one: ListedImport, now: number): boolean {
  const { state } = one;
  const isSettled = isMended(state) || isRestIgnored(state);
  const hasErrors = state.status === 'completed_with_errors' && !isSettled;
  const endedBadly = state.status === 'failed' || hasErrors;
  return sumsDiffer(state) || endedBadly || isStuck(one, now);
}

const byFilter: Partial<Record<ListFilter, (one: ListedImport, now: number) => boolean>> = {
  all: () => true,
  running: ({ state }) => !hasEnded(state),
  waiting: isWaiting,
  look: isTroubled,
  sums_differ: ({ state }) => sumsDiffer(state),
};

export function matchesQuery(one: ListedImport, { filter, q, owner }: ListQuery, now: number): boolean {
  const { state } = one;
  const text = q.toLowerCase();
  const fits = byFilter[filter] ?? (() => state.status === filter);
  return (
    fits(one, now) &&
    (owner === '' || state.owner === owner) &&
    (text === '' || state.fileName.toLowerCase().includes(text) || state.importId.includes(text))
  );
}

export interface SupportTotals {
  readonly running: number;
  /** Imports that run and wait for something. */
  readonly waiting: number;
  /** Since when the one has waited that waits longest, milliseconds since 1970; null where none waits. */
  readonly waitingSince: number | null;
  /** Rows per second over all of which rows are worked off. */
  readonly rowsPerSecond: number;
  /** Imports known here that somebody should look at. */
  readonly troubled: number;
  /** Imports known here whose sums differ from those kept beside the contacts. */
  readonly differing: number;
}

export function supportTotals(table: ImportTable, now: number): SupportTotals {
  const totals = { running: 0, waiting: 0, rowsPerSecond: 0, troubled: 0, differing: 0 };
  let waitingSince: number | null = null;
  for (const one of table.values()) {
    const { state, movedAt } = one;
    if (sumsDiffer(state)) totals.differing += 1;
    if (isTroubled(one, now)) totals.troubled += 1;
    if (hasEnded(state)) continue;
    totals.running += 1;
    totals.rowsPerSecond += rateOf(one, now) ?? 0;
    if (!isWaiting(one)) continue;
    totals.waiting += 1;
    waitingSince = Math.min(movedAt, waitingSince ?? movedAt);
  }
  return { ...totals, waitingSince };
}
