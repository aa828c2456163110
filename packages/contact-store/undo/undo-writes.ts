/** What a page of an undo writes: contacts removed and restored, the import's changes forgotten. */
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import { handConfirmationsOver } from '../chunks/confirmations.ts';
import { imageColumns, imageFields } from '../contact-image.ts';
import type { Queryable } from '../databases/database.ts';
import { FIRST_ID } from '../databases/read-in-order.ts';
import { slicesOf } from '../databases/small-rows.ts';
import { barIndexing, queueForIndex, removeFromIndex } from '../search/search-index.ts';
import { giveFreedKeys } from '../spellings/twice-stored.ts';
import type { PageToUndo } from '../undo-page.ts';
import { type ContactToUndo, LAST_ID } from './page-contacts.ts';

/** Contacts that one statement restores, at most: it has to end in time also where all of them are large. */
const RESTORED_AT_A_TIME = 250;

const idsOf = (contacts: readonly ContactToUndo[]) => contacts.map(({ id }) => id);

export async function removeContacts(
  connection: Queryable,
  { owner }: PageToUndo,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  if (contacts.length === 0) return;
  await barIndexing(connection);
  await connection.query('DELETE FROM contacts WHERE id = ANY($1::text[]::uuid[])', [idsOf(contacts)]);
  await removeFromIndex(connection, owner, idsOf(contacts));
  await giveFreedKeys(connection, owner);
}

const restoredColumns = imageColumns.map((column, index) => {
  const name = `'${imageFields[index]}'`;
  return `${column} = CASE WHEN before ? ${name} THEN coalesce(before ->> ${name}, '') ELSE shown.${column} END`;
});

/**
 * Parameters: the import, the contacts. The values stay in the server: sent here and back, they made a page half as long again.
 * No attribute is null, so those that the before-image does not have go with the nulls.
 */
const restoreStatement = `
  UPDATE contacts AS shown
     SET ${restoredColumns.join(', ')},
         attributes = jsonb_strip_nulls(shown.attributes || coalesce(
           (SELECT jsonb_object_agg(substr(key, ${ATTRIBUTE_PREFIX.length + 1}), value)
              FROM jsonb_each(before) WHERE starts_with(key, '${ATTRIBUTE_PREFIX}')), '{}')),
         version = shown.version + 1, last_import = kept.writer, changed_at = now()
    FROM (SELECT contact, before, writer
            FROM unnest($2::text[]::uuid[]) AS given (contact),
                 LATERAL (SELECT before::jsonb AS before,
                                 CASE WHEN previous_version IS NOT NULL THEN previous_import END AS writer
                            FROM contact_changes WHERE import_id = $1 AND contact_id = contact OFFSET 0) AS change
          OFFSET 0) AS kept
   WHERE shown.id = kept.contact`;

/** Restores locked contacts from their before-images. */
export async function restoreContacts(
  connection: Queryable,
  { importId, owner }: PageToUndo,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  for (const slice of slicesOf(contacts, RESTORED_AT_A_TIME))
    await connection.query(restoreStatement, [importId, idsOf(slice)]);
  await queueForIndex(connection, { owner, ids: idsOf(contacts), created: 0 });
  await handOver(
    connection,
    contacts.map((contact) => ({ ...contact, version: contact.version + 1 })),
  );
}

/** Hands contacts on that show what the import before this one has written: without a write, since they show it already. */
export async function handBack(
  connection: Queryable,
  { importId }: PageToUndo,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  if (contacts.length === 0) return;
  await connection.query(
    `UPDATE contacts SET last_import = given.writer
       FROM unnest($1::text[]::uuid[], $2::text[]::uuid[]) AS given (contact, writer) WHERE id = given.contact`,
    [idsOf(contacts), contacts.map(({ previous }) => previous?.importId ?? null)],
  );
  await handOver(connection, contacts);
  const others = new Set(contacts.flatMap(({ previous }) => previous?.importId ?? []));
  await handConfirmationsOver(connection, importId, others);
}

/** The import before this one, and whoever has confirmed its work, go on from the contact's present version, if that was how it had left the contact. */
async function handOver(connection: Queryable, contacts: readonly ContactToUndo[]): Promise<void> {
  const handed = contacts.flatMap(({ id, version, previous }) =>
    previous === null ? [] : [{ id, version, previous }],
  );
  if (handed.length === 0) return;
  await connection.query(
    `UPDATE contact_changes AS known SET version_after = given.present
       FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::int[], $4::int[])
              AS given (import, contact, former, present),
            LATERAL (SELECT import AS id UNION ALL
                     SELECT import_id FROM confirmed_imports WHERE confirmed = import) AS knower
      WHERE known.import_id = knower.id AND known.contact_id = given.contact AND version_after = given.former`,
    [
      handed.map(({ previous }) => previous.importId),
      handed.map(({ id }) => id),
      handed.map(({ previous }) => previous.version),
      handed.map(({ version }) => version),
    ],
  );
}

/**
 * What stays of the contacts that the import created is its creation no more: a further upload finds them as anybody's. One that nobody
 * has written since still shows the import's write.
 */
export async function giveUpCreations(
  connection: Queryable,
  importId: string,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  const created = contacts.filter(({ createdByImport }) => createdByImport === importId);
  if (created.length === 0) return;
  await connection.query(
    `UPDATE contacts SET created_by_import = NULL, created_by_row = NULL, created_by_attempt = NULL,
            last_import = CASE WHEN version = 1 THEN created_by_import ELSE last_import END
      WHERE id = ANY($1::text[]::uuid[])`,
    [idsOf(created)],
  );
}

/** Of all contacts of the page, also of those that were deleted. */
export async function forgetChanges(
  connection: Queryable,
  { importId, after }: PageToUndo,
  next: string | null,
): Promise<void> {
  await connection.query(
    `DELETE FROM contact_changes WHERE import_id = $1 AND contact_id > $2 AND contact_id <= $3`,
    [importId, after ?? FIRST_ID, next ?? LAST_ID],
  );
}
