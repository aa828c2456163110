/** The start on PostgreSQL: the migrations, however many processes start at once. */
import { ContactStoreError } from '../contact-store-error.ts';
import { wasRefused } from './database.ts';
import { migrate } from './migrations.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';

/** Milliseconds that a migration waits for the lock that another process holds while it migrates. */
const LOCK_TIMEOUT_MS = 60_000;
/** Milliseconds: the change of a big table may last longer than any other statement. */
const MIGRATION_STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Runs the migrations on a connection of its own, which is closed afterwards.
 * @throws ContactStoreError `store_unavailable`: try again; `store_refused`, `schema_unknown`
 */
export async function migrateServer(options: PostgresOptions): Promise<void> {
  const database = openPostgres({
    ...options,
    connections: 1,
    statementTimeoutMs: MIGRATION_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
  });
  try {
    await migrate(database, undefined, options.logger);
  } catch (error) {
    if (error instanceof ContactStoreError && wasRefused(error)) throw refused(error);
    throw error;
  } finally {
    await database.close();
  }
}

function refused(failure: ContactStoreError): ContactStoreError {
  const { cause, message } = failure;
  const reason = cause instanceof Error ? cause.message : message;
  return new ContactStoreError('store_refused', `The database refuses this program: ${reason}.`, {
    cause: failure,
  });
}
