/** The contacts that the undos of an import's last upload have left as they were, and why. */
import type { UndoItem, UndoReason } from '@tidings/contracts/imports/undo-outcomes.ts';
import { z } from 'zod';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { FIRST_ID, readInOrder } from '../databases/read-in-order.ts';
import type { ListUndoOptions, PageToUndo } from '../undo-page.ts';
import { type ContactToUndo, type DonePage, LAST_ID } from './page-contacts.ts';

/**
 * What an earlier undo has kept in the page stays so; what had failed there is told anew. A contact of which nothing is known any more stays
 * failed: an earlier release forgot what it passed over.
 * @returns the contacts that stay failed so
 */
export async function keepOutcomes(
  connection: Queryable,
  { importId, run, after }: PageToUndo,
  next: string | null,
  { kept, failed, left }: DonePage,
): Promise<number> {
  const range = [importId, after ?? FIRST_ID, next ?? LAST_ID];
  let unknown = 0;
  if (run > 1) {
    await connection.query(
      `DELETE FROM undo_outcomes
        WHERE import_id = $1 AND contact_id > $2 AND contact_id <= $3 AND outcome = 'failed'
          AND (contact_id = ANY($4::text[]::uuid[])
               OR NOT EXISTS (SELECT FROM contacts WHERE contacts.id = contact_id))`,
      [...range, left.map(({ id }) => id)],
    );
    const { rows } = await connection.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM undo_outcomes
        WHERE import_id = $1 AND contact_id > $2 AND contact_id <= $3 AND outcome = 'failed'`,
      range,
    );
    unknown = rows[0]?.count ?? 0;
  }
  if (kept.length + failed.length > 0) await tell(connection, importId, kept, failed);
  return unknown;
}

async function tell(
  connection: Queryable,
  importId: string,
  kept: readonly ContactToUndo[],
  failed: readonly ContactToUndo[],
): Promise<void> {
  const reasons: UndoReason[] = [...kept.map(reasonOf), ...failed.map(() => 'page_failed' as const)];
  await connection.query(
    `INSERT INTO undo_outcomes (import_id, contact_id, outcome, reason)
     SELECT $1, c, o, r FROM unnest($2::text[]::uuid[], $3::text[], $4::text[]) AS outcome (c, o, r)
     ON CONFLICT (import_id, contact_id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason`,
    [
      importId,
      [...kept, ...failed].map(({ id }) => id),
      [...kept.map(() => 'kept'), ...failed.map(() => 'failed')],
      reasons,
    ],
  );
}

function reasonOf({ lastWriter, version, versionAfter }: ContactToUndo): UndoReason {
  if (version === versionAfter) return 'confirmed_since';
  return lastWriter === null ? 'edited_since' : 'imported_since';
}

export async function listUndo(
  database: Database,
  { importId, cursor, limit }: ListUndoOptions,
): Promise<{ items: UndoItem[]; nextCursor: string | null }> {
  if (cursor !== undefined && !z.uuid().safeParse(cursor).success)
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.');
  const { rows } = await readInOrder(database, (connection) =>
    connection.query<Omit<UndoItem, 'email'> & { email: string | null }>(
      `SELECT contact_id AS "contactId", email, outcome, reason
         FROM (SELECT * FROM undo_outcomes WHERE import_id = $1 AND contact_id > $2
                ORDER BY contact_id LIMIT $3) AS page
         LEFT JOIN LATERAL (SELECT email FROM contacts WHERE id = contact_id OFFSET 0) AS contact ON true
        ORDER BY contact_id`,
      [importId, cursor ?? FIRST_ID, limit + 1],
    ),
  );
  const shown = rows.slice(0, limit);
  const items = shown.flatMap(({ email, ...item }) => (email === null ? [] : [{ ...item, email }]));
  return { items, nextCursor: rows.length > limit ? (shown.at(-1)?.contactId ?? null) : null };
}
