/** One view of all imports: those in the log, and those that were projected into the contact store. */

import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import {
  hasEnded,
  type ImportState,
  type ImportStatus,
  isAtRest,
} from '@tidings/contracts/imports/import.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { validate as isUuid, version as uuidVersion } from 'uuid';
import type { FoldedImports } from './folded-from-log.ts';
import { comparePositions, decodePosition, encodePosition } from './import-position.ts';
import { newestOf } from './newest-import.ts';
import { ShownStates } from './shown-states.ts';
import { timeOfUuid } from './uuid-time.ts';
import type { WorkMonitor } from './waiting-for.ts';

/** An id that was made within so many milliseconds may be that of an import which this process has not read yet. */
const YOUNG_MS = 10_000;
/** An id that was made within so many milliseconds may be that of an import whose commands wait, because log or aggregator are away. */
const UNFOLDED_MS = 15 * 60_000;
const RETRY_AFTER_SECONDS = 2;
/** Milliseconds to wait for such an import. */
const YOUNG_WAIT_MS = 2_000;
/** Milliseconds within which this process reads what the aggregator has folded. */
const FOLDED_WAIT_MS = 500;

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
  readonly #shownStates: ShownStates;

  constructor(folded: FoldedImports, contactStore: StoreOfImports, monitor: Pick<WorkMonitor, 'view'>) {
    this.#folded = folded;
    this.#contactStore = contactStore;
    this.#monitor = monitor;
    this.#shownStates = new ShownStates(folded, contactStore, monitor);
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
    const after = options.cursor === undefined ? undefined : decodePosition(options.cursor);
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
    const items = await this.#shownStates.of(states.slice(0, limit));
    const last = items.at(-1);
    return {
      items,
      owners,
      nextCursor: states.length > limit && last !== undefined ? encodePosition(last) : null,
    };
  }

  async #shown(found: FoldedImport | null): Promise<FoldedImport | null> {
    if (found === null) return null;
    const [state = found.state] = await this.#shownStates.of([found.state]);
    return { ...found, state };
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
