/** The projection of imports that have ended: what the log kept of each, in its encoded form, so that every release can read it. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { decodeFoldedImport, encodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { importStateSchema } from '@tidings/contracts/schemas/imports/import.ts';
import type { Database, Parameter, Queryable } from '../databases/database.ts';
import {
  type ListedMender,
  type ListImportsOptions,
  MAX_LISTED_MENDERS,
  MAX_SEARCHED_IMPORTS,
  type ProjectedImport,
} from '../kept-imports.ts';
import { isErased, queueForOwner } from './barred-uploads.ts';
import { foldedFromState } from './folded-from-state.ts';
import { queueForGate } from './gate-queue.ts';

export function projectImport(database: Database, folded: FoldedImport): Promise<void> {
  return database.transaction(async (connection) => {
    const { owner, uploadId, state } = folded;
    // A chunk that counts as failed may be at work with an importer that was away: it commits before, or sees the projection. The gate
    // comes before the owner, as where a chunk makes the gate, so that no two transactions wait for each other.
    if (state.chunks.failed > 0) await queueForGate(connection, state.importId, 'alone');
    await queueForOwner(connection, owner, 'shared');
    if (!(await isErased(connection, { owner, uploadId }))) await keepImport(connection, folded);
  });
}

/** @param table one with the columns of `imports` */
export async function keepImport(
  connection: Queryable,
  folded: FoldedImport,
  table = 'imports',
): Promise<void> {
  const { owner, uploadId, state } = folded;
  await connection.query(
    `INSERT INTO ${table} AS known (import_id, owner, status, accepted_at, ended_at, version, folded, sealed_upload, mends)
     VALUES ($1, $2, $3, $4::timestamptz, $5::timestamptz, $6, $7::json, $8, $10)
     ON CONFLICT (import_id) DO UPDATE
       SET owner = excluded.owner, status = excluded.status, accepted_at = excluded.accepted_at,
           ended_at = excluded.ended_at, version = excluded.version, folded = excluded.folded,
           sealed_upload = excluded.sealed_upload, mends = excluded.mends, details_removed = false
       WHERE known.version < excluded.version AND coalesce(known.sealed_upload, $9::uuid) = $9::uuid`,
    [
      state.importId,
      owner,
      state.status,
      state.acceptedAt,
      state.endedAt ?? state.acceptedAt,
      state.version,
      Buffer.from(encodeFoldedImport(folded)).toString(),
      state.upload === 'sealed' ? uploadId : null,
      uploadId,
      state.mends,
    ],
  );
}

interface StoredImport {
  readonly owner: string;
  /** JSON. */
  readonly folded: string;
}

const storedImport = 'owner, folded::text AS folded';

/** Of its newest chunk; null where it has none. */
async function newestUploadOf(database: Queryable, importId: string): Promise<string | null> {
  const { rows } = await database.query<{ uploadId: string }>(
    `SELECT upload_id AS "uploadId" FROM chunk_ledger WHERE import_id = $1 ORDER BY upload_id DESC LIMIT 1`,
    [importId],
  );
  return rows[0]?.uploadId ?? null;
}

/** Whether an earlier release kept the state alone: the id of the upload stands in the ledger then. */
function isStateAlone(json: object): boolean {
  return !('state' in json);
}

function decode({ owner, folded }: StoredImport, uploadId: string | null): FoldedImport {
  const json: object = JSON.parse(folded);
  if (isStateAlone(json))
    return decodeFoldedImport(Buffer.from(JSON.stringify(foldedFromState(owner, json, uploadId))));
  return decodeFoldedImport(Buffer.from(folded));
}

export async function getImport(database: Database, importId: string): Promise<FoldedImport | null> {
  const text = `SELECT ${storedImport} FROM imports WHERE import_id = $1`;
  const { rows } = await (database.lookUp?.<StoredImport>(text, [importId]) ??
    database.query<StoredImport>(text, [importId]));
  const [row] = rows;
  if (row === undefined) return null;
  // The ledger is not read by `lookUp`, because a chunk in hand may have written it.
  const uploadId = isStateAlone(JSON.parse(row.folded)) ? await newestUploadOf(database, importId) : null;
  return decode(row, uploadId);
}

const newestFirst = 'ORDER BY accepted_at DESC, import_id DESC';

/** The database reads no JSON that names NUL or half of a surrogate pair, as file names of old could hold: they are blanks here. */
const readable = (column: string) =>
  String.raw`(CASE WHEN strpos(${column}::text, '\u') = 0 THEN ${column}
     ELSE regexp_replace(${column}::text, '\\u(0000|d[89a-f][0-9a-f]{2})', '\\u0020', 'gi')::json END)`;

/** As `importHasText` of the jobs service says. Imports of earlier releases are states alone. */
const hasText = (text: string) =>
  `strpos(lower(coalesce(${readable('folded')}->'state'->>'fileName', ${readable('folded')}->>'fileName')), lower(${text})) > 0
    OR strpos(import_id::text, lower(${text})) > 0`;

/** Newest accepted first, then by id, descending. */
export async function listImports(
  database: Queryable,
  options: ListImportsOptions,
): Promise<ProjectedImport[]> {
  const conditions: string[] = [];
  const parameters: Parameter[] = [];
  const parameter = (value: Parameter) => `$${parameters.push(value)}`;
  if (options.owner !== undefined) conditions.push(`owner = ${parameter(options.owner)}`);
  if (options.statuses !== undefined) conditions.push(`status = ANY(${parameter(options.statuses)}::text[])`);
  if (options.after !== undefined) {
    const { acceptedAt, importId } = options.after;
    conditions.push(
      `(accepted_at, import_id) < (${parameter(acceptedAt)}::timestamptz, ${parameter(importId)}::uuid)`,
    );
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const searched =
    options.text === undefined
      ? `imports ${where}`
      : `(SELECT * FROM imports ${where} ${newestFirst} LIMIT ${MAX_SEARCHED_IMPORTS}) AS imports
          WHERE ${hasText(parameter(options.text))}`;
  const { rows } = await database.query<StoredImport>(
    `SELECT ${storedImport} FROM ${searched} ${newestFirst} LIMIT ${parameter(options.limit)}`,
    parameters,
  );
  // The state says nothing of the upload.
  return rows.map((row) => decode(row, null)).map(({ owner, state }) => ({ owner, state }));
}

/** Of the state of an import that mends another one, what says how much it has mended. */
const mendingParts = importStateSchema.pick({ rows: true, undo: true, dryRun: true });
/** Such a state can be of a release that nobody knows here. */
const mendedNothing = { rows: { ...noRows(), total: null }, undo: null, dryRun: false };

interface StoredMender extends Pick<ListedMender, 'importId' | 'mends' | 'acceptedAt'> {
  readonly rows: unknown;
  readonly undo: unknown;
  readonly dryRun: unknown;
}

/** UNION drops what is found again, so that it ends whatever mends what. */
export async function listMenders(
  database: Queryable,
  importIds: readonly string[],
): Promise<ListedMender[]> {
  const { rows: found } = await database.query<StoredMender>(
    `WITH RECURSIVE mending AS (
       SELECT import_id, accepted_at
         FROM unnest($1::text[]::uuid[]) AS wanted (id) JOIN imports ON mends = wanted.id
       UNION
       SELECT further.import_id, further.accepted_at
         FROM mending JOIN imports AS further ON further.mends = mending.import_id),
     newest AS (SELECT import_id FROM mending ${newestFirst} LIMIT ${MAX_LISTED_MENDERS})
     SELECT import_id AS "importId", mends, ${isoTime('accepted_at')} AS "acceptedAt",
            state->'rows' AS rows, state->'undo' AS undo, state->'dryRun' AS "dryRun"
       FROM newest JOIN imports USING (import_id), LATERAL (SELECT ${readable('folded')}->'state' AS state OFFSET 0) AS kept
      ${newestFirst}`,
    [importIds],
  );
  return found.map(({ importId, mends, acceptedAt, ...parts }) => {
    const { data = mendedNothing } = mendingParts.safeParse(parts);
    return { importId, mends, acceptedAt, ...data };
  });
}

/** As the states write times. */
const isoTime = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
