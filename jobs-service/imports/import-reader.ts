/** One view of all imports: the living ones from the log's table, the ended ones from the contact store's projection. */

import type { ContactStore, ImportPosition } from '@tidings/contact-store/contact-store.ts';
import { hasEnded, type ImportState, type ImportStatus } from '@tidings/contracts/import.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { validate as isUuid, version as uuidVersion } from 'uuid';
import { z } from 'zod';
import type { FoldedImports } from './folded-from-log.ts';

/** Milliseconds after its making in which an unknown import may still be on its way here. */
const YOUNG_MS = 10_000;
/** Milliseconds that a question for such an import waits. */
const YOUNG_WAIT_MS = 2_000;

/** A position; the database knows no year 0. */
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
  readonly #live: FoldedImports;
  readonly #contactStore: Pick<ContactStore, 'getImport' | 'listImports'>;

  constructor(live: FoldedImports, contactStore: Pick<ContactStore, 'getImport' | 'listImports'>) {
    this.#live = live;
    this.#contactStore = contactStore;
  }

  /** null where there is none; one that was accepted a moment ago is waited for. */
  async find(importId: string): Promise<OwnedImport | null> {
    if (!isUuid(importId)) return null;
    const known = await this.#look(importId);
    if (known !== null || !isYoung(importId)) return known;
    await this.#live.waitFor(importId, (live) => live !== undefined, YOUNG_WAIT_MS);
    return this.#look(importId);
  }

  /** As it is once it has ended, or after so many milliseconds; null where there is none. */
  async findEnded(importId: string, milliseconds: number): Promise<OwnedImport | null> {
    const found = await this.find(importId);
    if (found === null || hasEnded(found.state) || milliseconds <= 0) return found;
    await this.#live.waitFor(importId, (live) => live === undefined || hasEnded(live.state), milliseconds);
    return this.#look(importId);
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
    // The living first: one that ends meanwhile is then found in both places, and not in none.
    const living = [...this.#live.values()].filter(
      (live) =>
        (owner === undefined || live.owner === owner) &&
        (status === undefined || live.state.status === status) &&
        (after === undefined || comparePositions(live.state, after) > 0),
    );
    const projected = await this.#contactStore.listImports({ owner, status, after, limit: limit + 1 });
    const byId = new Map([...projected, ...living].map(({ state }) => [state.importId, state]));
    const states = [...byId.values()].sort(comparePositions);
    const items = states.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: states.length > limit && last !== undefined ? encodeCursor(last) : null };
  }

  async #look(importId: string): Promise<OwnedImport | null> {
    const live = this.#live.get(importId);
    if (live === undefined) return this.#contactStore.getImport(importId);
    // Between its end and its being forgotten an import stands in both; the projection knows more of it.
    return (hasEnded(live.state) ? await this.#contactStore.getImport(importId) : null) ?? live;
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
