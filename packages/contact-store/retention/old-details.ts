/** Removes what is kept of imports that ended long ago, and counts what is kept. */

import type { Database } from '../databases/database.ts';
import { type KeptRows, keptKinds, noKeptRows, type RemovedRows } from '../kept-rows.ts';
import { removeDetails } from './import-details.ts';

/** Any number that nobody else locks: of all processes that remove at the same time, one does. */
const RETENTION_LOCK = 7_240_612;

/** @returns null where another process is at work */
export function removeOldDetails(
  database: Database,
  { endedBefore, limit }: { readonly endedBefore: string; readonly limit: number },
): Promise<RemovedRows | null> {
  return database.transaction(async (connection) => {
    const lock = await connection.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${RETENTION_LOCK}) AS locked`,
    );
    if (lock.rows[0]?.locked !== true) return null;
    // The log keeps no chunk for so long.
    await connection.query(`DELETE FROM erased_owners WHERE erased_at < now() - interval '30 days'`);
    const removed = noKeptRows();
    for (let left = limit; left > 0; left -= 1) {
      const { rows } = await connection.query<{ importId: string }>(
        `SELECT import_id AS "importId" FROM imports
          WHERE NOT details_removed AND ended_at < $1::timestamptz ORDER BY ended_at LIMIT 1`,
        [endedBefore],
      );
      const [oldest] = rows;
      if (oldest === undefined) break;
      left = await removeDetails(connection, oldest.importId, removed, left);
      if (left === 0) break;
      await connection.query('UPDATE imports SET details_removed = true WHERE import_id = $1', [
        oldest.importId,
      ]);
      removed.imports += 1;
    }
    return removed;
  });
}

/** The same kinds as `removeDetails` counts. */
const keptTables = {
  contacts: ['contacts'],
  changes: ['contact_changes', 'confirmed_imports', 'undo_outcomes'],
  rejectedRows: ['row_errors'],
  chunks: ['chunk_ledger', 'undo_pages'],
  gates: ['import_gates'],
  imports: ['imports'],
} as const satisfies Record<keyof KeptRows, readonly string[]>;
const allTables = [...Object.values(keptTables).flat(), 'contact_search', 'search_queue', 'contact_totals'];

/** Takes the statistics anew, which an embedded database never does by itself, and reads the numbers of rows from there. */
export async function estimateKeptRows(database: Database): Promise<KeptRows> {
  for (const table of allTables) await database.query(`ANALYZE ${table}`);
  const { rows } = await database.query<{ name: string; count: number }>(
    `SELECT relname::text AS name, least(greatest(reltuples, 0), 2147483647)::int AS count
       FROM pg_class WHERE oid = ANY(SELECT to_regclass(name)::oid FROM unnest($1::text[]) AS wanted (name))`,
    [allTables],
  );
  const counts = new Map(rows.map(({ name, count }) => [name, count]));
  const kept = noKeptRows();
  for (const kind of keptKinds(kept))
    kept[kind] = keptTables[kind].reduce((sum, table) => sum + (counts.get(table) ?? 0), 0);
  return kept;
}

/** Dead rows from which on a table is worth it: as a server decides by itself. */
const DEAD_ROWS = 1_000;
const DEAD_SHARE = 0.05;

/**
 * Lets new rows use the space of those that were removed or written anew. A server does that by itself (autovacuum); an embedded database
 * never does, and nothing else runs in it meanwhile: a table takes about a second for a million rows.
 */
export async function reclaimSpace(database: Database): Promise<string[]> {
  if (database.needsVacuum !== true) return [];
  await database.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await database.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_stat_user_tables
      WHERE relname = ANY($1::text[]) AND n_dead_tup > ${DEAD_ROWS} + ${DEAD_SHARE} * n_live_tup ORDER BY relname`,
    [allTables],
  );
  for (const { name } of rows) await database.query(`VACUUM ${name}`);
  return rows.map(({ name }) => name);
}
