/** The ledger of an import's chunks: the delta of each, their sums, and what they tell of the file. */
import { type BucketCounts, noRows } from '@tidings/contracts/imports/import.ts';
import type { ChunkToApply } from '../chunk-to-apply.ts';
import type { ContactStore } from '../contact-store.ts';
import type { Queryable } from '../databases/database.ts';
import type { ImportLayout, LedgerChunk, LedgerTotals, RejectedTraits } from '../kept-imports.ts';

/** By chunk, of those that the ledger knows. */
export async function deltasOf(
  connection: Queryable,
  { importId, uploadId }: Pick<ChunkToApply, 'importId' | 'uploadId'>,
  chunks: readonly number[],
): Promise<Map<number, BucketCounts>> {
  if (chunks.length === 0) return new Map();
  const { rows } = await connection.query<BucketCounts & { chunk: number }>(
    `SELECT chunk, created, updated, unchanged, duplicate, rejected, failed, cancelled
       FROM chunk_ledger WHERE import_id = $1 AND upload_id = $2 AND chunk = ANY($3::int[])`,
    [importId, uploadId, chunks],
  );
  return new Map(rows.map(({ chunk, ...delta }) => [chunk, delta]));
}

/** The lowest and the highest id of the contacts that a chunk created. */
export interface IdRange {
  readonly first: string;
  readonly last: string;
}

/** Writes the delta of a chunk that was entered in this transaction. */
export async function settleChunk(
  connection: Queryable,
  chunk: ChunkToApply,
  delta: BucketCounts,
  rejected: RejectedTraits,
  created: IdRange | null,
): Promise<void> {
  await connection.query(
    `UPDATE chunk_ledger
        SET created = $4, updated = $5, unchanged = $6, duplicate = $7, rejected = $8, failed = $9, cancelled = $10,
            rejected_surplus_cells = $11, rejected_record_faults = $12, first_contact = $13, last_contact = $14
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
      created?.first ?? null,
      created?.last ?? null,
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

export async function ledgerChunks(
  database: Queryable,
  { importId, uploadId, from, below }: Parameters<ContactStore['ledgerChunks']>[0],
): Promise<LedgerChunk[]> {
  type Row = BucketCounts & Omit<LedgerChunk, 'delta'>;
  const result = await database.query<Row>(
    `SELECT chunk, first_line AS "firstLine", rows, created, updated, unchanged, duplicate, rejected, failed, cancelled
       FROM chunk_ledger WHERE import_id = $1 AND upload_id = $2 AND chunk >= $3 AND chunk < $4
      ORDER BY chunk`,
    [importId, uploadId, from, below],
  );
  return result.rows.map(({ chunk, firstLine, rows, ...delta }) => ({ chunk, firstLine, rows, delta }));
}

export async function importLayout(database: Queryable, importId: string): Promise<ImportLayout | null> {
  const { rows } = await database.query<Omit<ImportLayout, 'rejected'> & RejectedTraits>(
    `SELECT header, coalesce(delimiter, ',') AS delimiter, rules,
            coalesce(surplus, false) AS "surplusCells", coalesce(faults, false) AS "recordFaults"
       FROM import_gates,
            (SELECT bool_or(rejected_surplus_cells) AS surplus, bool_or(rejected_record_faults) AS faults
               FROM chunk_ledger WHERE import_id = $1) AS chunks
      WHERE import_id = $1 AND header IS NOT NULL`,
    [importId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { header, delimiter, rules, surplusCells, recordFaults } = row;
  return { header, delimiter, rules, rejected: { surplusCells, recordFaults } };
}
