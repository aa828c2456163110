/** For tests: imports of a new owner, and their results. */

import { type BucketCounts, buckets, noRows, sumRows } from '@tidings/contracts/imports/import.ts';
import { v7 as newId } from 'uuid';
import type { AppliedChunk, ChunkToApply, RejectedRow, ValidRow } from '../../chunk-to-apply.ts';
import { imageFields } from '../../contact-image.ts';
import type { ContactStore } from '../../contact-store.ts';
import type { ModelContact } from '../models/bucket-rule-model.ts';

export interface TestImport {
  readonly importId: string;
  readonly uploadId: string;
  readonly owner: string;
}

export function newImport(owner: string = newId()): TestImport {
  return { importId: newId(), uploadId: newId(), owner };
}

export function validRow(row: number, email: string, fields: ModelContact = {}): ValidRow {
  const { spelling, ...values } = fields;
  const given = Object.entries(values);
  const attribute = 'attributes.';
  return {
    row,
    email,
    ...(spelling !== undefined && { spelling }),
    fields: Object.fromEntries(given.filter(([name]) => !name.startsWith(attribute))),
    attributes: Object.fromEntries(
      given
        .filter(([name]) => name.startsWith(attribute))
        .map(([name, value]) => [name.slice(attribute.length), value]),
    ),
  };
}

export function rejectedRow(row: number, cells: readonly string[]): RejectedRow {
  return {
    row,
    line: row + 2,
    codes: ['email_invalid'],
    parameters: { email_invalid: { column: 0 } },
    cells,
  };
}

export function chunkOf(
  test: TestImport,
  chunk: number,
  valid: readonly ValidRow[],
  rejected: readonly RejectedRow[] = [],
): ChunkToApply {
  const rows = valid.length + rejected.length;
  return {
    ...test,
    chunk,
    firstLine: 2 + chunk * 1000,
    rows,
    header: ['email', 'name'],
    delimiter: ';',
    columns: ['email', 'firstName'],
    defaultCountry: null,
    valid,
    rejected,
    warned: [],
    toRejected: (row, code) => ({ ...rejectedRow(row, [`row ${row}`]), codes: [code] }),
  };
}

export function applyRows(
  store: ContactStore,
  test: TestImport,
  chunk: number,
  ...valid: ValidRow[]
): Promise<AppliedChunk> {
  return store.applyChunk(chunkOf(test, chunk, valid));
}

/** A delta with the buckets given, 0 in all others. */
export function delta(counts: Partial<BucketCounts>): BucketCounts {
  return { ...noRows(), ...counts };
}

export function sumOf(deltas: readonly BucketCounts[]): BucketCounts {
  const sum = noRows();
  for (const one of deltas) for (const bucket of buckets) sum[bucket] += one[bucket];
  return sum;
}

export { newId, sumRows };

/** All contacts of an owner, by the key of the address, blanks left out; at most 500. `spelling` where the address was not written as the key. */
export async function contactsOf(store: ContactStore, owner: string): Promise<Map<string, ModelContact>> {
  const { items } = await store.listContacts({ owner, limit: 500 });
  return new Map(
    items.map((contact) => {
      const fields = imageFields
        .filter((field) => contact[field] !== '')
        .map((field) => [field, contact[field]]);
      const attributes = Object.entries(contact.attributes).map(([name, value]) => [
        `attributes.${name}`,
        value,
      ]);
      const spelling = contact.writtenEmail === contact.email ? [] : [['spelling', contact.writtenEmail]];
      return [contact.email, Object.fromEntries([...fields, ...attributes, ...spelling])];
    }),
  );
}

export async function contactOf(store: ContactStore, owner: string, email: string) {
  const { items } = await store.listContacts({ owner, limit: 500 });
  const found = items.find((contact) => contact.email === email);
  if (found === undefined) throw new Error(`There is no contact ${email}.`);
  return found;
}

export async function allRejectedRows(store: ContactStore, importId: string): Promise<RejectedRow[]> {
  const rows: RejectedRow[] = [];
  for await (const batch of store.rejectedRows(importId)) rows.push(...batch);
  return rows;
}
