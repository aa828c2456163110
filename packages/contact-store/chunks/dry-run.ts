/**
 * A dry run counts its rows as an import that was written would: over all its chunks, in any order, with redeliveries. So its chunks
 * are applied by the same code, to copies of the contacts under an owner of the upload's own, of whom nobody else reads. The copies
 * are made when a chunk first names their addresses, and are gone once the import has ended.
 */
import type { ChunkToApply } from '../chunk-to-apply.ts';
import { imageColumns } from '../contact-image.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { newContactIds } from './new-contact-ids.ts';

/** Rows that one transaction removes. */
const STEP_ROWS = 10_000;

/** No owner is named so: names of owners hold no control characters. */
function copiesOf(importId: string): string {
  return `\u0001dry-run/${importId}/`;
}

/** The chunk as it is to be written: to copies of the contacts where it is one of a dry run. */
export async function writtenAs<Chunk extends ChunkToApply>(
  connection: Queryable,
  chunk: Chunk,
): Promise<Chunk> {
  if (chunk.dryRun !== true) return chunk;
  const owner = copiesOf(chunk.importId) + chunk.uploadId;
  const emails = [...new Set(chunk.valid.map(({ email }) => email))].sort();
  const columns = ['email', ...imageColumns, 'attributes', 'version', 'last_import'].join(', ');
  // Chunks beside each other copy in the same order. A contact that is copied already stays as the import has left it.
  await connection.query(
    `INSERT INTO contacts (id, owner, ${columns})
     SELECT given.id, $1, found.*
       FROM unnest($3::text[], $4::text[]::uuid[]) AS given (address, id),
            LATERAL (SELECT ${columns} FROM contacts WHERE owner = $2 AND email = address) AS found
      WHERE NOT EXISTS (SELECT FROM contacts WHERE owner = $1 AND email = address)
     ON CONFLICT (owner, email) DO NOTHING`,
    [owner, chunk.owner, emails, newContactIds(emails.length)],
  );
  return { ...chunk, owner };
}

export function removeDryRun(database: Database, importId: string): Promise<boolean> {
  return database.transaction(async (connection) => {
    const copies = copiesOf(importId);
    const contacts = await connection.query(
      `DELETE FROM contacts WHERE id IN
         (SELECT id FROM contacts WHERE owner >= $1 AND owner < $2 LIMIT ${STEP_ROWS})`,
      [copies, `${copies}~`],
    );
    const changes = await connection.query(
      `DELETE FROM contact_changes WHERE (import_id, contact_id) IN
         (SELECT import_id, contact_id FROM contact_changes WHERE import_id = $1 LIMIT ${STEP_ROWS})`,
      [importId],
    );
    return contacts.affected + changes.affected > 0;
  });
}
