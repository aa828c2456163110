/** One view of all imports: those in the log, and those that were projected into the contact store. */

import type { ContactStore, ImportPosition } from '@tidings/contact-store/contact-store.ts';
import { hasEnded, type ImportState, type ImportStatus } from '@tidings/contracts/import.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { validate as isUuid, version as uuidVersion } from 'uuid';
import { z } from 'zod';
import type { FoldedImports } from './folded-from-log.ts';

/** An id that was made within so many milliseconds may be that of an import which this process has not read yet. */
const YOUNG_MS = 10_000;
/** Milliseconds to wait for such an import. */
const YOUNG_WAIT_MS = 2_000;

/** `acceptedAt` and `importId`; the database has no year 0. */
const cursorSchema = z.tuple([z.iso.datetime().refine((at) => at >= '1970'), z.uuid()]);

/** An import, and whose it is. */
export interface OwnedImport {
  readonly owner: string;
  readonly state: ImportState;
}

export interface ListedImports {
  readonly items: ImportState[];
  readonly nextCursor: string | null;
}

export class ImportReader {
  readonly #folded: FoldedImports;
  readonly #contactStore: Pick<ContactStore, 'getImport' | 'listImports'>;

  constructor(folded: FoldedImports, contactStore: Pick<ContactStore, 'getImport' | 'listImports'>) {
    this.#folded = folded;
    this.#contactStore = contactStore;
  }

  /** Resolves with null where there is no such import; waits for one whose id was made a moment ago. */
  async find(importId: string): Promise<OwnedImport | null> {
    if (!isUuid(importId)) return null;
    const known = await this.#read(importId);
    if (known !== null || !isYoung(importId)) return known;
    await this.#folded.waitFor(importId, (folded) => folded !== undefined, YOUNG_WAIT_MS);
    return this.#read(importId);
  }

  /**
   * Resolves once the import has ended, or after the time with the import as it is; with null where there is no such import.
   * @param milliseconds to wait, at most
   */
  async findEnded(importId: string, milliseconds: number): Promise<OwnedImport | null> {
    const found = await this.find(importId);
    if (found === null || hasEnded(found.state) || milliseconds <= 0) return found;
    await this.#folded.waitFor(
      importId,
      (folded) => folded === undefined || hasEnded(folded.state),
      milliseconds,
    );
    return this.#read(importId);
  }

  /** Newest accepted first. @throws Problem invalid_request (a cursor that is not ours) */
  async list(options: {
    owner?: string;
    status?: ImportStatus;
    cursor?: string;
    limit: number;
  }): Promise<ListedImports> {
    const { owner, status, limit } = options;
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor);
    // The log comes first: an import that ends meanwhile is then found in both places, and not in neither.
    const folded = [...this.#folded.values()].filter(
      ({ owner: itsOwner, state }) =>
        (owner === undefined || itsOwner === owner) &&
        (status === undefined || state.status === status) &&
        (after === undefined || comparePositions(state, after) > 0),
    );
    const projected = await this.#contactStore.listImports({ owner, status, after, limit: limit + 1 });
    const byId = new Map([...projected, ...folded].map(({ state }) => [state.importId, state]));
    const states = [...byId.values()].sort(comparePositions);
    const items = states.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: states.length > limit && last !== undefined ? encodeCursor(last) : null };
  }

  async #read(importId: string): Promise<OwnedImport | null> {
    // The log forgets an import only once the store has its last state.
    return this.#folded.get(importId) ?? (await this.#contactStore.getImport(importId));
  }
}

function isYoung(importId: string): boolean {
  if (uuidVersion(importId) !== 7) return false;
  const madeAt = Number.parseInt(importId.replaceAll('-', '').slice(0, 12), 16);
  return Math.abs(Date.now() - madeAt) < YOUNG_MS;
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
