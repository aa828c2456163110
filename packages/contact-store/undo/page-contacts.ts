/** The contacts of a page of an undo: those that the import has a change of, and those that it created, by id. */
import type { Change } from '../chunks/bucket-rule.ts';
import { unpackPrevious } from '../chunks/contact-changes.ts';
import { lastWriterOf } from '../contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { FIRST_ID } from '../databases/read-in-order.ts';
import type { PageToUndo } from '../undo-page.ts';

/** Behind every id. */
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** A contact that is locked, and what the import has done to it. */
export interface ContactToUndo extends Pick<Change, 'bucket' | 'versionAfter' | 'previous'> {
  readonly id: string;
  readonly version: number;
  readonly createdByImport: string | null;
  /** As `lastWriterOf`. */
  readonly lastWriter: string | null;
}

export interface DonePage {
  readonly reversed: number;
  readonly kept: readonly ContactToUndo[];
  readonly failed: readonly ContactToUndo[];
  /** The contacts of the page that still exist. */
  readonly left: readonly ContactToUndo[];
}

export interface PageOfUndo {
  readonly contacts: readonly ContactToUndo[];
  /** The page's last contact, where others follow it. */
  readonly next: string | null;
}

/** Locks the contacts of the page, in the order in which chunks lock contacts, and reads what is known of each. */
export async function readPage(connection: Queryable, page: PageToUndo, limit: number): Promise<PageOfUndo> {
  const { ids, next } = await readIds(connection, page, limit);
  const locked = await lock(connection, await inLockOrder(connection, ids));
  const changes = await readLightChanges(connection, page, next);
  const contacts = locked.flatMap((contact): ContactToUndo[] => {
    const change = changes.get(contact.id) ?? creationOf(contact, page.importId);
    return change === null ? [] : [{ ...contact, ...change }];
  });
  return { contacts, next };
}

/**
 * The contacts that the import created lie between the ids that its ledger names. Ranges that overlap are joined into islands, which come
 * in the order of their ids, so that the reading stops after as many contacts as the page may have.
 */
export async function readIds(
  connection: Queryable,
  { importId, after }: Pick<PageToUndo, 'importId' | 'after'>,
  contacts: number,
): Promise<{ ids: string[]; next: string | null }> {
  const limit = contacts + 1;
  const { rows } = await connection.query<{ ids: string[] | null }>(
    `WITH ranges AS (
       SELECT first_contact AS first, last_contact AS last,
              max(last_contact::text) OVER (ORDER BY first_contact
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)::uuid AS reached
         FROM chunk_ledger WHERE import_id = $1 AND last_contact > $2
     ), numbered AS (
       SELECT first, last, count(*) FILTER (WHERE reached IS NULL OR first > reached) OVER (ORDER BY first) AS island
         FROM ranges
     ), islands AS MATERIALIZED (
       SELECT min(first::text)::uuid AS first, max(last::text)::uuid AS last
         FROM numbered GROUP BY island ORDER BY 1
     )
     SELECT json_agg(id ORDER BY id) AS ids FROM (
       SELECT id FROM (
         (SELECT contact_id AS id FROM contact_changes
           WHERE import_id = $1 AND contact_id > $2 ORDER BY contact_id LIMIT ${limit})
         UNION
         (SELECT created.id FROM islands,
                 LATERAL (SELECT id FROM contacts
                           WHERE id BETWEEN first AND last AND id > $2 AND created_by_import = $1
                           ORDER BY id LIMIT ${limit}) AS created
           LIMIT ${limit})
       ) AS both_kinds ORDER BY id LIMIT ${limit}) AS page`,
    [importId, after ?? FIRST_ID],
  );
  const found = rows[0]?.ids ?? [];
  const ids = found.slice(0, contacts);
  return { ids, next: found.length > ids.length ? (ids.at(-1) ?? null) : null };
}

/** The ids of those that exist, in the order of `groupByContact`. */
async function inLockOrder(connection: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await connection.query<{ packed: [id: string, email: string][] | null }>(
    `SELECT json_agg(json_build_array(contact, email)) AS packed
       FROM unnest($1::text[]::uuid[]) AS wanted (contact),
            LATERAL (SELECT email FROM contacts WHERE id = contact OFFSET 0) AS found`,
    [ids],
  );
  return (rows[0]?.packed ?? []).sort(([, one], [, other]) => (one < other ? -1 : 1)).map(([id]) => id);
}

type LockedContact = Omit<ContactToUndo, 'bucket' | 'versionAfter' | 'previous'>;

/** By id: contacts that were made one after another are neighbours in that index, while their addresses are scattered over theirs. */
async function lock(connection: Queryable, ids: readonly string[]): Promise<LockedContact[]> {
  if (ids.length === 0) return [];
  type Packed = [string, number, string | null, string | null];
  const { rows } = await connection.query<{ packed: Packed[] | null }>(
    `SELECT json_agg(json_build_array(id, version, created_by_import, last_import)) AS packed
       FROM unnest($1::text[]::uuid[]) AS wanted (contact),
            LATERAL (SELECT id, version, created_by_import, last_import
                       FROM contacts WHERE id = contact FOR UPDATE) AS locked`,
    [ids],
  );
  return (rows[0]?.packed ?? []).map(([id, version, createdByImport, lastImport]) => {
    const lastWriter = lastWriterOf({ version, createdByImport, lastImport });
    return { id, version, createdByImport, lastWriter };
  });
}

type LightChange = Pick<Change, 'bucket' | 'versionAfter' | 'previous'>;

/** Of contacts that are locked: a statement of its own, because its snapshot also shows what was committed while the locks were waited for. */
async function readLightChanges(
  connection: Queryable,
  { importId, after }: PageToUndo,
  next: string | null,
): Promise<Map<string, LightChange>> {
  type Packed = [string, Change['bucket'], number, string | null, number | null];
  const { rows } = await connection.query<{ packed: Packed[] | null }>(
    `SELECT json_agg(json_build_array(contact_id, bucket, version_after, previous_import, previous_version)) AS packed
       FROM contact_changes WHERE import_id = $1 AND contact_id > $2 AND contact_id <= $3`,
    [importId, after ?? FIRST_ID, next ?? LAST_ID],
  );
  return new Map(
    (rows[0]?.packed ?? []).map(([id, bucket, versionAfter, ...previous]) => [
      id,
      { bucket, versionAfter, previous: unpackPrevious(...previous) },
    ]),
  );
}

/** A plain creation that nobody has touched has no change of its own. */
function creationOf({ createdByImport, version }: LockedContact, importId: string): LightChange | null {
  if (createdByImport !== importId || version !== 1) return null;
  return { bucket: 'created', versionAfter: 1, previous: null };
}
