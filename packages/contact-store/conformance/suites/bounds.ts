/** Conformance: reads are bounded in bytes, and so are contacts. */

import { MAX_CONTACT_ATTRIBUTES, MAX_CONTACT_BYTES } from '@tidings/contracts/contacts/contact.ts';
import type { PageOfContacts } from '@tidings/contracts/contacts/listed-contacts.ts';
import { describe, expect, test } from 'vitest';
import type { ContactStore } from '../../contact-store.ts';
import type { Database } from '../../databases/database.ts';
import { type ListContactsOptions, MAX_PAGE_BYTES, SEARCHED_AT_A_TIME } from '../../listed-contacts.ts';
import { createContactStore } from '../../open-contact-store.ts';
import type { Subject } from '../subject.ts';
import {
  allRejectedRows,
  applyRows,
  chunkOf,
  contactOf,
  delta,
  newId,
  newImport,
  rejectedRow,
  validRow,
} from '../test/test-imports.ts';

const KIB = 1024;
/** A character that takes six bytes in JSON. */
const ESCAPED = '\u0001';

async function pagesOf(store: ContactStore, options: ListContactsOptions): Promise<PageOfContacts[]> {
  const pages: PageOfContacts[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listContacts({ ...options, cursor });
    pages.push(page);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

function jsonBytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function emailsOf(pages: readonly PageOfContacts[]): string[] {
  return pages.flatMap(({ items }) => items.map(({ email }) => email));
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `n${String(number).padStart(6, '0')}@example.org`);
}

/** Contacts of about this many bytes as JSON; a different part of each is large. */
async function largeContacts(store: ContactStore, count: number, bytes: number) {
  const run = newImport();
  const emails = addresses(count);
  for (const [row, email] of emails.entries()) {
    const places: Record<string, string>[] = [
      { 'attributes.notes': 'x'.repeat(bytes) },
      { company: ESCAPED.repeat(bytes / 6) },
      { firstName: '€'.repeat(bytes / 3) },
    ];
    await applyRows(store, run, row, validRow(row, email, { lastName: 'Large', ...places[row % 3] }));
  }
  return { owner: run.owner, emails };
}

async function manyContacts(database: Database, count: number) {
  const owner = newId();
  const emails = addresses(count);
  await database.query(
    `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
     SELECT gen_random_uuid(), $1, address, 'Anna', '', '', '', '', '', '{}', 1 FROM unnest($2::text[]) AS one (address)`,
    [owner, emails],
  );
  // As those of a chunk they wait for the index, so that searches read row by row.
  await database.query(
    `INSERT INTO search_queue (owner, contacts, entries, created)
     SELECT owner, array_agg(id), count(*)::int, count(*)::int FROM contacts WHERE owner = $1 GROUP BY owner`,
    [owner],
  );
  return { owner, emails };
}

/** A store on the same database that keeps the plan of each of its queries. */
function explaining(database: Database, plans: string[]): ContactStore {
  return createContactStore({
    ...database,
    transaction: (work) =>
      database.transaction((connection) =>
        work({
          async query(text, parameters) {
            if (/^(SELECT|WITH)/.test(text)) {
              const { rows } = await connection.query<{ 'QUERY PLAN': string }>(
                `EXPLAIN ${text}`,
                parameters,
              );
              plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
            }
            return connection.query(text, parameters);
          },
        }),
      ),
  });
}

export function boundsSuite({ database, store }: Subject): void {
  describe('pages of contacts', () => {
    test.each([undefined, 'lArGe'])('are bounded in bytes, and go on exactly (query %j)', async (query) => {
      const { owner, emails } = await largeContacts(store(), 40, 240 * KIB);
      const pages = await pagesOf(store(), { owner, query, limit: 500 });
      for (const page of pages) expect(jsonBytesOf(page)).toBeLessThanOrEqual(MAX_PAGE_BYTES);
      expect(pages.length).toBeLessThan(5);
      expect(emailsOf(pages)).toEqual(emails);
    });

    test('hold one contact at least, however large it is', async () => {
      const { owner, emails } = await largeContacts(store(), 4, 12 * KIB);
      const pages = await pagesOf(store(), { owner, limit: 500, maxBytes: 5 * KIB });
      expect(pages.map(({ items }) => items.length)).toEqual([1, 1, 1, 1]);
      expect(emailsOf(pages)).toEqual(emails);
    });

    test('end where contacts were deleted after the cursor was given', async () => {
      const { owner } = await largeContacts(store(), 3, 12 * KIB);
      const [first, ...others] = (await store().listContacts({ owner, limit: 3 })).items;
      const page = await store().listContacts({ owner, limit: 1 });
      for (const { id } of others) await store().deleteContact(owner, id);
      expect(page.items).toEqual([first]);
      expect(await store().listContacts({ owner, limit: 1, cursor: page.nextCursor ?? '' })).toMatchObject({
        items: [],
        nextCursor: null,
      });
    });

    test('of a search look at so many contacts only, and may be empty', async () => {
      const { owner, emails } = await manyContacts(database(), 2 * SEARCHED_AT_A_TIME + 1);
      const last = emails.at(-1) ?? '';
      const rare = await pagesOf(store(), { owner, query: last.slice(0, 7), limit: 10 });
      expect(rare.map(({ items }) => items.length)).toEqual([0, 0, 1]);
      const frequent = await pagesOf(store(), { owner, query: 'ANNA', limit: 500 });
      expect(frequent.map(({ items }) => items.length)).toEqual([500, 500, 500, 500, 1]);
      expect(emailsOf(frequent)).toEqual(emails);
      const exact = await pagesOf(store(), { owner, query: 'nobody', limit: 500 });
      expect(exact.map(({ items }) => items)).toEqual([[], [], []]);
    });
  });

  test('what is read in parts is read along its index, also where there are no statistics', async () => {
    const plans: string[] = [];
    const explained = explaining(database(), plans);
    const { owner } = await manyContacts(database(), 20_000);
    await explained.listContacts({ owner, limit: 500 });
    await explained.listContacts({ owner, limit: 500, query: 'anna' });
    const run = newImport();
    const rows = Array.from({ length: 10_000 }, (_, row) => rejectedRow(row, ['x']));
    await store().applyChunk(chunkOf(run, 0, [], rows));
    await explained.rejectedRows(run.importId)[Symbol.asyncIterator]().next();
    const scans = plans.flatMap(
      (plan) => plan.match(/.*(?: on| using \w+ on) (?:contacts|row_errors)\b.*/g) ?? [],
    );
    expect(scans.length).toBeGreaterThanOrEqual(5);
    for (const scan of scans) expect(scan).toMatch(/-> +Index (?:Only )?Scan using \w+ on/);
  });

  describe('rejected rows', () => {
    test('come in batches that are bounded in bytes, each once', async () => {
      const run = newImport();
      const large = Array.from({ length: 200 }, (_, row) =>
        rejectedRow(row, [(row % 2 === 0 ? 'x' : '€').repeat(64 * KIB)]),
      );
      const small = Array.from({ length: 3_000 }, (_, row) => rejectedRow(200 + row, ['x']));
      for (let chunk = 0; chunk < 10; chunk += 1)
        await store().applyChunk(chunkOf(run, chunk, [], large.slice(20 * chunk, 20 * chunk + 20)));
      await store().applyChunk(chunkOf(run, 10, [], small));
      const batches = [];
      for await (const batch of store().rejectedRows(run.importId)) batches.push(batch);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(1_000);
        expect(batch.length > 1 ? jsonBytesOf(batch.map(({ cells }) => cells)) : 0).toBeLessThanOrEqual(
          KIB * KIB,
        );
      }
      expect(batches.flat()).toEqual([...large, ...small]);
    });

    test('that hold an address are erased with it, however large they are', async () => {
      const run = newImport();
      const email = 'anna@example.org';
      await applyRows(store(), run, 0, validRow(0, email));
      const rows = Array.from({ length: 100 }, (_, row) =>
        rejectedRow(row + 1, ['x'.repeat(20 * KIB), email]),
      );
      await store().applyChunk(chunkOf(run, 1, [], rows));
      const { id } = await contactOf(store(), run.owner, email);
      await store().deleteContact(run.owner, id);
      expect(await allRejectedRows(store(), run.importId)).toEqual([]);
    });
  });

  describe('a contact', () => {
    const email = 'anna@example.org';
    const many = (count: number, first = 0) =>
      Object.fromEntries(Array.from({ length: count }, (_, number) => [`a${first + number}`, 'v']));
    const tooLarge = { rows: MAX_CONTACT_ATTRIBUTES + 1, bytes: MAX_CONTACT_BYTES };

    test.each([
      [
        'bytes',
        { firstName: 'Anna', attributes: { notes: 'x'.repeat(200 * KIB) } },
        { more: 'y'.repeat(60 * KIB) },
      ],
      ['escaped bytes', { firstName: 'Anna', attributes: {} }, { more: ESCAPED.repeat(45 * KIB) }],
      ['attributes', { firstName: 'Anna', attributes: many(600) }, many(600, 500)],
    ])('of too many %s is not made by a row: it is rejected, with its reason', async (_kind, first, more) => {
      const run = newImport();
      const { attributes, ...fields } = first;
      const rowOf = (row: number, address: string, added: Record<string, string>) => ({
        ...validRow(row, address, fields),
        attributes: added,
      });
      await store().applyChunk(chunkOf(run, 0, [rowOf(0, email, attributes)]));
      const rows = [
        rowOf(1, 'other@example.org', {}),
        rowOf(2, email, more),
        rowOf(3, email, { small: 'x' }),
      ];
      const applied = await store().applyChunk(chunkOf(run, 1, rows));
      expect(applied.delta).toEqual(delta({ created: 1, rejected: 2 }));
      expect((await store().applyChunk(chunkOf(run, 1, rows))).delta).toEqual(applied.delta);
      expect(await contactOf(store(), run.owner, email)).toMatchObject({ firstName: 'Anna', attributes });
      expect((await allRejectedRows(store(), run.importId)).map(({ row, codes }) => [row, codes])).toEqual([
        [2, ['contact_too_large']],
        [3, ['contact_too_large']],
      ]);
      const made = await store().applyChunk(
        chunkOf(newImport(), 0, [rowOf(0, email, { ...attributes, ...more })]),
      );
      expect(made.delta).toEqual(delta({ rejected: 1 }));
    });

    test('at the bounds is made by a row', async () => {
      const run = newImport();
      const row = { ...validRow(0, email), attributes: many(MAX_CONTACT_ATTRIBUTES) };
      const large = {
        ...validRow(1, 'b@example.org'),
        attributes: { notes: 'x'.repeat(tooLarge.bytes - 200) },
      };
      const { delta: counted } = await store().applyChunk(chunkOf(run, 0, [row, large]));
      expect(counted).toEqual(delta({ created: 2 }));
    });

    test('is not made too large by a change, and one that was before may become smaller', async () => {
      const run = newImport();
      await store().applyChunk(chunkOf(run, 0, [{ ...validRow(0, email), attributes: many(900) }]));
      const before = await contactOf(store(), run.owner, email);
      const patch = (attributes: Record<string, string | null>) =>
        store().patchContact(run.owner, before.id, { attributes });
      await expect(patch(many(101, 900))).rejects.toMatchObject({
        code: 'contact_too_large',
        retriable: false,
      });
      expect(await contactOf(store(), run.owner, email)).toEqual(before);
      await database().query('UPDATE contacts SET attributes = $2::jsonb WHERE id = $1', [
        before.id,
        JSON.stringify(many(tooLarge.rows + 1)),
      ]);
      await expect(patch({ one: 'x' })).rejects.toMatchObject({ code: 'contact_too_large' });
      expect(Object.keys((await patch({ a0: null }))?.attributes ?? {})).toHaveLength(tooLarge.rows);
    });
  });
}
