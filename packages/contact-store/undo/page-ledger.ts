/** The ledger of an undo's pages: a page that comes again gets the answer of the first time. */

import type { Queryable } from '../databases/database.ts';
import type { PageToUndo, UndonePage } from '../undo-page.ts';

type PageCounts = Omit<UndonePage, 'replayed' | 'earlier'>;

/**
 * Enters the page; another transaction with the same page waits here until this one has ended.
 * @returns null where the page is this transaction's, else what the page has answered
 */
export async function enterPage(
  connection: Queryable,
  { importId, undoId, page }: PageToUndo,
): Promise<PageCounts | null> {
  const key = [importId, undoId, page];
  const { affected } = await connection.query(
    'INSERT INTO undo_pages (import_id, undo_id, page) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    key,
  );
  if (affected === 1) return null;
  const { rows } = await connection.query<PageCounts>(
    'SELECT reversed, kept, failed, next FROM undo_pages WHERE import_id = $1 AND undo_id = $2 AND page = $3',
    key,
  );
  return rows[0] ?? null;
}

/** What the other undos of the upload have done. They do nothing more, since this one is the last. */
export async function earlierPages(
  connection: Queryable,
  { importId, undoId }: PageToUndo,
): Promise<NonNullable<UndonePage['earlier']>> {
  const { rows } = await connection.query<NonNullable<UndonePage['earlier']>>(
    `SELECT coalesce(sum(reversed), 0)::int AS reversed, coalesce(sum(kept), 0)::int AS kept
       FROM undo_pages WHERE import_id = $1 AND undo_id <> $2`,
    [importId, undoId],
  );
  return rows[0] ?? { reversed: 0, kept: 0 };
}

export async function settlePage(
  connection: Queryable,
  { importId, undoId, page }: PageToUndo,
  { reversed, kept, failed, next }: PageCounts,
): Promise<void> {
  await connection.query(
    `UPDATE undo_pages SET reversed = $4, kept = $5, failed = $6, next = $7
      WHERE import_id = $1 AND undo_id = $2 AND page = $3`,
    [importId, undoId, page, reversed, kept, failed, next],
  );
}
