/**
 * The rows that the store keeps of an import besides its summary, and their removal, a bounded number in each transaction. Rows of an
 * import that still runs are never looked at: an import is in the table `imports` only once it has ended.
 */

import type { Queryable } from '../databases/database.ts';
import type { RemovedRows } from '../kept-rows.ts';

/** In the order of their removal: the gate goes last, because it names the owner of all others. */
const detailTables = [
  { table: 'contact_changes', key: 'import_id, contact_id', kind: 'changes' },
  { table: 'confirmed_imports', key: 'import_id, confirmed', kind: 'changes' },
  { table: 'undo_outcomes', key: 'import_id, contact_id', kind: 'changes' },
  { table: 'row_errors', key: 'import_id, row', kind: 'rejectedRows' },
  { table: 'chunk_ledger', key: 'import_id, upload_id, chunk', kind: 'chunks' },
  { table: 'undo_pages', key: 'import_id, undo_id, page', kind: 'chunks' },
  { table: 'import_gates', key: 'import_id', kind: 'gates' },
] as const;

export type DetailKind = (typeof detailTables)[number]['kind'];

/**
 * Removes details of one import.
 * @param limit rows, at most
 * @returns the rows that may still be removed in this transaction: 0 where the import may have more details
 */
export async function removeDetails(
  connection: Queryable,
  importId: string,
  removed: RemovedRows,
  limit: number,
): Promise<number> {
  let left = limit;
  for (const { table, key, kind } of detailTables) {
    if (left === 0) return 0;
    const { affected } = await connection.query(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE import_id = $1 LIMIT $2)`,
      [importId, left],
    );
    removed[kind] += affected;
    left -= affected;
  }
  return left;
}
