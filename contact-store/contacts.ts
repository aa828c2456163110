/** Contacts one by one and in pages: list, read, change, delete. */
import { z } from 'zod';
import type { Contact, ContactPatch } from '../contracts/contact.ts';
import { lineSchema } from '../contracts/text.ts';
import { creationToKeep, keepChanges } from './contact-changes.ts';
import {
  type ContactImage,
  contactColumns,
  imageFields,
  imageOf,
  type StoredContact,
  storedContactColumns,
} from './contact-image.ts';
import { ContactStoreError, type ListContactsOptions } from './contact-store.ts';
import type { Database, Queryable } from './database.ts';
import { eraseRejectedRows } from './rejected-rows.ts';

/** Characters of an address in a cursor, at most: more than any address has. */
const MAX_CURSOR_EMAIL = 1_000;
/** The address of the last contact looked at. */
const cursorSchema = z.strictObject({ email: lineSchema(MAX_CURSOR_EMAIL).min(1) });

/**
 * A search looks at the owner's contacts in order, so many per statement and so many statements per page, and stops early
 * once the page is full: on 1,000,000 contacts a page may come back short, or empty, with a cursor that goes on. An index
 * for parts of words would cost every import more than this costs the rare search.
 */
const SEARCH_WINDOW = 20_000;
const SEARCH_WINDOWS = 50;

interface Page {
  items: Contact[];
  nextCursor: string | null;
}

function encodeCursor(email: string): string {
  return Buffer.from(JSON.stringify({ email })).toString('base64url');
}

function decodeCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))).email;
  } catch (error) {
    throw new ContactStoreError('cursor_invalid', 'The cursor is not one of this list.', { cause: error });
  }
}

export async function listContacts(database: Queryable, options: ListContactsOptions): Promise<Page> {
  const after = decodeCursor(options.cursor);
  const query = options.query?.trim() ?? '';
  if (query !== '') return searchContacts(database, options, query, after);
  const { rows } = await database.query<Contact>(
    `SELECT ${contactColumns} FROM contacts WHERE owner = $1 AND email > $2 ORDER BY email LIMIT $3`,
    [options.owner, after, options.limit + 1],
  );
  return pageOf(rows, options.limit, null);
}

/** `rows`: up to one more than the limit. `lookedAt`: the address up to which a search has got, if there is more. */
function pageOf(rows: readonly Contact[], limit: number, lookedAt: string | null): Page {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length > limit && last !== undefined) return { items, nextCursor: encodeCursor(last.email) };
  return { items, nextCursor: lookedAt === null ? null : encodeCursor(lookedAt) };
}

async function searchContacts(
  database: Queryable,
  { owner, limit }: ListContactsOptions,
  query: string,
  start: string,
): Promise<Page> {
  const found: Contact[] = [];
  let after = start;
  for (let window = 0; window < SEARCH_WINDOWS; window++) {
    const end = await windowEnd(database, owner, after);
    const matches = await searchWindow(database, owner, query, after, end, limit + 1 - found.length);
    found.push(...matches);
    if (found.length > limit || end === null) return pageOf(found, limit, null);
    after = end;
  }
  return pageOf(found, limit, after);
}

/** The address of the window's last contact; null where fewer are left. */
async function windowEnd(database: Queryable, owner: string, after: string): Promise<string | null> {
  const { rows } = await database.query<{ email: string }>(
    `SELECT email FROM contacts WHERE owner = $1 AND email > $2 ORDER BY email OFFSET ${SEARCH_WINDOW - 1} LIMIT 1`,
    [owner, after],
  );
  return rows[0]?.email ?? null;
}

async function searchWindow(
  database: Queryable,
  owner: string,
  query: string,
  after: string,
  end: string | null,
  limit: number,
): Promise<Contact[]> {
  const pattern = `%${query.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await database.query<Contact>(
    `SELECT ${contactColumns} FROM contacts
      WHERE owner = $1 AND email > $2 AND ($3::text IS NULL OR email <= $3)
        AND (email COLLATE "default" ILIKE $4 OR first_name ILIKE $4 OR last_name ILIKE $4 OR company ILIKE $4)
      ORDER BY email LIMIT $5`,
    [owner, after, end, pattern, limit],
  );
  return rows;
}

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
): Promise<Contact | null> {
  return database.transaction(async (connection) => {
    const { rows } = await connection.query<StoredContact>(
      `SELECT ${storedContactColumns} FROM contacts WHERE owner = $1 AND id = $2 FOR UPDATE`,
      [owner, id],
    );
    const [contact] = rows;
    if (contact === undefined) return null;
    await keepChanges(connection, null, creationToKeep(contact));
    const image = patched(contact, patch);
    const version = contact.version + 1;
    await connection.query(
      `UPDATE contacts SET first_name = $2, last_name = $3, phone = $4, company = $5, country = $6, time_zone = $7,
              attributes = $8::jsonb, version = $9
        WHERE id = $1`,
      [id, ...imageFields.map((field) => image[field]), JSON.stringify(image.attributes), version],
    );
    return { id: contact.id, email: contact.email, ...image, version };
  });
}

export async function deleteContact(database: Database, owner: string, id: string): Promise<boolean> {
  return database.transaction(async (connection) => {
    const { rows } = await connection.query<{ email: string }>(
      'DELETE FROM contacts WHERE owner = $1 AND id = $2 RETURNING email',
      [owner, id],
    );
    const [contact] = rows;
    if (contact === undefined) return false;
    // By way of the owner's imports, because the changes have one index only, by import.
    await connection.query(
      `DELETE FROM contact_changes
        WHERE contact_id = $2 AND import_id IN (SELECT import_id FROM import_gates WHERE owner = $1)`,
      [owner, id],
    );
    await eraseRejectedRows(connection, owner, contact.email);
    return true;
  });
}
