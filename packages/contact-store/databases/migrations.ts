/** Brings a database to the schema that this program knows. */
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database } from './database.ts';
import type { KeyedAddresses } from './key-addresses.ts';
import { type Migration, migrations } from './schema.ts';

/** Any number that nobody else locks: services that start together migrate one after another. */
const MIGRATION_LOCK = 7_240_611;

/** Where the store logs; a pino logger is one. Its lines hold no values and no passwords. */
export interface StoreLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Runs the migrations that the database has not seen, all of them in one transaction; running it again changes nothing.
 * @throws ContactStoreError `schema_unknown`: a newer program has migrated the database further
 */
export async function migrate(
  database: Database,
  known: readonly Migration[] = migrations,
  logger?: StoreLogger,
): Promise<void> {
  const keyed = await database.transaction(async (connection) => {
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
    let keyed: KeyedAddresses = { keyed: 0, twice: 0 };
    for (const migration of known.filter((candidate) => candidate.version > version)) {
      for (const statement of migration.statements) await connection.query(statement);
      keyed = (await migration.step?.(connection)) ?? keyed;
      await connection.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [
        migration.version,
        migration.name,
      ]);
    }
    return keyed;
  });
  if (keyed.keyed > 0) logger?.info({ contacts: keyed.keyed }, 'contacts have the keys of their addresses');
  if (keyed.twice > 0)
    logger?.warn(
      { contacts: keyed.twice },
      'contacts are stored twice, under spellings of one address; nothing was joined, GET /contacts/duplicates lists them',
    );
}
