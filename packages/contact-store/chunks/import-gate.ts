/** The import's gate: which upload's chunks may be applied, and whether they still may. */
import { type BucketCounts, noRows } from '@tidings/contracts/imports/import.ts';
import type { AppliedChunk, ChunkToApply, GatedUpload, UnparsedChunk } from '../chunk-to-apply.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import { type Database, inTransaction, type Queryable } from '../databases/database.ts';
import { isBarred } from '../imports/barred-uploads.ts';
import { queueForGate } from '../imports/gate-queue.ts';
import { deltasOf } from './chunk-ledger.ts';
import { behindFormerUpload, FORMER_REMAINS } from './former-upload.ts';

interface HeldGate {
  readonly closed: boolean;
  /** How many uploads the import had before the chunk's. */
  readonly attempt: number;
  readonly hasEnded: boolean;
}

interface FoundGate extends HeldGate {
  readonly formerRemains: boolean;
  readonly entered: boolean;
}

/**
 * `entered`: the chunk is this transaction's. `applied`: the ledger knows the chunk's delta already. `barred`: the upload may leave
 * nothing in the store, not even that its chunk was cancelled.
 */
export type LedgerEntry = HeldGate &
  ({ readonly state: 'entered' | 'barred' } | { readonly state: 'applied'; readonly delta: BucketCounts });

/** Each attempt but the last has found that another transaction has just written the gate or the ledger's row. */
const ENTRY_TRIES = 5;

/** Whoever projects an import that failed in part waits for the gate, so a chunk that does not see the projection is seen by it. */
const importHasEnded = 'EXISTS (SELECT FROM imports WHERE import_id = $1) AS "hasEnded"';

/** The gate of an upload, or of a newer one, which closes it for this one. */
const foundGate = `SELECT state = 'closed' OR upload_id > $2 AS closed, attempt, former_remains
                     FROM import_gates WHERE import_id = $1 AND upload_id >= $2`;
/** Whoever closes a gate waits for its holders. */
const heldGate = `${foundGate} FOR SHARE`;

/**
 * Holds the import's gate for this transaction and enters the chunk into the ledger, in one statement. Another transaction
 * with the same chunk waits here until this one has ended.
 */
export async function enterChunk(
  connection: Queryable,
  chunk: ChunkToApply,
): Promise<LedgerEntry | typeof FORMER_REMAINS> {
  await queueForGate(connection, chunk.importId, 'shared');
  for (let attempt = 0; attempt < ENTRY_TRIES; attempt++) {
    const { rows } = await connection.query<FoundGate>(
      `WITH gate AS (${heldGate}),
            entered AS (
              INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows)
              SELECT $1, $2, $3, $4, $5 FROM gate WHERE NOT former_remains
              ON CONFLICT (import_id, upload_id, chunk) DO NOTHING
              RETURNING chunk)
       SELECT closed, attempt, former_remains AS "formerRemains", EXISTS (SELECT FROM entered) AS entered, ${importHasEnded}
         FROM gate`,
      [chunk.importId, chunk.uploadId, chunk.chunk, chunk.firstLine, chunk.rows],
    );
    const [gate] = rows;
    if (gate === undefined) {
      if (await isBarred(connection, chunk))
        return { state: 'barred', closed: true, attempt: 0, hasEnded: false };
      await takeGate(connection, chunk);
      continue;
    }
    if (gate.formerRemains) return FORMER_REMAINS;
    if (gate.entered) return { ...gate, state: 'entered' };
    // A statement of its own, because its snapshot also shows what was committed while the last statement waited.
    const delta = (await deltasOf(connection, chunk, [chunk.chunk])).get(chunk.chunk);
    if (delta !== undefined) return { ...gate, state: 'applied', delta };
  }
  throw notEntered(chunk);
}

function notEntered({ chunk }: UnparsedChunk): ContactStoreError {
  return new ContactStoreError('store_unavailable', `Chunk ${chunk} could not be entered into the ledger.`);
}

/** Makes the gate, or takes it over from an older upload. What was said of the rows of that one is not said of those of this one. */
async function takeGate(connection: Queryable, chunk: ChunkToApply): Promise<void> {
  const { columns, defaultCountry, invalidFields } = chunk;
  const rules = JSON.stringify({ columns, defaultCountry, invalidFields });
  const values = [chunk.importId, chunk.uploadId, chunk.owner];
  await connection.query(
    `INSERT INTO import_gates AS known (import_id, upload_id, owner, state, header, delimiter, rules)
     VALUES ($1, $2, $3, 'open', $4::json, $5, $6::json)
     ON CONFLICT (import_id) DO UPDATE
       SET upload_id = excluded.upload_id, state = 'open', attempt = known.attempt + 1, undo_run = 0,
           header = excluded.header, delimiter = excluded.delimiter, rules = excluded.rules, former_remains = true,
           rest_ignored = false, rest_changes = known.rest_changes + known.rest_ignored::int
       WHERE known.upload_id < excluded.upload_id`,
    [...values, JSON.stringify(chunk.header), chunk.delimiter, rules],
  );
}

export function closeGate(database: Database, upload: GatedUpload): Promise<void> {
  return behindFormerUpload(database, upload.importId, (connection) => closeGateWithin(connection, upload));
}

/** Within a transaction. The gate may stay as it is for a barred upload. */
export async function closeGateWithin(
  connection: Queryable,
  upload: GatedUpload,
): Promise<typeof FORMER_REMAINS | undefined> {
  const { importId, uploadId, owner } = upload;
  await queueForGate(connection, importId, 'alone');
  if (await isBarred(connection, upload)) return undefined;
  await connection.query(
    `INSERT INTO import_gates AS known (import_id, upload_id, owner, state) VALUES ($1, $2, $3, 'closed')
     ON CONFLICT (import_id) DO UPDATE
       SET upload_id = excluded.upload_id, state = 'closed',
           attempt = known.attempt + (known.upload_id < excluded.upload_id)::int,
           undo_run = CASE WHEN known.upload_id < excluded.upload_id THEN 0 ELSE known.undo_run END,
           rest_ignored = known.rest_ignored AND known.upload_id >= excluded.upload_id,
           rest_changes = known.rest_changes + (known.rest_ignored AND known.upload_id < excluded.upload_id)::int,
           former_remains = known.former_remains OR known.upload_id < excluded.upload_id
       WHERE known.upload_id < excluded.upload_id OR (known.upload_id = excluded.upload_id AND known.state = 'open')`,
    [importId, uploadId, owner],
  );
  const { rows } = await connection.query(
    'SELECT FROM import_gates WHERE import_id = $1 AND upload_id = $2 AND former_remains',
    [importId, uploadId],
  );
  return rows.length > 0 ? FORMER_REMAINS : undefined;
}

export async function isClosed(
  database: Queryable,
  { importId, uploadId }: Pick<GatedUpload, 'importId' | 'uploadId'>,
): Promise<boolean> {
  const { rows } = await database.query<HeldGate>(foundGate, [importId, uploadId]);
  return rows[0]?.closed ?? false;
}

/**
 * Takes its place in the gate's line like a chunk that is applied: whoever projects the import sees these chunks, or they see the projection.
 * @param chunks of one upload
 */
export function cancelChunks(
  database: Database,
  chunks: readonly UnparsedChunk[],
): Promise<AppliedChunk[] | null> {
  const [first] = chunks;
  if (first === undefined) return Promise.resolve([]);
  return inTransaction(database, async (connection) => {
    await queueForGate(connection, first.importId, 'shared');
    return enterCancelled(connection, first, chunks);
  });
}

async function enterCancelled(
  connection: Queryable,
  upload: GatedUpload,
  chunks: readonly UnparsedChunk[],
): Promise<AppliedChunk[] | null> {
  // In the order of their numbers, so that no two transactions with the same chunks wait for each other.
  const { rows } = await connection.query<
    Pick<HeldGate, 'closed' | 'hasEnded'> & { entered: number[] | null }
  >(
    `WITH gate AS (${heldGate}),
          entered AS (
            INSERT INTO chunk_ledger (import_id, upload_id, chunk, first_line, rows, cancelled)
            SELECT $1, $2, chunk, line, count, count
              FROM gate, unnest($3::int[], $4::int[], $5::int[]) AS given (chunk, line, count) WHERE closed
             ORDER BY chunk
            ON CONFLICT (import_id, upload_id, chunk) DO NOTHING
            RETURNING chunk)
     SELECT closed, ${importHasEnded}, (SELECT json_agg(chunk) FROM entered) AS entered FROM gate`,
    [
      upload.importId,
      upload.uploadId,
      chunks.map(({ chunk }) => chunk),
      chunks.map(({ firstLine }) => firstLine),
      chunks.map(({ rows: count }) => count),
    ],
  );
  const [gate] = rows;
  if (gate === undefined || !gate.closed) return null;
  const entered = new Set(gate.entered);
  const known = await deltasOf(
    connection,
    upload,
    chunks.map(({ chunk }) => chunk).filter((chunk) => !entered.has(chunk)),
  );
  return chunks.map((chunk): AppliedChunk => {
    const replayed = !entered.delete(chunk.chunk);
    const delta = known.get(chunk.chunk) ?? { ...noRows(), cancelled: chunk.rows };
    if (!replayed) known.set(chunk.chunk, delta);
    else if (!known.has(chunk.chunk)) throw notEntered(chunk);
    return { delta, replayed, closed: true, hasEnded: gate.hasEnded };
  });
}
