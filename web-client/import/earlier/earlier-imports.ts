/**
 * The owner's imports as the server tells them, newest first. They are asked for again while a person looks at them, more often
 * while some run; what was told stays while the server does not answer.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, isAtRest } from '@tidings/contracts/imports/import.ts';
import { isOlder } from '../../following/view/import-view.ts';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';
import { untilAnswered } from '../../shell/services/until-answered.ts';

/** What the list needs of the service. Both reject with `ProblemError`. */
export interface EarlierApi {
  list(query: { cursor?: string; limit: number; signal: AbortSignal }): Promise<Page<ImportState>>;
  get(importId: string, signal: AbortSignal): Promise<ImportState>;
}

export interface EarlierView {
  /** Newest first. */
  readonly imports: readonly ImportState[];
  readonly nextCursor: string | null;
  /** When the server gave the last answer that is shown, milliseconds since 1970; null before the first. */
  readonly answeredAt: number | null;
  /** Whether the first answer is on its way. */
  readonly isAsking: boolean;
  readonly isLoadingMore: boolean;
  readonly problem: PageProblem | null;
}

export interface EarlierImports {
  readonly view: ReadonlySignal<EarlierView>;
  /** Asks now, or in a moment where the last request is a moment old. */
  refresh(): void;
  /** Loads older ones, if there are any. */
  more(): Promise<void>;
  /** Asks no more. */
  close(): void;
}

export interface EarlierOptions {
  /** Called with what the server tells. */
  readonly onStates: (states: readonly ImportState[]) => void;
  /** Whether a person may see the list; if not, nothing is asked until `refresh` is called. */
  readonly isLookedAt: () => boolean;
  /** Milliseconds from an answer to the next request while an import runs, and while none does. */
  readonly runningMs?: number;
  readonly quietMs?: number;
}

export const PAGE_IMPORTS = 20;
/** Milliseconds between two requests, at least. */
const LEAST_PAUSE_MS = 1_000;
/** Imports of older pages that still run and are asked for one by one, at most. */
const MAX_ASKED = 5;

export const nothingAsked: EarlierView = {
  imports: [],
  nextCursor: null,
  answeredAt: null,
  isAsking: true,
  isLoadingMore: false,
  problem: null,
};

export function createEarlierImports(
  api: EarlierApi,
  { onStates, isLookedAt, runningMs = 4_000, quietMs = 20_000 }: EarlierOptions,
): EarlierImports {
  const view = signal(nothingAsked);
  const change = (part: Partial<EarlierView>): void => {
    view.value = { ...view.peek(), ...part };
  };
  const closed = new AbortController();
  let asking: AbortController | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let isWanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const askIn = (milliseconds: number): void => {
    clearTimeout(timer);
    if (!closed.signal.aborted) timer = setTimeout(() => isLookedAt() && void ask(), milliseconds);
  };
  const pauseFor = (imports: readonly ImportState[]): number =>
    imports.every(isAtRest) ? quietMs : runningMs;
  const fail = (error: unknown): void => {
    const problem = explainError(error);
    // Where people sign in and this page has no token, the server has nothing to tell it.
    change({ isAsking: false, problem: problem.code === 'token_missing' ? null : problem });
  };
  const read = async (signal: AbortSignal): Promise<void> => {
    const onWait = fail;
    const page = await untilAnswered(() => api.list({ limit: PAGE_IMPORTS, signal }), { signal, onWait });
    const older = await stillRunning(olderThan(view.peek().imports, page), api, signal);
    if (signal.aborted) return;
    const { imports, nextCursor } = joined(view.peek(), page, older);
    change({ imports, nextCursor, answeredAt: Date.now(), isAsking: false, problem: null });
    onStates(imports);
    askIn(isWanted ? LEAST_PAUSE_MS : pauseFor(imports));
    isWanted = false;
  };
  const ask = async (): Promise<void> => {
    clearTimeout(timer);
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    askedAt = Date.now();
    await read(mine.signal).catch((error: unknown) => {
      if (!mine.signal.aborted) fail(error);
    });
    if (asking === mine) asking = null;
  };
  return {
    view,
    refresh: () => {
      const isNew = Date.now() - askedAt < LEAST_PAUSE_MS;
      const isOnItsWay = asking !== null && view.peek().problem === null;
      if (!isNew && !isOnItsWay) void ask();
      else if (asking === null) askIn(LEAST_PAUSE_MS);
      else isWanted = true;
    },
    more: async () => {
      const { nextCursor: cursor, isLoadingMore } = view.peek();
      if (cursor === null || isLoadingMore) return;
      change({ isLoadingMore: true });
      try {
        const page = await api.list({ cursor, limit: PAGE_IMPORTS, signal: closed.signal });
        const { imports } = view.peek();
        const known = new Set(imports.map(({ importId }) => importId));
        const added = page.items.filter(({ importId }) => !known.has(importId));
        change({ imports: [...imports, ...added], nextCursor: page.nextCursor, problem: null });
        if (asking === null) askIn(pauseFor(view.peek().imports));
      } catch (error) {
        if (!closed.signal.aborted) fail(error);
      }
      change({ isLoadingMore: false });
    },
    close: () => {
      closed.abort();
      asking?.abort();
      clearTimeout(timer);
    },
  };
}

/** Imports that stand behind the newest page; none where something may be missing between both. */
function olderThan(known: readonly ImportState[], { items, nextCursor }: Page<ImportState>): ImportState[] {
  const last = items.at(-1);
  if (last === undefined || nextCursor === null) return [];
  const told = new Set(items.map(({ importId }) => importId));
  const meet = known.some(({ importId }) => told.has(importId));
  return meet ? known.filter((state) => !told.has(state.importId) && isBehind(state, last)) : [];
}

/** In the order of the server: newest accepted first, then by id, descending. */
function isBehind(one: ImportState, other: ImportState): boolean {
  if (one.acceptedAt !== other.acceptedAt) return one.acceptedAt < other.acceptedAt;
  return one.importId < other.importId;
}

/** The same imports; of those that run some are as they are now. */
async function stillRunning(
  states: readonly ImportState[],
  api: Pick<EarlierApi, 'get'>,
  signal: AbortSignal,
): Promise<Map<string, ImportState>> {
  const running = states.filter((state) => !isAtRest(state)).slice(0, MAX_ASKED);
  const asked = running.map((state) => api.get(state.importId, signal).catch(() => state));
  const now = await Promise.all(asked);
  return new Map([...states, ...now].map((state) => [state.importId, state]));
}

function joined(
  { imports: known, nextCursor }: EarlierView,
  page: Page<ImportState>,
  older: ReadonlyMap<string, ImportState>,
): Pick<EarlierView, 'imports' | 'nextCursor'> {
  const before = new Map(known.map((state) => [state.importId, state]));
  const newest = (told: ImportState): ImportState => {
    const state = before.get(told.importId);
    return state !== undefined && isOlder(told, state) ? state : told;
  };
  // A page may have been loaded while this one was asked for.
  const behind = olderThan(known, page).map((state) => newest(older.get(state.importId) ?? state));
  return {
    imports: [...page.items.map(newest), ...behind],
    nextCursor: behind.length === 0 ? page.nextCursor : nextCursor,
  };
}
