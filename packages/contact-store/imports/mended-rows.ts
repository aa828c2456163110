/** Rejected rows that somebody looks at, mends, and hands to an import of their own. */
import { readWholeNumber } from '@tidings/contracts/text.ts';
import type { ContactStore } from '../contact-store.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database } from '../databases/database.ts';
import { FIRST_ID, readInOrder } from '../databases/read-in-order.ts';
import type { ListRejectedOptions } from '../kept-imports.ts';
import type { KeptRejectedRow, MendedRow, MendOutcome, RestOfRows } from '../kept-rejected-row.ts';
import { MAX_ROW, type RowFilter, readBatchOf, rejectedRows } from './rejected-rows.ts';

/** Bytes of a page's cells, at most, unless it is one row. */
const PAGE_BYTES = 4 * 1024 * 1024;
/** Imports that mended rows were handed to, in one batch. */
const BATCH_MENDERS = 100;

export async function listRejected(
  database: Database,
  { importId, code, cursor, limit }: ListRejectedOptions,
): ReturnType<ContactStore['listRejected']> {
  const after = cursor === undefined ? -1 : readWholeNumber(cursor);
  if (after === null || after > MAX_ROW)
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of ours.');
  const filter: RowFilter =
    code === undefined
      ? { where: 'true', parameters: [] }
      : { where: `$5 = ANY(string_to_array(code, ' '))`, parameters: [code] };
  const batch = { after, limit: limit + 1, bytes: PAGE_BYTES };
  const found = await readInOrder(database, (connection) => readBatchOf(connection, importId, filter, batch));
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined) return { items, nextCursor: null };
  // A page ends early where its rows are large.
  const more = found.length > limit || (await hasMore(database, importId, filter, last.row));
  return { items, nextCursor: more ? String(last.row) : null };
}

async function hasMore(
  database: Database,
  importId: string,
  filter: RowFilter,
  after: number,
): Promise<boolean> {
  const rest = await readInOrder(database, (connection) =>
    readBatchOf(connection, importId, filter, { after, limit: 1 }),
  );
  return rest.length > 0;
}

export function rejectedByNumber(
  database: Database,
  importId: string,
  rows: readonly number[],
): Promise<KeptRejectedRow[]> {
  const filter: RowFilter = { where: 'row = ANY($5::int[])', parameters: [rows] };
  const batch = { after: -1, limit: rows.length, bytes: Number.MAX_SAFE_INTEGER };
  return readInOrder(database, (connection) => readBatchOf(connection, importId, filter, batch));
}

/** No row stands on a line before its number: so few rows behind the last line are looked at. */
export async function countRejectedAt(
  database: Database,
  importId: string,
  lines: readonly number[],
): Promise<number> {
  if (lines.length === 0) return 0;
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM row_errors
      WHERE import_id = $1 AND row < $3 AND line = ANY($2::int[]) AND NOT is_warning`,
    [importId, lines, Math.max(...lines)],
  );
  return rows[0]?.count ?? 0;
}

export function mendRejected(
  database: Database,
  importId: string,
  mended: readonly MendedRow[],
): Promise<MendOutcome> {
  return database.transaction(async (connection) => {
    const rows = mended.map(({ row }) => row);
    const before = mended.map(({ before: cells }) => (cells === null ? null : JSON.stringify(cells)));
    // Cells are kept as the text that `JSON.stringify` makes of them, so that the same cells are the same text.
    const { rows: locked } = await connection.query<{ isChanged: boolean }>(
      `SELECT mended::text IS DISTINCT FROM given.before AS "isChanged"
         FROM unnest($2::int[], $3::text[]) AS given (number, before)
         JOIN row_errors ON import_id = $1 AND row = given.number AND NOT is_warning AND taken_by IS NULL
        ORDER BY row FOR UPDATE OF row_errors`,
      [importId, rows, before],
    );
    if (locked.length !== new Set(rows).size) return 'gone';
    if (locked.some(({ isChanged }) => isChanged)) return 'changed';
    await connection.query(
      `UPDATE row_errors SET mended = given.cells::json
         FROM unnest($2::int[], $3::text[]) AS given (number, cells)
        WHERE import_id = $1 AND row = given.number`,
      [importId, rows, mended.map(({ cells }) => JSON.stringify(cells))],
    );
    return 'kept';
  });
}

export async function handMended(database: Database, importId: string, by: string): Promise<number> {
  const { affected } = await database.query(
    'UPDATE row_errors SET taken_by = $2 WHERE import_id = $1 AND mended IS NOT NULL AND taken_by IS NULL',
    [importId, by],
  );
  return affected;
}

export async function takeBackMended(database: Database, importId: string, by: string): Promise<void> {
  await database.query('UPDATE row_errors SET taken_by = NULL WHERE import_id = $1 AND taken_by = $2', [
    importId,
    by,
  ]);
}

export async function ignoreRest(
  database: Database,
  importId: string,
  isIgnored: boolean,
): ReturnType<ContactStore['ignoreRest']> {
  const { rows } = await database.query<{ changes: number; isTold: boolean }>(
    `UPDATE import_gates SET rest_ignored = ($2 = 1),
            rest_changes = rest_changes + CASE WHEN rest_ignored = ($2 = 1) THEN 0 ELSE 1 END
      WHERE import_id = $1
  RETURNING rest_changes AS changes, rest_told >= rest_changes AS "isTold"`,
    [importId, isIgnored ? 1 : 0],
  );
  return rows[0] ?? null;
}

export async function noteRestTold(database: Database, importId: string, changes: number): Promise<void> {
  await database.query('UPDATE import_gates SET rest_told = $2 WHERE import_id = $1 AND rest_told < $2', [
    importId,
    changes,
  ]);
}

export async function restsOf(database: Database, importIds: readonly string[]): Promise<RestOfRows[]> {
  const { rows } = await database.query<RestOfRows>(
    `SELECT import_id AS "importId", rest_ignored AS "isIgnored", rest_changes AS changes
       FROM import_gates WHERE import_id = ANY($1::text[]::uuid[])`,
    [importIds],
  );
  return rows;
}

/** By id, in bounded batches; each batch is a statement of its own. */
export async function* mendersOf(database: Database, importId: string): AsyncGenerator<string[]> {
  for (let after = FIRST_ID; ; ) {
    const { rows } = await database.query<{ id: string }>(
      `SELECT DISTINCT taken_by AS id FROM row_errors WHERE import_id = $1 AND taken_by > $2::uuid
        ORDER BY taken_by LIMIT ${BATCH_MENDERS}`,
      [importId, after],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ id }) => id);
    // Each statement reads all rows of the import.
    if (rows.length < BATCH_MENDERS) return;
    after = last.id;
  }
}

export function mendedRows(
  database: Database,
  importId: string,
  by: string,
): AsyncGenerator<KeptRejectedRow[]> {
  return rejectedRows(database, importId, { where: 'taken_by = $5::uuid', parameters: [by] });
}
