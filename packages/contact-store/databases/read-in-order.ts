/** Reads that go along an index, a bounded part at a time. */
import type { Database, Queryable } from './database.ts';

/** Before every id: where a read along an index of ids begins. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Runs the reads without bitmap scans, so that each goes along an index and stops. Without statistics, which an embedded database never
 * takes, a plan may otherwise fetch and sort all rows that follow. (Forbidding sorts makes servers compile each plan.)
 */
export function readInOrder<Result>(
  database: Database,
  read: (connection: Queryable) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (connection) => {
    await connection.query('SET LOCAL enable_bitmapscan = off');
    return read(connection);
  });
}
