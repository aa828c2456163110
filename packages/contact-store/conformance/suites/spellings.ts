/** Conformance: an address is shown as it was written; its key decides whose it is; what earlier releases have stored twice is listed. */
import { describe, expect, test } from 'vitest';
import { keyAddresses } from '../../databases/key-addresses.ts';
import type { Subject } from '../subject.ts';
import {
  allRejectedRows,
  applyRows,
  chunkOf,
  contactOf,
  newId,
  newImport,
  rejectedRow,
  validRow,
} from '../test/test-imports.ts';
import { undoWhole } from '../test/test-undo.ts';

const key = 'info@müller.example';
const puny = 'info@xn--mller-kva.example';

export function spellingsSuite({ database, store }: Subject): void {
  /** As a release without the key has stored them, one after another. */
  const storeAsBefore = async (owner: string, ...emails: string[]): Promise<string[]> => {
    const ids = emails.map(() => newId());
    for (const [index, id] of ids.entries())
      await database().query(
        `INSERT INTO contacts (id, owner, email, first_name, last_name, phone, company, country, time_zone, attributes, version)
         VALUES ($1::text::uuid, $2, $3, $4, '', '', '', '', '', '{}', 1)`,
        [id, owner, emails[index] ?? '', `name ${index}`],
      );
    await database().query(
      `INSERT INTO search_queue (owner, contacts, entries, created) VALUES ($1, $2::text[]::uuid[], $3, $3)`,
      [owner, ids, ids.length],
    );
    await indexAll();
    return ids;
  };
  const indexAll = async () => {
    for (;;) {
      const batch = await store().indexContacts(10_000);
      if (batch !== null && batch.indexed === 0) return;
    }
  };
  const keyAll = () => database().transaction(keyAddresses);
  const duplicatesOf = async (owner: string) =>
    (await store().listTwiceStored({ owner, limit: 500 })).items.map(
      ({ email, contact, other }) => `${email}: ${contact.writtenEmail}, ${other.writtenEmail}`,
    );
  const written = async (owner: string) =>
    (await store().listContacts({ owner, limit: 500 })).items.map(
      ({ email, writtenEmail }) => `${writtenEmail} ${email}`,
    );

  describe('spellings of an address', () => {
    test('are shown as the highest row of the import has them that created the contact', async () => {
      const run = newImport();
      await applyRows(store(), run, 1, validRow(7, key, { spelling: 'Info@Müller.example' }));
      await applyRows(store(), run, 0, validRow(3, key, { spelling: puny }));
      expect(await written(run.owner)).toEqual([`Info@Müller.example ${key}`]);
      const { delta } = await applyRows(store(), run, 2, validRow(9, key, { spelling: puny }));
      expect(delta).toMatchObject({ created: 0, duplicate: 1 });
      expect(await written(run.owner)).toEqual([`${puny} ${key}`]);
    });

    test('are no change in another import, and come back with every undo', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, key, { spelling: 'Info@Müller.example', company: 'Old' }));
      const { id } = await contactOf(store(), run.owner, key);
      const second = newImport(run.owner);
      const same = await applyRows(store(), second, 0, validRow(0, key, { spelling: puny, company: 'Old' }));
      expect(same.delta).toMatchObject({ unchanged: 1, updated: 0 });
      const third = newImport(run.owner);
      await applyRows(store(), third, 0, validRow(0, key, { company: 'New' }));
      expect(await store().patchContact(run.owner, id, { firstName: 'Anna' })).toMatchObject({
        email: key,
        writtenEmail: 'Info@Müller.example',
      });
      await store().patchContact(run.owner, id, { firstName: '' });
      await undoWhole(store(), third);
      expect(await store().getContact(run.owner, id)).toMatchObject({
        email: key,
        writtenEmail: 'Info@Müller.example',
      });
    });

    test('are found by a search for either', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, key, { spelling: puny }));
      for (const isIndexed of [false, true]) {
        if (isIndexed) await indexAll();
        for (const query of [puny, key, 'MÜLLER', 'xn--mll', 'info']) {
          const { items } = await store().listContacts({ owner: run.owner, limit: 10, query });
          expect(items.map(({ writtenEmail }) => writtenEmail)).toEqual([puny]);
        }
      }
    });

    test('are all erased with the contact', async () => {
      const run = newImport();
      const rejected = [puny, key, 'Info@Mu\u0308ller.example', 'info@muller.example'].map((cell, row) =>
        rejectedRow(row + 1, [cell]),
      );
      await store().applyChunk(chunkOf(run, 0, [validRow(0, key, { spelling: puny })], rejected));
      await store().deleteContact(run.owner, (await contactOf(store(), run.owner, key)).id);
      expect((await allRejectedRows(store(), run.importId)).map(({ cells }) => cells)).toEqual([
        ['info@muller.example'],
      ]);
    });
  });

  // Releases before the key have kept each spelling as a contact of its own, which an import with the key would no longer find.
  describe('addresses that an earlier release has stored', () => {
    test('get their keys, and stay as they were written; nothing is joined', async () => {
      const owner = newId();
      await storeAsBefore(owner, puny, 'ada@example.org', 'bob@xn--mller-kva.example', 'bob@müller.example');
      await keyAll();
      await keyAll();
      expect(await written(owner)).toEqual([
        'ada@example.org ada@example.org',
        'bob@müller.example bob@müller.example',
        // This spelling still does not have the key: the other spelling has it.
        'bob@xn--mller-kva.example bob@xn--mller-kva.example',
        `${puny} ${key}`,
      ]);
      expect(await duplicatesOf(owner)).toEqual([
        'bob@müller.example: bob@müller.example, bob@xn--mller-kva.example',
      ]);
      await indexAll();
      for (const query of ['xn--mller', 'müller'])
        expect(
          (await store().listContacts({ owner, limit: 10, query })).items.map(
            ({ writtenEmail }) => writtenEmail,
          ),
        ).toContain(puny);
      const again = newImport(owner);
      expect((await applyRows(store(), again, 0, validRow(0, key))).delta).toMatchObject({ unchanged: 1 });
      expect(await duplicatesOf(newId())).toEqual([]);
    });

    test('leave one of two when the other is deleted, which imports find from then on', async () => {
      for (const deleted of [0, 1]) {
        const owner = newId();
        const ids = await storeAsBefore(owner, key, puny);
        await keyAll();
        await store().deleteContact(owner, ids[deleted] ?? '');
        expect(await duplicatesOf(owner)).toEqual([]);
        expect(await written(owner)).toEqual([`${deleted === 0 ? puny : key} ${key}`]);
        const { delta } = await applyRows(
          store(),
          newImport(owner),
          0,
          validRow(0, key, { firstName: 'New' }),
        );
        expect(delta).toMatchObject({ created: 0, updated: 1 });
        await indexAll();
        const { items } = await store().listContacts({ owner, limit: 10, query: 'müller' });
        expect(items.map(({ firstName }) => firstName)).toEqual(['New']);
      }
    });

    test('leave the older one when an undo takes back the one that has the key', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, key, { firstName: 'Anna' }));
      const [old] = await storeAsBefore(run.owner, puny);
      await keyAll();
      expect(await duplicatesOf(run.owner)).toEqual([`${key}: ${key}, ${puny}`]);
      expect(await undoWhole(store(), run)).toEqual({ reversed: 1, kept: 0, failed: 0 });
      expect(await written(run.owner)).toEqual([`${puny} ${key}`]);
      expect(await contactOf(store(), run.owner, key)).toMatchObject({ id: old, version: 1 });
    });

    test('are listed page by page, with their number', async () => {
      const owner = newId();
      // Half of them have two other spellings, neither of which has the key.
      const names = Array.from({ length: 12 }, (_, number) => `n${String(number).padStart(2, '0')}`);
      await storeAsBefore(
        owner,
        ...names.flatMap((name) => [`${name}@xn--mller-kva.example`, `${name}@mu\u0308ller.example`]),
      );
      await keyAll();
      const listed: string[] = [];
      let cursor: string | undefined;
      let total: number | null = null;
      do {
        const page = await store().listTwiceStored({ owner, limit: 5, cursor });
        expect(page.items.length).toBeLessThanOrEqual(5);
        listed.push(...page.items.map(({ email }) => email));
        total ??= page.total;
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(listed).toEqual(names.map((name) => `${name}@müller.example`));
      expect(total).toBe(12);
      await expect(store().listTwiceStored({ owner, limit: 5, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
    });
  });
}
