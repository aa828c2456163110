/**
 * The bounds of the search for contacts. Without them 40 searches at once among 200,000 contacts took 151 s, and an import of one
 * row took 60 s meanwhile.
 */

import { applyRows, newImport, validRow } from '@tidings/contact-store/conformance/test/test-imports.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { openPglite } from '@tidings/contact-store/databases/pglite.ts';
import { MAX_PAGE_BYTES, SEARCHED_AT_A_TIME } from '@tidings/contact-store/listed-contacts.ts';
import { createContactStore } from '@tidings/contact-store/open-contact-store.ts';
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import { blankFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { PageOfContacts } from '@tidings/contracts/contacts/listed-contacts.ts';
import { copyEmptyContactStore } from '@tidings/testing/empty-contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { ContactSearches } from './contact-search.ts';

type Listing = Pick<ContactStore, 'listContacts'>;

const never = new AbortController().signal;
const searchOf = (owner: string) => ({ owner, query: 'x', limit: 50 });

/** A store of so many contacts. @param found what the nth read finds */
function storeOf(contacts: number, found: (read: number) => Contact[] = () => []) {
  const cursors: (string | undefined)[] = [];
  const store: Listing = {
    async listContacts({ cursor }): Promise<PageOfContacts> {
      const read = Number(cursor ?? 0) + SEARCHED_AT_A_TIME;
      cursors.push(cursor);
      const nextCursor = read < contacts ? String(read) : null;
      return { items: found(cursors.length), nextCursor, total: null, unsorted: 0 };
    },
  };
  return { store, cursors };
}

function contact(email: string, notes = ''): Contact {
  return {
    id: email,
    email,
    writtenEmail: email,
    ...blankFields,
    attributes: { notes },
    version: 1,
    changedAt: null,
    changedByImport: null,
  };
}

/** A store each of whose reads ends when the test ends it. */
function heldStore() {
  const reads: { readonly owner: string; end(page: PageOfContacts): void }[] = [];
  const store: Listing = {
    listContacts: ({ owner }) => new Promise((end) => void reads.push({ owner, end })),
  };
  return { store, reads };
}

const last: PageOfContacts = { items: [], nextCursor: null, total: 0, unsorted: 0 };
const more: PageOfContacts = { items: [], nextCursor: 'more', total: null, unsorted: 0 };

describe('a search', () => {
  test('ends after 50,000 contacts, with a cursor that goes on', async () => {
    const { store, cursors } = storeOf(70_000);
    const searches = new ContactSearches(store, {}, () => 0);
    const first = await searches.search(searchOf('mira'), never);
    expect(first).toEqual({ items: [], nextCursor: '50000', total: null, unsorted: 0 });
    expect(cursors).toHaveLength(50_000 / SEARCHED_AT_A_TIME);
    const rest = await searches.search({ ...searchOf('mira'), cursor: '50000' }, never);
    expect([rest.nextCursor, cursors.length]).toEqual([null, 70]);
  });

  test('ends after 250 ms, with what it has found', async () => {
    let now = 0;
    const { store, cursors } = storeOf(70_000, (read) => {
      now += 100;
      return [contact(`${read}@example.org`)];
    });
    const { items, nextCursor } = await new ContactSearches(store, {}, () => now).search(
      searchOf('mira'),
      never,
    );
    expect(items.map(({ email }) => email)).toEqual(['1@example.org', '2@example.org', '3@example.org']);
    expect([nextCursor, cursors]).toEqual(['3000', [undefined, '1000', '2000']]);
  });

  test('ends when its page is full, in rows or in bytes', async () => {
    const rows = storeOf(70_000, () =>
      Array.from({ length: 25 }, (_, place) => contact(`${place}@example.org`)),
    );
    expect(
      (await new ContactSearches(rows.store, {}, () => 0).search(searchOf('mira'), never)).items,
    ).toHaveLength(50);
    const bytes = storeOf(70_000, (read) => [contact(`${read}@example.org`, 'x'.repeat(250 * 1024))]);
    const page = await new ContactSearches(bytes.store, {}, () => 0).search(searchOf('mira'), never);
    expect(page.items.length).toBeGreaterThan(10);
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(MAX_PAGE_BYTES);
  });

  test('ends when its client has left, and the owner’s next search begins', async () => {
    const { store, reads } = heldStore();
    const searches = new ContactSearches(store);
    const client = new AbortController();
    const left = searches.search(searchOf('mira'), client.signal).catch(() => null);
    const waiting = searches.search(searchOf('mira'), client.signal).catch(() => null);
    const next = searches.search(searchOf('mira'), never);
    client.abort();
    reads[0]?.end(more);
    await Promise.all([left, waiting]);
    await eventually(() => expect(reads).toHaveLength(2));
    reads[1]?.end(last);
    expect(await next).toEqual(last);
    expect(reads).toHaveLength(2);
  });

  test('runs alone for its owner: further ones wait, few of them, and those of other owners run', async () => {
    const { store, reads } = heldStore();
    const searches = new ContactSearches(store);
    const own = Array.from({ length: 5 }, () => searches.search(searchOf('mira'), never));
    await expect(searches.search(searchOf('mira'), never)).rejects.toMatchObject({
      code: 'rate_limited',
      place: { retryAfterSeconds: 1 },
    });
    const other = searches.search(searchOf('noor'), never);
    await eventually(() => expect(reads.map(({ owner }) => owner)).toEqual(['mira', 'noor']));
    reads[1]?.end(last);
    expect(await other).toEqual(last);
    for (let search = 0; search < own.length; search += 1) {
      await eventually(() => expect(reads.filter(({ owner }) => owner === 'mira')).toHaveLength(search + 1));
      reads.filter(({ owner }) => owner === 'mira')[search]?.end(last);
    }
    await Promise.all(own);
  });
});

describe('GET /contacts?query=', () => {
  test('a search whose client has left reads no further', async () => {
    const { store, reads } = heldStore();
    const { port, tokens } = await startApiServer(await startFaultyLog(), {
      contactStore: store as ContactStore,
    });
    const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner: 'mira' });
    const search = (signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}/contacts?query=x`, {
        signal,
        headers: { Authorization: `Bearer ${token}` },
      });
    const client = new AbortController();
    const left = search(client.signal).catch(() => null);
    await eventually(() => expect(reads).toHaveLength(1));
    const next = search();
    client.abort();
    await left;
    // The next search begins only once the first has ended.
    await eventually(() => expect(reads).toHaveLength(2));
    reads[0]?.end(more);
    reads[1]?.end(last);
    expect(await (await next).json()).toEqual(last);
    expect(reads).toHaveLength(2);
  });

  // 24,000 contacts are written and searched 40 times: on a busy machine that takes more than the usual 30 s.
  test('a chunk is applied while 40 searches among many contacts run', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder();
    await copyEmptyContactStore(folder);
    const database = await openPglite(folder);
    onTestFinished(() => database.close());
    const contactStore = createContactStore(database);
    const owners = Array.from({ length: 8 }, (_, number) => `owner ${number}`);
    for (const owner of owners)
      await database.query(
        `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
         SELECT gen_random_uuid(), $1, n || '@example.org', 'Anna', 'Meyer', '', 'Wool', '', '', '{}', 1
           FROM generate_series(1, 3000) AS n`,
        [owner],
      );
    const { port, tokens } = await startApiServer(await startFaultyLog(), { contactStore });
    const searches = owners.flatMap((owner) =>
      Array.from({ length: 5 }, async () => {
        const token = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner });
        const answer = await fetch(`http://127.0.0.1:${port}/contacts?query=nobody`, {
          headers: { Authorization: `Bearer ${token}` },
        });
        ended += 1;
        return answer.status;
      }),
    );
    let ended = 0;
    await eventually(() => expect(ended).toBeGreaterThan(0));
    const { delta } = await applyRows(contactStore, newImport('owner 0'), 0, validRow(0, 'new@example.org'));
    expect(delta.created).toBe(1);
    expect(ended).toBeLessThan(searches.length);
    expect(new Set(await Promise.all(searches))).toEqual(new Set([200]));
  });
});
