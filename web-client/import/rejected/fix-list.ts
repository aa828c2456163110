/** The rejected rows of one import while a person mends them: which there are, why, and what was changed. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { HandedRows, RejectedRowItem } from '@tidings/contracts/imports/rejected-rows.ts';
import type { RejectedAccess } from '../../following/access/rejected-access.ts';
import { explainError } from '../../shell/services/explain.ts';
import type { PageProblem } from '../../shell/services/page-problem.ts';

/** Rows with the same fault. */
export interface FaultGroup {
  readonly code: string;
  /** As the services say it, in the language that the page had then. */
  readonly reason: string;
  readonly count: number;
  readonly example: { readonly line: number; readonly cell: string };
}

export interface FixList {
  /** The rows that are loaded and that no import has, or of which a cell is not kept, in the order of the file. */
  readonly rows: ReadonlySignal<readonly RejectedRowItem[]>;
  /** All that are loaded by their faults, the most frequent first. */
  readonly groups: ReadonlySignal<readonly FaultGroup[]>;
  /** Rows that are loaded. */
  readonly loaded: ReadonlySignal<number>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** Rejected rows of which nobody has made contacts yet; null before the services have said so. */
  readonly left: ReadonlySignal<number | null>;
  /** How many of `rows` are mended, those that are not right, or not kept yet, among them. */
  readonly ready: ReadonlySignal<number>;
  /** How many of `rows` are mended and right. */
  readonly mended: ReadonlySignal<number>;
  /** By number: rows whose change is on its way, or could not be kept. */
  readonly unsaved: ReadonlySignal<ReadonlyMap<number, 'saving' | PageProblem>>;
  /** By number and column: what somebody else has written into a cell that was changed here, which is not kept then. */
  readonly overtaken: ReadonlySignal<ReadonlyMap<number, ReadonlyMap<string, string>>>;
  /** Why rows could not be loaded or handed over; null where nothing is wrong. */
  readonly problem: ReadonlySignal<PageProblem | null>;
  /** Whether the first rows have come, or could not. */
  readonly isSettled: ReadonlySignal<boolean>;
  /** Loads the rows anew: as many as are loaded, and `MAX_COUNTED_ROWS` at least. Those that are shown stay until all have come. */
  reload(): Promise<void>;
  /** Loads them anew, unless that is going on, or nothing was loaded yet. */
  refresh(): void;
  loadMore(): Promise<void>;
  /** Changes a cell, and keeps that. */
  change(row: number, column: string, text: string): Promise<void>;
  /** Where somebody else was faster: keeps what was written here, or what was written there. */
  decide(row: number, whose: 'mine' | 'theirs'): Promise<void>;
  /** Hands the mended rows over. @returns null where that failed: `problem` or `unsaved` says why */
  hand(): Promise<HandedRows | null>;
}

/** Rows by which faults are counted without being asked for more. */
export const MAX_COUNTED_ROWS = 2_000;

export function createFixList(openAccess: () => Promise<RejectedAccess>): FixList {
  const all = signal<readonly RejectedRowItem[]>([]);
  const cursor = signal<string | null>(null);
  const left = signal<number | null>(null);
  const unsaved = signal<ReadonlyMap<number, 'saving' | PageProblem>>(new Map());
  const problem = signal<PageProblem | null>(null);
  const overtaken = signal<ReadonlyMap<number, ReadonlyMap<string, string>>>(new Map());
  /** Cells by row that the services have not kept yet. */
  const waiting = new Map<number, Record<string, string>>();
  /** Cells by row that are on their way. */
  const sent = new Map<number, Record<string, string>>();
  /** What those cells held before. */
  const former = new Map<number, Record<string, string>>();
  /** Rows of which cells were kept since the rows were asked for last. */
  const keptMeanwhile = new Set<number>();
  // One change after another: the services merge each with what they keep of its row.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  };
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    problem.value = null;
    try {
      return await work();
    } catch (error) {
      problem.value = explainError(error);
      return null;
    }
  };
  const note = (row: number, how: 'saving' | PageProblem | null): void => {
    const next = new Map(unsaved.peek());
    if (how === null) next.delete(row);
    else next.set(row, how);
    unsaved.value = next;
  };
  const replace = (row: RejectedRowItem): void => {
    all.value = all.peek().map((known) => (known.row === row.row ? withWaiting(row) : known));
  };
  const withWaiting = (row: RejectedRowItem): RejectedRowItem => ({
    ...row,
    cells: { ...row.cells, ...sent.get(row.row), ...waiting.get(row.row) },
  });
  const save = async (row: number): Promise<void> => {
    const cells = waiting.get(row);
    if (cells === undefined) return;
    const before = former.get(row) ?? {};
    waiting.delete(row);
    former.delete(row);
    sent.set(row, cells);
    note(row, 'saving');
    tell(row, new Map());
    try {
      const kept = await (await openAccess()).mend([{ row, cells, former: before }]);
      sent.delete(row);
      keptMeanwhile.add(row);
      if (!waiting.has(row)) note(row, null);
      for (const item of kept) replace(item);
    } catch (error) {
      sent.delete(row);
      waiting.set(row, { ...cells, ...waiting.get(row) });
      former.set(row, { ...former.get(row), ...before });
      const found = explainError(error);
      note(row, found);
      if (found.code === 'precondition_failed' || found.code === 'state_conflict') await lookAgain(row);
    }
  };
  const tell = (row: number, theirs: ReadonlyMap<string, string>): void => {
    const next = new Map(overtaken.peek());
    if (theirs.size === 0) next.delete(row);
    else next.set(row, theirs);
    overtaken.value = next;
  };
  /** Finds which cells somebody else has changed since they were read here. */
  const lookAgain = async (row: number): Promise<void> => {
    try {
      const now = await (await openAccess()).read(row);
      replace(now);
      // Another import has the row as it was: nobody can choose any more.
      if (now.mendedBy !== null) return;
      const before = former.get(row) ?? {};
      const theirs = Object.entries(waiting.get(row) ?? {}).flatMap(([column, mine]) => {
        const text = now.cells[column] ?? '';
        return text === before[column] || text === mine ? [] : [[column, text] as const];
      });
      tell(row, new Map(theirs));
    } catch (error) {
      note(row, explainError(error));
    }
  };
  const decide = async (row: number, whose: 'mine' | 'theirs'): Promise<void> => {
    const theirs = Object.fromEntries(overtaken.peek().get(row) ?? []);
    if (whose === 'theirs') {
      const rest = Object.entries(waiting.get(row) ?? {}).filter(
        ([column]) => !Object.hasOwn(theirs, column),
      );
      waiting.set(row, Object.fromEntries(rest));
      all.value = all
        .peek()
        .map((known) => (known.row === row ? { ...known, cells: { ...known.cells, ...theirs } } : known));
    }
    former.set(row, { ...former.get(row), ...theirs });
    await save(row);
  };
  const rows = computed(() =>
    all.value.filter(({ row, mendedBy }) => mendedBy === null || unsaved.value.has(row)),
  );
  const open = computed(() => rows.value.filter(({ mendedBy }) => mendedBy === null));
  /** Rows whose cells hold up what is handed over. What another import has already, no try of this page keeps. */
  const toSave = (): number[] => {
    const taken = new Set(
      all
        .peek()
        .filter(({ mendedBy }) => mendedBy !== null)
        .map(({ row }) => row),
    );
    return [...waiting.keys()].filter((row) => !taken.has(row));
  };
  const loadAnew = async (): Promise<void> => {
    keptMeanwhile.clear();
    const most = Math.max(MAX_COUNTED_ROWS, all.peek().length);
    let found: readonly RejectedRowItem[] = [];
    let next: string | null = null;
    do {
      const page = await (await openAccess()).list(next);
      found = [...found, ...page.items];
      next = page.nextCursor;
      left.value = page.left;
      // The cell in which somebody writes would go away with its row.
      if (next !== null && found.length < all.peek().length) continue;
      all.value = found.map(asKept);
      cursor.value = next;
    } while (next !== null && found.length < most);
  };
  /** What was kept while it was asked for is newer than what comes. */
  const asKept = (row: RejectedRowItem): RejectedRowItem =>
    (keptMeanwhile.has(row.row) ? all.peek().find((known) => known.row === row.row) : undefined) ??
    withWaiting(row);
  const loadNext = async (): Promise<void> => {
    if (cursor.peek() === null) return;
    const page = await (await openAccess()).list(cursor.peek());
    all.value = [...all.peek(), ...page.items.map(withWaiting)];
    cursor.value = page.nextCursor;
    left.value = page.left;
  };
  /** One after another: each goes on where the last page has ended. */
  let loading: Promise<void> | null = null;
  const load = (work: () => Promise<void>): Promise<void> => {
    const mine = (loading ?? Promise.resolve())
      .then(() => attempt(work))
      .then(() => {
        if (loading === mine) loading = null;
      });
    loading = mine;
    return mine;
  };
  const reload = (): Promise<void> => load(loadAnew);
  /** Who asks twice wants the same rows. */
  let more: Promise<void> | null = null;
  return {
    rows,
    groups: computed(() => groupsOf(open.value)),
    loaded: computed(() => all.value.length),
    hasMore: computed(() => cursor.value !== null),
    left,
    ready: computed(() => open.value.filter(({ row, mended }) => mended || unsaved.value.has(row)).length),
    mended: computed(() => open.value.filter(({ mended, faults }) => mended && faults.length === 0).length),
    unsaved,
    overtaken,
    problem,
    isSettled: computed(() => left.value !== null || problem.value !== null),
    reload,
    refresh: () => {
      if (left.peek() !== null && loading === null) void reload();
    },
    loadMore: () => {
      more ??= load(loadNext).then(() => {
        more = null;
      });
      return more;
    },
    change: async (row, column, text) => {
      const shown = all.peek().find((known) => known.row === row)?.cells ?? {};
      former.set(row, { [column]: shown[column] ?? '', ...former.get(row) });
      waiting.set(row, { ...waiting.get(row), [column]: text });
      note(row, 'saving');
      all.value = all.peek().map((known) => (known.row === row ? withWaiting(known) : known));
      await inTurn(() => save(row));
    },
    decide: (row, whose) => inTurn(() => decide(row, whose)),
    hand: () =>
      inTurn(() =>
        attempt(async () => {
          for (const row of toSave()) await save(row);
          return toSave().length > 0 ? null : await (await openAccess()).hand();
        }),
      ),
  };
}

/** What is wrong with rows as they stand. */
export function groupsOf(rows: readonly RejectedRowItem[]): FaultGroup[] {
  const groups = new Map<string, FaultGroup>();
  for (const { line, faults, cells } of rows) {
    for (const { code, reason, column } of faults) {
      const known = groups.get(code);
      const example = { line, cell: column === null ? '' : (cells[column] ?? '') };
      groups.set(code, {
        ...(known ?? { code, reason, example }),
        count: (known?.count ?? 0) + 1,
      });
    }
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}
