/**
 * Removes what the upload that had the gate before has told: its rejected rows and its undos, which count no more. There may be millions of
 * rows, so they go in transactions of their own. The gate remembers that some are left until the last one is gone, so whoever comes next goes on
 * after a kill.
 */
import {
  type Database,
  inTransaction,
  type Queryable,
  type TransactionOptions,
} from '../databases/database.ts';
import { queueForGate } from '../imports/gate-queue.ts';

/** What a transaction answers that must wait until what the former upload has left is gone. */
export const FORMER_REMAINS = Symbol('the former upload has left something');

/** Rows of one transaction: some tens of milliseconds. */
const STEP_ROWS = 2_000;

const tables = [
  { table: 'row_errors', key: 'row' },
  { table: 'undo_pages', key: 'undo_id, page' },
  { table: 'undo_outcomes', key: 'contact_id' },
] as const;

/** Runs the work in a transaction, again after one that was lost to another, and behind what a former upload has left. */
export async function behindFormerUpload<Result>(
  database: Database,
  importId: string,
  work: (connection: Queryable) => Promise<Result | typeof FORMER_REMAINS>,
  options?: TransactionOptions,
): Promise<Result> {
  for (;;) {
    const result = await inTransaction(database, work, options);
    if (result !== FORMER_REMAINS) return result;
    while (await inTransaction(database, (connection) => forgetSome(connection, importId)));
  }
}

/** Returns whether there may be more. */
async function forgetSome(connection: Queryable, importId: string): Promise<boolean> {
  await queueForGate(connection, importId, 'alone');
  const gate = await connection.query(
    'SELECT FROM import_gates WHERE import_id = $1 AND former_remains FOR UPDATE',
    [importId],
  );
  if (gate.rows.length === 0) return false;
  let left = STEP_ROWS;
  for (const { table, key } of tables) {
    const { affected } = await connection.query(
      `DELETE FROM ${table} WHERE import_id = $1
          AND (${key}) IN (SELECT ${key} FROM ${table} WHERE import_id = $1 LIMIT $2)`,
      [importId, left],
    );
    left -= affected;
    if (left === 0) return true;
  }
  await connection.query('UPDATE import_gates SET former_remains = false WHERE import_id = $1', [importId]);
  return false;
}
