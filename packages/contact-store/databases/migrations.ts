/** Brings a database to the schema that this program knows. */
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database } from './database.ts';
import { type Migration, migrations } from './schema.ts';

/** Any number that nobody else locks: services that start together migrate one after another. */
const MIGRATION_LOCK = 7_240_611;

/**
 * Runs the migrations that the database has not seen, all of them in one transaction; running it again changes nothing.
 * @throws ContactStoreError `schema_unknown`: a newer program has migrated the database further
 */
export async function migrate(database: Database, known: readonly Migration[] = migrations): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await connection.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         version int PRIMARY KEY,
         name text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now()
       )`,
    );
    const found = await connection.query<{ version: number }>(
      'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
    );
    const version = found.rows[0]?.version ?? 0;
    const newest = known.at(-1)?.version ?? 0;
    if (version > newest) {
      throw new ContactStoreError(
        'schema_unknown',
        `The contacts were written by a newer release: their schema has version ${version}, this one knows up to ${newest}.`,
      );
    }
    for (const migration of known.filter((candidate) => candidate.version > version)) {
      for (const statement of migration.statements) await connection.query(statement);
      await connection.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    }
  });
}
