/** The start on PostgreSQL: waiting for the server, and the migrations, however many processes start at once. */
import { setTimeout as pause } from 'node:timers/promises';
import { ContactStoreError } from '../contact-store.ts';
import { wasRefused } from './database.ts';
import { migrate } from './migrations.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';

export interface MigrateWhenReachableOptions {
  /** Milliseconds to wait for a server that is not there yet: 0 for one attempt, Infinity for ever; default 10,000. */
  readonly waitMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

const DEFAULT_WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** How long one attempt waits for the others that migrate; after that it counts as one more failed attempt. */
const LOCK_TIMEOUT_MS = 60_000;
const MIGRATION_STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Runs the migrations on a connection of its own: they wait for each other under a lock of the server, and a change of a
 * big table may last longer than any statement later on.
 * @throws ContactStoreError
 */
export async function migrateWhenReachable(
  options: PostgresOptions & MigrateWhenReachableOptions,
): Promise<void> {
  const { waitMs = DEFAULT_WAIT_MS, signal } = options;
  const deadline = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    if (signal?.aborted) throw stoppedWaiting();
    const failure = await migrateOnce(options);
    if (failure === null) return;
    if (wasRefused(failure)) throw refused(failure);
    if (!failure.retriable || performance.now() + pauseMs > deadline) throw failure;
    options.logger?.warn({ reason: reasonOf(failure), pauseMs }, 'waiting for the database');
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** @throws what is no ContactStoreError: a fault of the migrations */
async function migrateOnce(options: PostgresOptions): Promise<ContactStoreError | null> {
  const database = openPostgres({
    ...options,
    connections: 1,
    statementTimeoutMs: MIGRATION_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
  });
  try {
    await migrate(database);
    return null;
  } catch (error) {
    if (error instanceof ContactStoreError) return error;
    throw error;
  } finally {
    await database.close();
  }
}

function stoppedWaiting(): ContactStoreError {
  return new ContactStoreError('store_closed', 'The contact store was closed before its server was reached.');
}

function refused(failure: ContactStoreError): ContactStoreError {
  const reason = reasonOf(failure);
  return new ContactStoreError('store_refused', `The database refuses this program: ${reason}.`, {
    cause: failure,
  });
}

/** What stood in the way, for those who run it: several addresses of one host fail as one error without a message. */
function reasonOf({ cause, message }: ContactStoreError): string {
  if (cause instanceof AggregateError) {
    return cause.errors.map((error) => (error instanceof Error ? error.message : String(error))).join(', ');
  }
  return cause instanceof Error ? cause.message : message;
}
