/** Contacts one by one: read, change, delete. */
import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import { creationToKeep, keepChanges } from '../chunks/contact-changes.ts';
import {
  type ContactImage,
  contactColumns,
  imageColumns,
  imageFields,
  imageOf,
  type StoredContact,
  storedContactColumns,
} from '../contact-image.ts';
import { growsTooLarge } from '../contact-size.ts';
import { ContactStoreError } from '../contact-store-error.ts';
import type { Database, Queryable } from '../databases/database.ts';
import { formsOfAddress } from '../email-key.ts';
import { eraseRejectedRows } from '../imports/rejected-rows.ts';
import { barIndexing, indexNow, removeFromIndex, searchedEmail } from '../search/search-index.ts';
import { giveFreedKeys } from '../spellings/twice-stored.ts';

/** Assignments of an UPDATE whose parameters from `$4` on are the values of an image. */
const settingColumns = imageColumns.map((column, index) => `${column} = $${index + 4}`).join(', ');

export async function getContact(database: Queryable, owner: string, id: string): Promise<Contact | null> {
  const { rows } = await database.query<Contact>(
    `SELECT ${contactColumns} FROM contacts WHERE owner = $1 AND id = $2`,
    [owner, id],
  );
  return rows[0] ?? null;
}

function patched(contact: StoredContact, patch: ContactPatch): ContactImage {
  const image = imageOf(contact);
  for (const field of imageFields) image[field] = patch[field] ?? image[field];
  const attributes = new Map(Object.entries(contact.attributes));
  for (const [name, value] of Object.entries(patch.attributes ?? {})) {
    if (value === null) attributes.delete(name);
    else attributes.set(name, value);
  }
  return { ...image, attributes: Object.fromEntries(attributes) };
}

export async function patchContact(
  database: Database,
  owner: string,
  id: string,
  patch: ContactPatch,
  expected?: number,
): Promise<Contact | null> {
  return database.transaction(async (connection) => {
    const { rows } = await connection.query<StoredContact>(
      `SELECT ${storedContactColumns} FROM contacts WHERE owner = $1 AND id = $2 FOR UPDATE`,
      [owner, id],
    );
    const [contact] = rows;
    if (contact === undefined) return null;
    if (expected !== undefined && expected !== contact.version)
      throw new ContactStoreError('contact_changed', 'The contact has another version by now.');
    const image = patched(contact, patch);
    // What changes nothing is no edit: an undo of the import that wrote the contact takes it back.
    if (JSON.stringify(image) === JSON.stringify(imageOf(contact))) return getContact(connection, owner, id);
    const attributes = JSON.stringify(image.attributes);
    if (growsTooLarge({ ...image, email: contact.email }, attributes, contact))
      throw new ContactStoreError('contact_too_large', 'The contact would become too large.');
    await keepChanges(connection, null, creationToKeep(contact));
    const version = contact.version + 1;
    await connection.query(
      `UPDATE contacts SET version = $2, attributes = $3::jsonb, last_import = NULL, changed_at = now(), ${settingColumns} WHERE id = $1`,
      [id, version, attributes, ...imageFields.map((field) => image[field])],
    );
    const email = searchedEmail(contact.email, contact.spelling);
    await indexNow(connection, { id, owner, version, values: { email, ...image } });
    return getContact(connection, owner, id);
  });
}

export async function deleteContact(database: Database, owner: string, id: string): Promise<boolean> {
  return database.transaction(async (connection) => {
    await barIndexing(connection);
    const { rows } = await connection.query<Pick<StoredContact, 'email' | 'spelling'>>(
      'DELETE FROM contacts WHERE owner = $1 AND id = $2 RETURNING email, email_spelling AS spelling',
      [owner, id],
    );
    const [contact] = rows;
    if (contact === undefined) return false;
    await removeFromIndex(connection, owner, [id]);
    await giveFreedKeys(connection, owner);
    // Through the owner's imports, because the only index of these tables is by import.
    for (const table of ['contact_changes', 'undo_outcomes']) {
      await connection.query(
        `DELETE FROM ${table}
          WHERE contact_id = $2 AND import_id IN (SELECT import_id FROM import_gates WHERE owner = $1)`,
        [owner, id],
      );
    }
    for (const form of formsOfAddress(contact.email, contact.spelling))
      await eraseRejectedRows(connection, owner, form);
    return true;
  });
}
