/** The line of those who want the gate of an import. */
import { type LockMode, lockName } from '../databases/advisory-lock.ts';
import type { Queryable } from '../databases/database.ts';

const GATE_LOCKS = 7_240_613;

/**
 * Stands in line for the import's gate until the transaction ends. Row locks alone are unfair: while chunks share one, further chunks
 * share it too, and whoever closes the gate waits for the whole import.
 */
export function queueForGate(connection: Queryable, importId: string, mode: LockMode): Promise<void> {
  return lockName(connection, GATE_LOCKS, importId, mode);
}
