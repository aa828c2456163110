/**
 * Builds the projection of ended imports a second time, beside the running one, and puts it in its place. The second table stands in a schema of its
 * own, with the same columns and indexes, so that a migration finds after the switch what it would have found before.
 */
import { decodeFoldedImport } from '@tidings/contracts/schemas/imports/folded-import.ts';
import { type Database, inTransaction, type Queryable } from '../databases/database.ts';
import type { ProjectionRebuild, RebuildComparison } from '../projection-rebuild.ts';
import { isErased } from './barred-uploads.ts';
import { keepImport } from './projected-imports.ts';

const SCHEMA = 'tidings_rebuild';
const REBUILT = `${SCHEMA}.imports`;
/** Differing imports that a comparison names. */
const MAX_NAMED = 20;

/** A rebuild that is begun replaces one that another process has begun, which then fails. */
export async function beginRebuild(database: Database): Promise<ProjectionRebuild> {
  await inTransaction(database, makeTable);
  return {
    project: async (folded) => {
      if (!(await isErased(database, folded))) await keepImport(database, folded, REBUILT);
    },
    compare: () => compare(database),
    switchOver: () => inTransaction(database, switchOver),
    discard: async () => void (await database.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`)),
  };
}

async function makeTable(connection: Queryable): Promise<void> {
  await connection.query(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
  await connection.query(`CREATE SCHEMA ${SCHEMA}`);
  await connection.query(
    `CREATE TABLE ${REBUILT} (LIKE imports INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)`,
  );
  const { rows } = await connection.query<{ name: string; definition: string; isPrimary: boolean }>(
    `SELECT names.relname AS name, pg_get_indexdef(indexrelid) AS definition, indisprimary AS "isPrimary"
       FROM pg_index JOIN pg_class names ON names.oid = indexrelid WHERE indrelid = 'imports'::regclass`,
  );
  for (const { name, definition, isPrimary } of rows) {
    await connection.query(definition.replace(/ ON \S+ USING /, ` ON ${REBUILT} USING `));
    if (isPrimary) await connection.query(`ALTER TABLE ${REBUILT} ADD PRIMARY KEY USING INDEX "${name}"`);
  }
}

const isSame = `(running.owner, running.status, running.accepted_at, running.ended_at, running.folded::text)
  = (rebuilt.owner, rebuilt.status, rebuilt.accepted_at, rebuilt.ended_at, rebuilt.folded::text)
  AND running.sealed_upload IS NOT DISTINCT FROM rebuilt.sealed_upload`;

async function compare(connection: Queryable): Promise<RebuildComparison> {
  const { rows } = await connection.query<Omit<RebuildComparison, 'differing'>>(
    `SELECT count(rebuilt.import_id)::int AS rebuilt,
            count(*) FILTER (WHERE running.version = rebuilt.version AND ${isSame})::int AS same,
            count(*) FILTER (WHERE running.version = rebuilt.version AND NOT (${isSame}))::int AS different,
            count(*) FILTER (WHERE running.version > rebuilt.version)::int AS "goneOn",
            count(*) FILTER (WHERE running.version < rebuilt.version)::int AS behind,
            count(*) FILTER (WHERE running.import_id IS NULL)::int AS missing,
            count(*) FILTER (WHERE rebuilt.import_id IS NULL)::int AS copied
       FROM imports running FULL JOIN ${REBUILT} rebuilt ON rebuilt.import_id = running.import_id`,
  );
  const [counts] = rows;
  if (counts === undefined) throw new Error('a count gives one row');
  const named = await connection.query<{ importId: string }>(
    `SELECT running.import_id AS "importId" FROM imports running JOIN ${REBUILT} rebuilt USING (import_id)
      WHERE running.version = rebuilt.version AND NOT (${isSame}) ORDER BY running.import_id LIMIT ${MAX_NAMED}`,
  );
  return { ...counts, differing: named.rows.map(({ importId }) => importId) };
}

const columns =
  'owner, status, accepted_at, version, folded, sealed_upload, mends, ended_at, details_removed';
const taken = columns
  .split(', ')
  .map((name) => `${name} = excluded.${name}`)
  .join(', ');

/** Nobody reads or writes the running table meanwhile. What it alone knows comes along. */
async function switchOver(connection: Queryable): Promise<RebuildComparison> {
  await connection.query('LOCK TABLE imports IN ACCESS EXCLUSIVE MODE');
  await removeErased(connection);
  const comparison = await compare(connection);
  await connection.query(
    `UPDATE ${REBUILT} rebuilt SET details_removed = true FROM imports running
      WHERE running.import_id = rebuilt.import_id AND running.version = rebuilt.version AND running.details_removed`,
  );
  await connection.query(
    `INSERT INTO ${REBUILT} AS rebuilt (import_id, ${columns}) SELECT import_id, ${columns} FROM imports
      ON CONFLICT (import_id) DO UPDATE SET ${taken} WHERE rebuilt.version < excluded.version`,
  );
  const { rows } = await connection.query<{ schema: string }>('SELECT current_schema() AS schema');
  await connection.query('DROP TABLE imports');
  await connection.query(`ALTER TABLE ${REBUILT} SET SCHEMA "${rows[0]?.schema}"`);
  await connection.query(`DROP SCHEMA ${SCHEMA}`);
  return comparison;
}

/** Imports of owners that were erased since they were rebuilt. A name of a file may hold a character that PostgreSQL reads in no JSON. */
async function removeErased(connection: Queryable): Promise<void> {
  const { rows } = await connection.query<{ folded: string }>(
    `SELECT folded::text AS folded FROM ${REBUILT} rebuilt JOIN erased_owners USING (owner)`,
  );
  for (const { folded } of rows) {
    const found = decodeFoldedImport(Buffer.from(folded));
    if (await isErased(connection, found))
      await connection.query(`DELETE FROM ${REBUILT} WHERE import_id = $1`, [found.state.importId]);
  }
}
