/** Conformance: the search, the orders, the numbers, and what an import has written; with the index and before it. */
import type { ContactOrder } from '@tidings/contracts/contacts/contact.ts';
import { describe, expect, test } from 'vitest';
import type { ContactStore } from '../../contact-store.ts';
import type { ListContactsOptions } from '../../listed-contacts.ts';
import type { Subject } from '../subject.ts';
import { applyRows, contactOf, newImport, type TestImport, validRow } from '../test/test-imports.ts';
import { undoWhole } from '../test/test-undo.ts';

/** Until no contact of any owner waits. */
export async function indexAll(store: ContactStore): Promise<void> {
  while ((await store.indexContacts(1_000))?.waiting !== 0);
}

async function find(store: ContactStore, options: Omit<ListContactsOptions, 'limit'> & { limit?: number }) {
  const emails: string[] = [];
  let [cursor, total]: [string | undefined, number | null] = [undefined, null];
  do {
    const page = await store.listContacts({ limit: 50, ...options, cursor });
    emails.push(...page.items.map(({ email }) => email.replace('@example.org', '')));
    if (cursor === undefined) total = page.total;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return { emails, total };
}

async function importPeople(store: ContactStore): Promise<TestImport> {
  const run = newImport();
  await applyRows(
    store,
    run,
    0,
    validRow(0, 'juergen.gross@example.org', {
      firstName: 'Jürgen',
      lastName: 'Größer',
      phone: '+491511234567',
    }),
    validRow(1, 'soren@example.org', { firstName: 'Søren', lastName: 'Müller', company: 'Nord & Süd' }),
    validRow(2, 'li@example.org', { firstName: '小明', lastName: '王', phone: '+390612345678' }),
    validRow(3, 'anna-meyer@example.org', {
      firstName: 'Anna',
      lastName: 'Meyer',
      company: 'Wool_Shop 100%',
    }),
    validRow(4, 'nameless@example.org'),
  );
  return run;
}

/** Query, and whom it finds. */
const searches: readonly (readonly [query: string, found: readonly string[]])[] = [
  ['muller', ['soren']],
  ['MÜLLER soren', ['soren']],
  ['sør', ['soren']],
  ['grosser', ['juergen.gross']],
  ['juergen.gross@ex', ['juergen.gross']],
  ['juergen.gros@', []],
  ['meyer an', ['anna-meyer']],
  ['eyer', []],
  ['明', ['li']],
  ['王', ['li']],
  ['sud', ['soren']],
  ['100%', ['anna-meyer']],
  ['%', ['anna-meyer']],
  ['0151', ['juergen.gross']],
  ['0151 123', ['juergen.gross']],
  ['+49 (151) 12', ['juergen.gross']],
  ['0049151', ['juergen.gross']],
  ['gross 0151', ['juergen.gross']],
  ['06 123', ['li']],
  ['1234567', []],
  ["o'neil \\ :* & | ! <->", []],
  ['zzz-nobody', []],
];

export function searchSuite({ database, store }: Subject): void {
  describe('the search for contacts', () => {
    test('finds beginnings of words and of phone numbers, without accents, the same with the index and before it', async () => {
      const { owner } = await importPeople(store());
      for (const [query, found] of searches)
        expect([query, await find(store(), { owner, query })]).toEqual([
          query,
          { emails: found, total: found.length },
        ]);
      await indexAll(store());
      for (const [query, found] of searches)
        expect([query, (await find(store(), { owner, query })).emails]).toEqual([query, found]);
    });

    test('among many finds the few by the index in one call, and the many page by page', async () => {
      const run = newImport();
      for (let chunk = 0; chunk < 7; chunk += 1)
        await applyRows(
          store(),
          run,
          chunk,
          ...Array.from({ length: 1_000 }, (_, row) =>
            validRow(row, `n${String(chunk * 1_000 + row).padStart(4, '0')}@example.org`, {
              lastName: row === 999 ? 'Rare' : 'Many',
            }),
          ),
        );
      const { owner } = run;
      const first = (query: string) => store().listContacts({ owner, query, limit: 10 });
      expect(await first('rare')).toMatchObject({ items: [{ email: 'n0999@example.org' }], total: null });
      await indexAll(store());
      const rare = await first('rare');
      expect([rare.items.length, rare.total, rare.nextCursor]).toEqual([7, 7, null]);
      expect((await find(store(), { owner, query: 'rare', limit: 2 })).emails).toHaveLength(7);
      expect((await find(store(), { owner, query: 'many', limit: 500 })).emails).toHaveLength(6_993);
      expect(await first('nobody')).toMatchObject({ items: [], total: 0, nextCursor: null });
    });

    test('shows what a change, an import or an undo has just written, and nothing that was deleted', async () => {
      const run = await importPeople(store());
      const { owner } = run;
      await indexAll(store());
      const anna = await contactOf(store(), owner, 'anna-meyer@example.org');
      await store().patchContact(owner, anna.id, { lastName: 'Ødegård' });
      expect((await find(store(), { owner, query: 'odegard' })).emails).toEqual(['anna-meyer']);
      expect((await find(store(), { owner, query: 'meyer' })).emails).toEqual(['anna-meyer']);
      const next = newImport(owner);
      await applyRows(store(), next, 0, validRow(0, 'soren@example.org', { company: 'Vest' }));
      expect((await find(store(), { owner, query: 'vest' })).emails).toEqual(['soren']);
      await indexAll(store());
      await undoWhole(store(), next);
      expect((await find(store(), { owner, query: 'vest' })).emails).toEqual([]);
      await indexAll(store());
      expect((await find(store(), { owner, query: 'sud' })).emails).toEqual(['soren']);
      await store().deleteContact(owner, anna.id);
      expect((await find(store(), { owner, query: 'odegard' })).emails).toEqual([]);
      const { rows } = await database().query<{ count: number }>(
        'SELECT count(*)::int AS count FROM contact_search WHERE contact_id = $1',
        [anna.id],
      );
      expect(rows).toEqual([{ count: 0 }]);
    });
  });

  test.each<[ContactOrder, readonly string[]]>([
    ['email', ['anna-meyer', 'juergen.gross', 'li', 'nameless', 'soren']],
    ['-email', ['soren', 'nameless', 'li', 'juergen.gross', 'anna-meyer']],
    ['name', ['anna-meyer', 'juergen.gross', 'soren', 'li', 'nameless']],
    ['-name', ['nameless', 'li', 'soren', 'juergen.gross', 'anna-meyer']],
    ['changed', ['soren', 'anna-meyer']],
    ['-changed', ['anna-meyer', 'soren']],
  ])(
    'contacts come in the order %s, page by page, also those that a search finds',
    async (order, expected) => {
      const { owner } = await importPeople(store());
      for (const email of ['soren', 'anna-meyer']) {
        const { id } = await contactOf(store(), owner, `${email}@example.org`);
        await store().patchContact(owner, id, { company: 'Changed' });
      }
      await indexAll(store());
      const ordered = (emails: readonly string[]) =>
        order.endsWith('changed') ? emails.filter((email) => expected.includes(email)) : emails;
      expect(ordered((await find(store(), { owner, order, limit: 2 })).emails)).toEqual(expected);
      const found = (await find(store(), { owner, order, limit: 1, query: 'changed' })).emails;
      expect(found).toEqual(expected.filter((email) => ['soren', 'anna-meyer'].includes(email)));
      const cursor = (await store().listContacts({ owner, order, limit: 1 })).nextCursor ?? '';
      const other = order === 'email' ? 'name' : 'email';
      await expect(store().listContacts({ owner, order: other, limit: 1, cursor })).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
    },
  );

  test('an import’s contacts are those that it has created or found, in every order', async () => {
    const first = await importPeople(store());
    const { owner, importId } = first;
    const second = newImport(owner);
    await applyRows(
      store(),
      second,
      0,
      validRow(0, 'soren@example.org', { firstName: 'Søren' }),
      validRow(1, 'zoe@example.org', { lastName: 'Adler' }),
    );
    const of = (options: Partial<ListContactsOptions>) => find(store(), { owner, ...options });
    expect(await of({ importId: second.importId })).toEqual({ emails: ['soren', 'zoe'], total: 2 });
    expect((await of({ importId })).emails).toHaveLength(5);
    expect((await of({ importId: second.importId, query: 'soren' })).emails).toEqual(['soren']);
    expect((await of({ importId: 'nonsense' })).emails).toEqual([]);
    expect((await find(store(), { owner: newImport().owner, importId })).emails).toEqual([]);
    await indexAll(store());
    expect((await of({ importId: second.importId, order: '-name' })).emails).toEqual(['soren', 'zoe']);
  });

  test('the number of contacts is exact after imports, undos, deletions and erasures, indexed or not', async () => {
    const run = await importPeople(store());
    const { owner } = run;
    const total = async () => (await store().listContacts({ owner, limit: 1 })).total;
    expect(await total()).toBe(5);
    const next = newImport(owner);
    await applyRows(store(), next, 0, validRow(0, 'soren@example.org'), validRow(1, 'zoe@example.org'));
    await applyRows(store(), next, 1, validRow(2, 'zoe@example.org'), validRow(3, 'yan@example.org'));
    expect(await total()).toBe(7);
    await indexAll(store());
    expect(await total()).toBe(7);
    const { id } = await contactOf(store(), owner, 'yan@example.org');
    await store().deleteContact(owner, id);
    await store().deleteContact(owner, id);
    expect(await total()).toBe(6);
    await undoWhole(store(), next);
    expect(await total()).toBe(5);
    await store().barOwner(owner);
    await store().eraseOwner(owner, 10_000);
    expect(await total()).toBe(0);
    for (const table of ['contact_search', 'search_queue', 'contact_totals']) {
      const { rows } = await database().query(`SELECT 1 FROM ${table} WHERE owner = $1`, [owner]);
      expect([table, rows]).toEqual([table, []]);
    }
  });
}
