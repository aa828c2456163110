/** The line of those who want the gate of an import. */
import type { Queryable } from '../databases/database.ts';

/** Any number: parts the locks of gates from other advisory locks. */
const GATE_LOCKS = 7_240_613;

/**
 * Stands in line for the import's gate until the transaction ends. Row locks alone are unfair: while chunks share one, further chunks
 * share it too, and whoever closes the gate waits for the whole import. Advisory locks are handed out in the order of asking.
 */
export async function queueForGate(
  connection: Queryable,
  importId: string,
  how: 'shared' | 'alone',
): Promise<void> {
  const lock = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await connection.query(`SELECT ${lock}(hashtextextended($1, ${GATE_LOCKS}))`, [importId]);
}
