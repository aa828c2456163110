import type { Queryable } from './database.ts';

/** `alone` waits for all who came before, and all who come later wait for it; those who share do not wait for each other. */
export type LockMode = 'shared' | 'alone';

/**
 * Holds a lock on a name until the transaction ends. Advisory locks are handed out in the order of asking.
 * @param space any number: parts the locks on names of one kind from those on others
 */
export async function lockName(
  connection: Queryable,
  space: number,
  name: string,
  mode: LockMode,
): Promise<void> {
  const lock = mode === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await connection.query(`SELECT ${lock}(hashtextextended($1, ${space}))`, [name]);
}
