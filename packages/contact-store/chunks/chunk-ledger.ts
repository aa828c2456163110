/** The import's gate and the ledger of its chunks: whether a chunk may be applied, who applied it first, and its delta. */
import { type BucketCounts, noRows } from '@tidings/contracts/import.ts';
import {
  type ChunkToApply,
  ContactStoreError,
  type ImportLayout,
  type LedgerTotals,
  type RejectedTraits,
} from '../contact-store.ts';
import type { Queryable } from '../databases/database.ts';

/** `applied`: the ledger knows the chunk's delta already. `closed`: the import's gate is closed. */
export type LedgerEntry =
  | { readonly state: 'open' }
  | { readonly state: 'closed' }
  | { readonly state: 'applied'; readonly delta: BucketCounts };

/** Each attempt but the last has found that another transaction has just written the gate or the ledger's row. */
const ENTRY_TRIES = 5;

/**
 * Holds the import's gate for this transaction and enters the chunk into the ledger, in one statement. Another transaction
 * with the same chunk waits here until this one has ended.
 */
export async function enterChunk(connection: Queryable, chunk: ChunkToApply): Promise<LedgerEntry> {
  const key = [chunk.importId, chunk.uploadId, chunk.chunk];
  for (let attempt = 0; attempt < ENTRY_TRIES; attempt++) {
    const { rows } = await connection.query<{ gate: string | null; entered: boolean }>(
      `WITH gate AS (SELECT state FROM import_gates WHERE import_id = $1 FOR SHARE),
            entered AS (
              INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows)
              SELECT $1, $2, $3, $4, $5 FROM gate
              ON CONFLICT (import_id, upload_id, chunk) DO NOTHING
              RETURNING chunk)
       SELECT (SELECT state FROM gate) AS gate, EXISTS (SELECT FROM entered) AS entered`,
      [...key, chunk.firstLine, chunk.rows],
    );
    const gate = rows[0]?.gate ?? null;
    if (gate === null) {
      await makeGate(connection, chunk);
      continue;
    }
    if (rows[0]?.entered === true) return { state: gate === 'open' ? 'open' : 'closed' };
    // A statement of its own, because its snapshot also shows what was committed while the last statement waited.
    const known = await connection.query<BucketCounts>(
      `SELECT created, updated, unchanged, duplicate, rejected, failed, cancelled
         FROM chunk_ledger WHERE import_id = $1 AND upload_id = $2 AND chunk = $3`,
      key,
    );
    const [delta] = known.rows;
    if (delta !== undefined) return { state: 'applied', delta };
  }
  throw new ContactStoreError(
    'store_unavailable',
    `Chunk ${chunk.chunk} could not be entered into the ledger.`,
  );
}

async function makeGate(connection: Queryable, chunk: ChunkToApply): Promise<void> {
  await connection.query(
    `INSERT INTO import_gates (import_id, owner, state, header, delimiter) VALUES ($1, $2, 'open', $3::json, $4)
     ON CONFLICT (import_id) DO NOTHING`,
    [chunk.importId, chunk.owner, JSON.stringify(chunk.header), chunk.delimiter],
  );
}

/** Writes the delta of a chunk that was entered in this transaction. */
export async function settleChunk(
  connection: Queryable,
  chunk: ChunkToApply,
  delta: BucketCounts,
  rejected: RejectedTraits,
): Promise<void> {
  await connection.query(
    `UPDATE chunk_ledger
        SET created = $4, updated = $5, unchanged = $6, duplicate = $7, rejected = $8, failed = $9, cancelled = $10,
            rejected_surplus_cells = $11, rejected_record_faults = $12
      WHERE import_id = $1 AND upload_id = $2 AND chunk = $3`,
    [
      chunk.importId,
      chunk.uploadId,
      chunk.chunk,
      delta.created,
      delta.updated,
      delta.unchanged,
      delta.duplicate,
      delta.rejected,
      delta.failed,
      delta.cancelled,
      rejected.surplusCells,
      rejected.recordFaults,
    ],
  );
}

export async function ledgerTotals(
  database: Queryable,
  importId: string,
  uploadId: string,
): Promise<LedgerTotals> {
  const { rows } = await database.query<BucketCounts & { chunks: number; rows: number }>(
    `SELECT count(*)::int AS chunks, coalesce(sum(rows), 0)::int AS rows,
            coalesce(sum(created), 0)::int AS created, coalesce(sum(updated), 0)::int AS updated,
            coalesce(sum(unchanged), 0)::int AS unchanged, coalesce(sum(duplicate), 0)::int AS duplicate,
            coalesce(sum(rejected), 0)::int AS rejected, coalesce(sum(failed), 0)::int AS failed,
            coalesce(sum(cancelled), 0)::int AS cancelled
       FROM chunk_ledger WHERE import_id = $1 AND upload_id = $2`,
    [importId, uploadId],
  );
  const { chunks, rows: rowCount, ...delta } = rows[0] ?? { chunks: 0, rows: 0, ...noRows() };
  return { chunks, rows: rowCount, delta };
}

export async function importLayout(database: Queryable, importId: string): Promise<ImportLayout | null> {
  const { rows } = await database.query<Omit<ImportLayout, 'rejected'> & RejectedTraits>(
    `SELECT header, coalesce(delimiter, ',') AS delimiter,
            coalesce(surplus, false) AS "surplusCells", coalesce(faults, false) AS "recordFaults"
       FROM import_gates,
            (SELECT bool_or(rejected_surplus_cells) AS surplus, bool_or(rejected_record_faults) AS faults
               FROM chunk_ledger WHERE import_id = $1) AS chunks
      WHERE import_id = $1 AND header IS NOT NULL`,
    [importId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { header, delimiter, surplusCells, recordFaults } = row;
  return { header, delimiter, rejected: { surplusCells, recordFaults } };
}
