/**
 * Uploads that may leave nothing in the store. Those of an erased owner that began before the erasure: their chunks may still stand in
 * the log. And a further upload of an import that was sealed and kept: only one that was admitted before the first had begun can be so
 * late, and nothing of it was sent.
 */
import type { GatedUpload } from '../chunk-to-apply.ts';
import { type LockMode, lockName } from '../databases/advisory-lock.ts';
import type { Queryable } from '../databases/database.ts';

const OWNER_LOCKS = 7_240_614;

/** Shared by whoever makes something of the owner that an erasure must find, until the transaction ends. */
export function queueForOwner(connection: Queryable, owner: string, mode: LockMode): Promise<void> {
  return lockName(connection, OWNER_LOCKS, owner, mode);
}

/** Whether the upload began before its owner was erased. UUIDs of version 7 are in the order of their times. */
export async function isErased(
  connection: Queryable,
  { owner, uploadId }: Pick<GatedUpload, 'owner' | 'uploadId'>,
): Promise<boolean> {
  const { rows } = await connection.query(
    'SELECT FROM erased_owners WHERE owner = $1 AND last_upload >= $2::uuid',
    [owner, uploadId],
  );
  return rows.length > 0;
}

/** Asked where a gate is made or taken over, once for each upload; what it says holds until the transaction ends. */
export async function isBarred(connection: Queryable, upload: GatedUpload): Promise<boolean> {
  await queueForOwner(connection, upload.owner, 'shared');
  if (await isErased(connection, upload)) return true;
  const { rows } = await connection.query(
    'SELECT FROM imports WHERE import_id = $1 AND sealed_upload <> $2::uuid',
    [upload.importId, upload.uploadId],
  );
  return rows.length > 0;
}
