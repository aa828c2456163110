/** What a page of an undo writes: contacts removed and restored, the import's changes forgotten. */
import { restore } from '../chunks/bucket-rule.ts';
import { readChanges } from '../chunks/contact-changes.ts';
import { type ContactToWrite, lockContacts, writeContacts } from '../chunks/contact-writes.ts';
import type { PageToUndo } from '../contact-store.ts';
import type { Queryable } from '../databases/database.ts';
import { LARGE_AT_A_TIME, slicesOf } from '../databases/small-rows.ts';
import { type ContactToUndo, FIRST_ID, LAST_ID } from './page-contacts.ts';

/** Small contacts that are read and restored at once. */
const RESTORED_AT_A_TIME = 1_000;

const idsOf = (contacts: readonly ContactToUndo[]) => contacts.map(({ id }) => id);

export async function removeContacts(
  connection: Queryable,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  if (contacts.length === 0) return;
  await connection.query('DELETE FROM contacts WHERE id = ANY($1::text[]::uuid[])', [idsOf(contacts)]);
}

/** Restores locked contacts from their before-images; large ones few at a time. */
export async function restoreContacts(
  connection: Queryable,
  page: PageToUndo,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  for (const slice of slicesOf(contacts, RESTORED_AT_A_TIME)) {
    const large = await restoreSlice(connection, page, slice, false);
    for (const few of slicesOf(large, LARGE_AT_A_TIME)) await restoreSlice(connection, page, few, true);
  }
}

/** @param whole restores large contacts too; without it they are returned */
async function restoreSlice(
  connection: Queryable,
  page: PageToUndo,
  contacts: readonly ContactToUndo[],
  whole: boolean,
): Promise<ContactToUndo[]> {
  const { owner, importId } = page;
  const emails = contacts.map(({ email }) => email);
  const stored = (await lockContacts(connection, owner, emails, whole)).contacts;
  const { changes } = await readChanges(connection, importId, idsOf(contacts), whole);
  const writes: ContactToWrite[] = [];
  const large: ContactToUndo[] = [];
  const restored: ContactToUndo[] = [];
  for (const contact of contacts) {
    const [current, change] = [stored.get(contact.email), changes.get(contact.id)];
    if (current === undefined || change === undefined) {
      large.push(contact);
      continue;
    }
    const image = restore(current, change.before ?? {});
    const attributes = JSON.stringify(image.attributes);
    const { id, email, previous } = contact;
    const lastImport = previous?.importId ?? null;
    const version = contact.version + 1;
    writes.push({ id, email, image, attributes, version, lastImport, createdByRow: null });
    restored.push({ ...contact, version });
  }
  await writeContacts(connection, { owner, importId, attempt: 0 }, writes);
  await handOver(connection, restored);
  return large;
}

/** Hands contacts on that show what the import before this one has written: without a write, since they show it already. */
export async function handBack(connection: Queryable, contacts: readonly ContactToUndo[]): Promise<void> {
  if (contacts.length === 0) return;
  await connection.query(
    `UPDATE contacts SET last_import = given.writer
       FROM unnest($1::text[]::uuid[], $2::text[]::uuid[]) AS given (contact, writer) WHERE id = given.contact`,
    [idsOf(contacts), contacts.map(({ previous }) => previous?.importId ?? null)],
  );
  await handOver(connection, contacts);
}

/** The import before this one goes on from the contact's present version, if the contact was as that import had left it. */
async function handOver(connection: Queryable, contacts: readonly ContactToUndo[]): Promise<void> {
  const handed = contacts.flatMap(({ id, version, previous }) =>
    previous === null ? [] : [{ id, version, previous }],
  );
  if (handed.length === 0) return;
  await connection.query(
    `UPDATE contact_changes AS known SET version_after = given.present
       FROM unnest($1::text[]::uuid[], $2::text[]::uuid[], $3::int[], $4::int[])
         AS given (import, contact, former, present)
      WHERE known.import_id = given.import AND known.contact_id = given.contact AND version_after = given.former`,
    [
      handed.map(({ previous }) => previous.importId),
      handed.map(({ id }) => id),
      handed.map(({ previous }) => previous.version),
      handed.map(({ version }) => version),
    ],
  );
}

/** What stays of the contacts that the import created is its creation no more: a further upload finds them as anybody's. */
export async function giveUpCreations(
  connection: Queryable,
  importId: string,
  contacts: readonly ContactToUndo[],
): Promise<void> {
  const created = contacts.filter(({ createdByImport }) => createdByImport === importId);
  if (created.length === 0) return;
  await connection.query(
    `UPDATE contacts SET created_by_import = NULL, created_by_row = NULL, created_by_attempt = NULL
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
