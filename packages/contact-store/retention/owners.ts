/** All that is kept of one owner: its removal, step by step, and the changes for its export. */

import type { Database, Queryable } from '../databases/database.ts';
import { FIRST_ID, readInOrder } from '../databases/read-in-order.ts';
import { queueForOwner } from '../imports/barred-uploads.ts';
import { queueForGate } from '../imports/gate-queue.ts';
import { noKeptRows, type RemovedRows } from '../kept-rows.ts';
import type { ExportedChange } from '../listed-contacts.ts';
import { barIndexing, forgetQueued, removeFromIndex } from '../search/search-index.ts';
import { removeDetails } from './import-details.ts';

/**
 * Milliseconds after an erasure has begun in which uploads of the owner still count as begun before it: a clock of another process may
 * be so far ahead.
 */
const CLOCKS_MS = 2_000;

/** Resolves once no transaction is under way that may make a gate or a summary of the owner without knowing of the erasure. */
export function barOwner(database: Database, owner: string): Promise<void> {
  return database.transaction(async (connection) => {
    await queueForOwner(connection, owner, 'alone');
    // A UUID of version 7 begins with 48 bits of milliseconds; the rest is as great as it can be.
    await connection.query(
      `INSERT INTO erased_owners AS known (owner, last_upload)
       VALUES ($1, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint + ${CLOCKS_MS}), 12, '0')
                      || '7fffbfffffffffffffff')::uuid)
       ON CONFLICT (owner) DO UPDATE
         SET last_upload = greatest(known.last_upload, excluded.last_upload), erased_at = now()`,
      [owner],
    );
  });
}

/** @param limit rows, at most */
export function eraseOwner(database: Database, owner: string, limit: number): Promise<RemovedRows> {
  return database.transaction(async (connection) => {
    const removed = noKeptRows();
    let left = limit;
    while (left > 0) {
      const importId = await someImport(connection, owner);
      if (importId === null) break;
      // Behind the chunks in hand, and before the others: none of them writes between the first table and the gate.
      await queueForGate(connection, importId, 'alone');
      left = await removeDetails(connection, importId, removed, left);
      if (left === 0) return removed;
      await connection.query('DELETE FROM imports WHERE import_id = $1', [importId]);
      removed.imports += 1;
      left -= 1;
    }
    if (left === 0) return removed;
    await barIndexing(connection);
    // The locks are taken in the order in which chunks take them, so that no two transactions wait for each other.
    const { rows } = await connection.query<{ ids: string[] | null }>(
      `WITH gone AS (
         DELETE FROM contacts WHERE id IN
           (SELECT id FROM contacts WHERE owner = $1 ORDER BY email LIMIT $2 FOR UPDATE) RETURNING id
       ) SELECT json_agg(id) AS ids FROM gone`,
      [owner, left],
    );
    const ids = rows[0]?.ids ?? [];
    await removeFromIndex(connection, owner, ids);
    if (ids.length < left) await forgetQueued(connection, owner);
    removed.contacts += ids.length;
    return removed;
  });
}

async function someImport(connection: Queryable, owner: string): Promise<string | null> {
  const { rows } = await connection.query<{ importId: string }>(
    `(SELECT import_id AS "importId" FROM imports WHERE owner = $1 LIMIT 1)
     UNION ALL (SELECT import_id FROM import_gates WHERE owner = $1 LIMIT 1) LIMIT 1`,
    [owner],
  );
  return rows[0]?.importId ?? null;
}

const BATCH_ROWS = 500;
/** Bytes of a batch's before-images, at most, unless it is one change. */
const BATCH_BYTES = 1024 * 1024;

/** By contact, in bounded batches; each batch is a statement of its own. */
export async function* exportChanges(database: Database, importId: string): AsyncGenerator<ExportedChange[]> {
  let last = FIRST_ID;
  for (let limit = BATCH_ROWS; ; ) {
    const after = last;
    const { rows } = await readInOrder(database, (connection) =>
      connection.query<ExportedChange>(
        `SELECT contact_id AS "contactId", bucket, before
           FROM (SELECT *, row_number() OVER in_order AS place,
                        sum(octet_length(coalesce(before::text, ''))) OVER in_order AS total
                   FROM (SELECT * FROM contact_changes WHERE import_id = $1 AND contact_id > $2
                          ORDER BY contact_id LIMIT $3) AS next_changes
                 WINDOW in_order AS (ORDER BY contact_id)) AS weighed
          WHERE place = 1 OR total <= ${BATCH_BYTES} ORDER BY contact_id`,
        [importId, after, limit],
      ),
    );
    const newest = rows.at(-1);
    if (newest === undefined) return;
    yield rows;
    last = newest.contactId;
    limit = Math.min(BATCH_ROWS, 2 * rows.length);
  }
}
