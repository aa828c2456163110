/** Contacts and rejected rows in an embedded contact store. */
import {
  chunkOf,
  newImport,
  rejectedRow,
  validRow,
} from '@tidings/contact-store/conformance/test/test-imports.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';

/** Imports contacts without any other field; resolves with all contacts of the owner, by address. */
export async function addContacts(
  store: ContactStore,
  owner: string,
  ...emails: string[]
): Promise<Contact[]> {
  const valid = emails.map((email, row) => validRow(row, email));
  await store.applyChunk(chunkOf(newImport(owner), 0, valid));
  return (await store.listContacts({ owner, limit: 500 })).items;
}

/** Imports rows that are rejected, each of these cells. */
export async function addRejectedRows(
  store: ContactStore,
  owned: { readonly owner: string; readonly importId: string; readonly uploadId: string },
  ...rows: (readonly string[])[]
): Promise<void> {
  const rejected = rows.map((cells, row) => rejectedRow(row, cells));
  await store.applyChunk(chunkOf(owned, 0, [], rejected));
}
