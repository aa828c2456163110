/** The import's gate: which upload's chunks may be applied, and whether they still may. */
import { type BucketCounts, noRows } from '@tidings/contracts/import.ts';
import type { AppliedChunk, ChunkToApply, GatedUpload, UnparsedChunk } from '../contact-store.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Queryable } from '../databases/database.ts';
import { deltaOf } from './chunk-ledger.ts';

interface HeldGate {
  readonly closed: boolean;
  /** How many uploads the import had before the chunk's. */
  readonly attempt: number;
}

/** `entered`: the chunk is this transaction's. `applied`: the ledger knows the chunk's delta already. */
export type LedgerEntry = HeldGate &
  ({ readonly state: 'entered' } | { readonly state: 'applied'; readonly delta: BucketCounts });

/** Any number: parts the locks of gates from other advisory locks. */
const GATE_LOCKS = 7_240_613;
/** Each attempt but the last has found that another transaction has just written the gate or the ledger's row. */
const ENTRY_TRIES = 5;

/**
 * Stands in line for the import's gate until the transaction ends. Row locks alone are unfair: while chunks share one, further chunks
 * share it too, and whoever closes the gate waits for the whole import. Advisory locks are handed out in the order of asking.
 */
async function queueForGate(connection: Queryable, importId: string, how: 'shared' | 'alone'): Promise<void> {
  const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await connection.query(`SELECT ${lock}(hashtextextended($1, ${GATE_LOCKS}))`, [importId]);
}

/** The gate of an upload, or of a newer one, which closes it for this one. Whoever closes a gate waits for its holders. */
const heldGate = `SELECT state = 'closed' OR upload_id > $2 AS closed, attempt
                    FROM import_gates WHERE import_id = $1 AND upload_id >= $2 FOR SHARE`;

/**
 * Holds the import's gate for this transaction and enters the chunk into the ledger, in one statement. Another transaction
 * with the same chunk waits here until this one has ended.
 */
export async function enterChunk(connection: Queryable, chunk: ChunkToApply): Promise<LedgerEntry> {
  await queueForGate(connection, chunk.importId, 'shared');
  for (let attempt = 0; attempt < ENTRY_TRIES; attempt++) {
    const { rows } = await connection.query<HeldGate & { entered: boolean }>(
      `WITH gate AS (${heldGate}),
            entered AS (
              INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows)
              SELECT $1, $2, $3, $4, $5 FROM gate
              ON CONFLICT (import_id, upload_id, chunk) DO NOTHING
              RETURNING chunk)
       SELECT closed, attempt, EXISTS (SELECT FROM entered) AS entered FROM gate`,
      [chunk.importId, chunk.uploadId, chunk.chunk, chunk.firstLine, chunk.rows],
    );
    const [gate] = rows;
    if (gate === undefined) {
      await takeGate(connection, chunk);
      continue;
    }
    if (gate.entered) return { ...gate, state: 'entered' };
    // A statement of its own, because its snapshot also shows what was committed while the last statement waited.
    const delta = await deltaOf(connection, chunk);
    if (delta !== null) return { ...gate, state: 'applied', delta };
  }
  throw notEntered(chunk);
}

function notEntered({ chunk }: UnparsedChunk): ContactStoreError {
  return new ContactStoreError('store_unavailable', `Chunk ${chunk} could not be entered into the ledger.`);
}

/** Makes the gate, or takes it over from an older upload. */
async function takeGate(connection: Queryable, chunk: ChunkToApply): Promise<void> {
  const { rows } = await connection.query<{ attempt: number }>(
    `INSERT INTO import_gates AS known (import_id, upload_id, owner, state, header, delimiter)
     VALUES ($1, $2, $3, 'open', $4::json, $5)
     ON CONFLICT (import_id) DO UPDATE
       SET upload_id = excluded.upload_id, state = 'open', attempt = known.attempt + 1, undo_run = 0,
           header = excluded.header, delimiter = excluded.delimiter
       WHERE known.upload_id < excluded.upload_id
     RETURNING attempt`,
    [chunk.importId, chunk.uploadId, chunk.owner, JSON.stringify(chunk.header), chunk.delimiter],
  );
  if ((rows[0]?.attempt ?? 0) > 0) await forgetUpload(connection, chunk.importId);
}

/**
 * Forgets what the upload that had the gate has told: its rejected rows and its undos are counted no more. Nothing must follow the
 * rows in its place where the new upload accepts them.
 */
async function forgetUpload(connection: Queryable, importId: string): Promise<void> {
  for (const table of ['row_errors', 'undo_pages', 'undo_outcomes'])
    await connection.query(`DELETE FROM ${table} WHERE import_id = $1`, [importId]);
}

/** Within a transaction. */
export async function closeGate(
  connection: Queryable,
  { importId, uploadId, owner }: GatedUpload,
): Promise<void> {
  await queueForGate(connection, importId, 'alone');
  const older = await connection.query('SELECT FROM import_gates WHERE import_id = $1 AND upload_id < $2', [
    importId,
    uploadId,
  ]);
  if (older.rows.length > 0) await forgetUpload(connection, importId);
  await connection.query(
    `INSERT INTO import_gates AS known (import_id, upload_id, owner, state) VALUES ($1, $2, $3, 'closed')
     ON CONFLICT (import_id) DO UPDATE
       SET upload_id = excluded.upload_id, state = 'closed',
           attempt = known.attempt + (known.upload_id < excluded.upload_id)::int,
           undo_run = CASE WHEN known.upload_id < excluded.upload_id THEN 0 ELSE known.undo_run END
       WHERE known.upload_id < excluded.upload_id OR (known.upload_id = excluded.upload_id AND known.state = 'open')`,
    [importId, uploadId, owner],
  );
}

/** One statement for each chunk: a million rows are passed over in less than a second. */
export async function cancelChunk(database: Queryable, chunk: UnparsedChunk): Promise<AppliedChunk | null> {
  for (let attempt = 0; attempt < ENTRY_TRIES; attempt++) {
    const { rows } = await database.query<HeldGate & { entered: boolean }>(
      `WITH gate AS (${heldGate}),
            entered AS (
              INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows, cancelled)
              SELECT $1, $2, $3, $4, $5, $5 FROM gate WHERE closed
              ON CONFLICT (import_id, upload_id, chunk) DO NOTHING
              RETURNING chunk)
       SELECT closed, attempt, EXISTS (SELECT FROM entered) AS entered FROM gate`,
      [chunk.importId, chunk.uploadId, chunk.chunk, chunk.firstLine, chunk.rows],
    );
    const [gate] = rows;
    if (gate === undefined || !gate.closed) return null;
    if (gate.entered) return { delta: { ...noRows(), cancelled: chunk.rows }, replayed: false, closed: true };
    const delta = await deltaOf(database, chunk);
    if (delta !== null) return { delta, replayed: true, closed: true };
  }
  throw notEntered(chunk);
}
