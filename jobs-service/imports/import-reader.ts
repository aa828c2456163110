/** One view of all imports: those in the log, and those that were projected into the contact store. */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import {
  type ImportPosition,
  type ListedMender,
  MAX_LISTED_MENDERS,
} from '@tidings/contact-store/kept-imports.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import {
  hasEnded,
  type ImportState,
  type ImportStatus,
  isAtRest,
  MAX_MENDED_BY,
} from '@tidings/contracts/imports/import.ts';
import { isRetriable } from '@tidings/failures/failure.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { validate as isUuid, version as uuidVersion } from 'uuid';
import { z } from 'zod';
import type { FoldedImports } from './folded-from-log.ts';
import { byMended, leftToMend, type MendersByImport } from './left-to-mend.ts';
import { newestOf } from './newest-import.ts';
import { TurnCounts } from './turns.ts';
import { timeOfUuid } from './uuid-time.ts';
import { type WorkMonitor, type WorkView, waitingNow } from './waiting-for.ts';

/** An id that was made within so many milliseconds may be that of an import which this process has not read yet. */
const YOUNG_MS = 10_000;
/** An id that was made within so many milliseconds may be that of an import whose commands wait, because log or aggregator are away. */
const UNFOLDED_MS = 15 * 60_000;
const RETRY_AFTER_SECONDS = 2;
/** Milliseconds to wait for such an import. */
const YOUNG_WAIT_MS = 2_000;
/** Milliseconds within which this process reads what the aggregator has folded. */
const FOLDED_WAIT_MS = 500;
/** Imports whose menders the store is asked for at once. */
const MAX_ASKED_AT_ONCE = 500;

/** `acceptedAt` and `importId`; the database has no year 0. */
const cursorSchema = z.tuple([z.iso.datetime().refine((at) => at >= '1970'), z.uuid()]);

/** What a list is asked for. */
export interface ImportQuery {
  readonly owner?: string;
  /** Default: any. */
  readonly status?: readonly ImportStatus[];
  /** A part of the file name or of the id. The store looks at `MAX_SEARCHED_IMPORTS` for it. */
  readonly q?: string;
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ListedImports {
  readonly items: ImportState[];
  /** Whose they are, by their ids. */
  readonly owners: ReadonlyMap<string, string>;
  readonly nextCursor: string | null;
}

type StoreOfImports = Pick<ContactStore, 'getImport' | 'listImports' | 'listMenders' | 'restsOf'>;

export class ImportReader {
  readonly #folded: FoldedImports;
  readonly #contactStore: StoreOfImports;
  readonly #monitor: Pick<WorkMonitor, 'view'>;
  #turns = new TurnCounts({ positions: { express: [], bulk: [] }, expressEnds: [] }, () => []);

  constructor(folded: FoldedImports, contactStore: StoreOfImports, monitor: Pick<WorkMonitor, 'view'>) {
    this.#folded = folded;
    this.#contactStore = contactStore;
    this.#monitor = monitor;
  }

  /**
   * Resolves with null where there is no such import; waits for one whose id was made a moment ago.
   * @throws Problem unavailable: the id was made a while ago, and commands about it may not be folded yet
   */
  async find(importId: string): Promise<FoldedImport | null> {
    if (!isUuid(importId)) return null;
    const known = await this.read(importId);
    if (known !== null || !isYounger(importId, UNFOLDED_MS)) return this.#shown(known);
    const isYoung = isYounger(importId, YOUNG_MS);
    // A look at the log tells of imports that were accepted before it.
    const since = performance.now() - (isYoung ? 0 : YOUNG_MS);
    const isThere = (folded: FoldedImport | undefined) => folded !== undefined;
    const found = isYoung ? await this.findOnce(importId, isThere, YOUNG_WAIT_MS) : null;
    if (found !== null) return found;
    const { log } = await this.#monitor.view(since);
    // The aggregator may have folded the import since this process looked for it.
    if (log !== null && !log.hasUnfolded) return this.findOnce(importId, isThere, FOLDED_WAIT_MS);
    throw new Problem(
      'unavailable',
      'Imports that were accepted a while ago do not show yet. Try again shortly.',
      {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      },
    );
  }

  /**
   * Resolves once the log's import satisfies the condition, or after the time, with the import as it is then.
   * @param condition gets undefined where the log holds no such import
   * @param signal ends the wait
   */
  async findOnce(
    importId: string,
    condition: (folded: FoldedImport | undefined) => boolean,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<FoldedImport | null> {
    await this.#folded.waitFor(importId, condition, milliseconds, signal);
    return this.#shown(await this.read(importId));
  }

  /**
   * Resolves once the import has ended, or after the time with the import as it is; with null where there is no such import.
   * @param milliseconds to wait, at most
   * @param signal ends the wait
   */
  async findEnded(
    importId: string,
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<FoldedImport | null> {
    const found = await this.find(importId);
    if (found === null || hasEnded(found.state) || milliseconds <= 0) return found;
    const isOver = (folded: FoldedImport | undefined) => folded === undefined || hasEnded(folded.state);
    return this.findOnce(importId, isOver, milliseconds, signal);
  }

  /** Ids of the owner's imports that the log holds: those that run, and those that have ended and may still be projected. */
  inLog(owner: string): { readonly running: string[]; readonly atRest: string[] } {
    const owned = [...this.#folded.values()].filter((folded) => folded.owner === owner);
    const ids = (folded: readonly FoldedImport[]) => folded.map(({ state }) => state.importId);
    return {
      running: ids(owned.filter(({ state }) => !isAtRest(state))),
      atRest: ids(owned.filter(({ state }) => isAtRest(state))),
    };
  }

  /** Resolves once the log holds none of the imports, or after the time. @param milliseconds to wait, at most */
  async untilProjected(importIds: readonly string[], milliseconds: number): Promise<void> {
    const isForgotten = (folded: FoldedImport | undefined) => folded === undefined;
    await Promise.all(importIds.map((id) => this.#folded.waitFor(id, isForgotten, milliseconds)));
  }

  /** Newest accepted first. @throws Problem invalid_request (a cursor that is not ours) */
  async list(options: ImportQuery): Promise<ListedImports> {
    const { owner, status: statuses, q: text, limit } = options;
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor);
    // The log comes first: an import that ends meanwhile is then found in both places, and not in neither.
    const folded = [...this.#folded.values()].filter(
      ({ owner: itsOwner, state }) =>
        (owner === undefined || itsOwner === owner) &&
        (statuses?.includes(state.status) ?? true) &&
        (text === undefined || importHasText(state, text)) &&
        (after === undefined || comparePositions(state, after) > 0),
    );
    const wanted = { owner, statuses, text, after, limit: limit + 1 };
    const projected = await this.#contactStore.listImports(wanted);
    const found = [...projected, ...folded];
    const byId = new Map(found.map(({ state }) => [state.importId, state]));
    const owners = new Map(found.map((one) => [one.state.importId, one.owner]));
    const states = [...byId.values()].sort(comparePositions);
    const items = await this.#asTheyAre(states.slice(0, limit));
    const last = items.at(-1);
    return {
      items,
      owners,
      nextCursor: states.length > limit && last !== undefined ? encodeCursor(last) : null,
    };
  }

  async #shown(found: FoldedImport | null): Promise<FoldedImport | null> {
    if (found === null) return null;
    const [state = found.state] = await this.#asTheyAre([found.state]);
    return { ...found, state };
  }

  /** The states with what only now is known of them. */
  async #asTheyAre(states: readonly ImportState[]): Promise<ImportState[]> {
    return this.#withIgnored(await this.#withMenders(await this.#withWaiting(states)));
  }

  async #withMenders(states: readonly ImportState[]): Promise<ImportState[]> {
    const ids = states.filter(hasEnded).map(({ importId }) => importId);
    if (ids.length === 0) return [...states];
    const { menders, isWhole } = await this.#mendersOf(ids);
    return states.map((state) => {
      const mendedBy = (menders.get(state.importId) ?? []).map(({ importId }) => importId);
      const shown = { ...state, mendedBy: mendedBy.slice(0, MAX_MENDED_BY) };
      const isCounted = isWhole && hasEnded(state) && state.rows.rejected > 0;
      return isCounted ? { ...shown, leftToMend: leftToMend(state, menders) } : shown;
    });
  }

  /** Who mends these, and who mends those that do, the newest first; what the store knows of it is missing where it is away. */
  async #mendersOf(importIds: readonly string[]): Promise<{ menders: MendersByImport; isWhole: boolean }> {
    const live = [...this.#folded.values()].flatMap(({ state }) => asMender(state));
    const liveOf = byMended(live);
    const stored: ListedMender[] = [];
    const reached = new Set(importIds);
    let isWhole = true;
    // The store does not know what the log alone has: it is asked of each of those, too.
    for (let asked = [...reached]; asked.length > 0 && isWhole; ) {
      const found = await orNull(this.#contactStore.listMenders(asked.slice(0, MAX_ASKED_AT_ONCE)));
      isWhole = found !== null && found.length < MAX_LISTED_MENDERS;
      stored.push(...(found ?? []));
      for (const { importId } of found ?? []) reached.add(importId);
      asked = asked.slice(MAX_ASKED_AT_ONCE);
      for (const id of reached)
        for (const { importId } of liveOf.get(id) ?? [])
          if (!reached.has(importId)) {
            asked.push(importId);
            reached.add(importId);
          }
    }
    const all = [...stored, ...live.filter(({ mends }) => reached.has(mends))];
    const byId = new Map(all.map((mender) => [mender.importId, mender]));
    return { menders: byMended([...byId.values()].sort(comparePositions)), isWhole };
  }

  async #withIgnored(states: readonly ImportState[]): Promise<ImportState[]> {
    const toFix = states.filter((state) => hasEnded(state) && state.rows.rejected > 0);
    if (toFix.length === 0) return [...states];
    const ids = toFix.map(({ importId }) => importId);
    const found = await orNull(this.#contactStore.restsOf(ids));
    if (found === null) return [...states];
    const rests = new Map(found.map((rest) => [rest.importId, rest]));
    const asked = new Set(ids);
    return states.map((state) => {
      if (!asked.has(state.importId)) return state;
      const { isIgnored = false, changes = 0 } = rests.get(state.importId) ?? {};
      return { ...state, restIgnored: isIgnored, restChanges: changes };
    });
  }

  /** The states with what their imports wait for at the moment. */
  async #withWaiting(states: readonly ImportState[]): Promise<ImportState[]> {
    const live = states.map((state) => this.#folded.get(state.importId));
    if (live.every((folded) => folded === undefined)) return [...states];
    const view = await this.#monitor.view();
    const turns = this.#turnsOf(view);
    return states.map((state, index) => {
      const folded = live[index];
      return folded === undefined ? state : { ...state, waitingFor: waitingNow(folded, view, turns) };
    });
  }

  /** Counted once for all who see the same work. */
  #turnsOf({ log }: WorkView): TurnCounts {
    const work = log?.work ?? this.#turns.work;
    if (work !== this.#turns.work) this.#turns = new TurnCounts(work, () => this.#folded.values());
    return this.#turns;
  }

  /** The import as the store keeps it, whatever the log holds; null where it keeps none. */
  stored(importId: string): Promise<FoldedImport | null> {
    return this.#contactStore.getImport(importId);
  }

  /** The import as it is in the store, or in the log where that is newer; null where neither holds it. */
  async newest(importId: string): Promise<FoldedImport | null> {
    const stored = await this.#contactStore.getImport(importId);
    return newestOf(this.#folded.get(importId), stored);
  }

  /** The import as this process knows it now; null where it knows none. */
  async read(importId: string): Promise<FoldedImport | null> {
    // The log forgets an import only once the store has its last state.
    return this.#folded.get(importId) ?? (await this.#contactStore.getImport(importId));
  }
}

/** A database that is away hides no import that the log has. */
async function orNull<Item>(found: Promise<Item[]>): Promise<Item[] | null> {
  return found.catch((error: unknown) => {
    if (isRetriable(error)) return null;
    throw error;
  });
}

function asMender({ mends, ...state }: ImportState): ListedMender[] {
  return mends === null ? [] : [{ ...state, mends }];
}

/** The id that a key was given for tells no time: it is taken for young. */
function isYounger(importId: string, milliseconds: number): boolean {
  const madeAt = timeOfUuid(importId);
  if (madeAt === null) return uuidVersion(importId) === 8;
  // Whoever made an id that is in the future has a clock that is ahead, or had one: ids never go back within a process.
  return Date.now() - madeAt < milliseconds;
}

/** Whether the file's name or the id has the text, in capital or small letters. */
function importHasText({ fileName, importId }: ImportState, text: string): boolean {
  const wanted = text.toLowerCase();
  return fileName.toLowerCase().includes(wanted) || importId.includes(wanted);
}

/** The order of lists: newest accepted first, then by id, descending. */
function comparePositions(one: ImportPosition, other: ImportPosition): number {
  return compare(other.acceptedAt, one.acceptedAt) || compare(other.importId, one.importId);
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function encodeCursor({ acceptedAt, importId }: ImportPosition): string {
  return Buffer.from(JSON.stringify([acceptedAt, importId])).toString('base64url');
}

function decodeCursor(cursor: string): ImportPosition {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [acceptedAt, importId] = cursorSchema.parse(json);
    return { acceptedAt, importId };
  } catch {
    throw new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
  }
}
