/** Conformance: contacts listed, searched, read, changed and deleted. */

import { describe, expect, test } from 'vitest';
import type { ContactStore } from '../../contact-store.ts';
import { foldAddress } from '../../email-key.ts';
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

async function pages(store: ContactStore, owner: string, limit: number, query?: string): Promise<string[][]> {
  const all: string[][] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await store.listContacts({ owner, limit, query, cursor });
    all.push(items.map((contact) => contact.email));
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** Which of the cells, each in a rejected row of its own, are left once the contact with the address is deleted. */
async function leftOnDelete(store: ContactStore, email: string, cells: readonly string[]): Promise<string[]> {
  const run = newImport();
  await applyRows(store, run, 0, validRow(0, email));
  const rejected = cells.map((cell, row) => rejectedRow(row + 1, [cell]));
  await store.applyChunk(chunkOf(run, 1, [], rejected));
  const { id } = await contactOf(store, run.owner, email);
  expect(await store.deleteContact(run.owner, id)).toBe(true);
  return (await allRejectedRows(store, run.importId)).flatMap((row) => row.cells);
}

export function contactsSuite({ database, store }: Subject): void {
  describe('contacts', () => {
    test('are listed by address, page by page, each once', async () => {
      const run = newImport();
      const emails = Array.from(
        { length: 25 },
        (_, number) => `n${String(number).padStart(2, '0')}@example.org`,
      );
      await applyRows(store(), run, 0, ...emails.toReversed().map((email, row) => validRow(row, email)));
      expect((await pages(store(), run.owner, 10)).map((page) => page.length)).toEqual([10, 10, 5]);
      expect((await pages(store(), run.owner, 10)).flat()).toEqual(emails);
      expect((await pages(store(), run.owner, 25)).map((page) => page.length)).toEqual([25]);
      expect((await pages(store(), run.owner, 4, 'N1')).flat()).toEqual(emails.slice(10, 20));
    });

    test.each(['', 'nonsense', 'bnVsbA', Buffer.from('{"email":7}').toString('base64url')])(
      'refuse the cursor %j',
      async (cursor) => {
        await expect(store().listContacts({ owner: newId(), limit: 10, cursor })).rejects.toMatchObject({
          name: 'ContactStoreError',
          code: 'cursor_invalid',
          retriable: false,
        });
      },
    );

    test('are changed by the fields given, an attribute set to null is removed', async () => {
      const run = newImport();
      const fields = { firstName: 'Anna', company: 'Old', 'attributes.notes': 'n', 'attributes.plan': 'p' };
      await applyRows(store(), run, 0, validRow(0, 'a@example.org', fields));
      const before = await contactOf(store(), run.owner, 'a@example.org');
      const patch = { company: '', attributes: { notes: null, plan: 'pro' } };
      const changed = await store().patchContact(run.owner, before.id, patch);
      expect(changed).toEqual({
        ...before,
        ...{
          company: '',
          attributes: { plan: 'pro' },
          version: 2,
          changedAt: expect.any(String),
          changedByImport: null,
        },
      });
      expect(await store().getContact(run.owner, before.id)).toEqual(changed);
      expect(before.changedByImport).toBe(run.importId);
      const stale = store().patchContact(run.owner, before.id, { company: 'Stale' }, 1);
      await expect(stale).rejects.toMatchObject({ code: 'contact_changed', retriable: false });
      expect(await store().patchContact(run.owner, before.id, { company: 'New' }, 2)).toMatchObject({
        company: 'New',
        version: 3,
      });
    });

    test('of another owner, unknown ones and malformed ids do not exist', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, 'a@example.org', { firstName: 'Anna' }));
      const { id } = await contactOf(store(), run.owner, 'a@example.org');
      for (const [owner, tried] of [
        [newId(), id],
        [run.owner, newId()],
        [run.owner, "1' OR 1=1"],
      ] as const) {
        expect(await store().getContact(owner, tried)).toBeNull();
        expect(await store().patchContact(owner, tried, { firstName: 'X' })).toBeNull();
        expect(await store().deleteContact(owner, tried)).toBe(false);
      }
      expect(await store().getContact(run.owner, id)).toMatchObject({ firstName: 'Anna', version: 1 });
    });

    // The rows were looked for in the forms that the contact has itself: a row that mixes them outlived the contact.
    test('take with them rejected rows that spell their address otherwise', async () => {
      const email = 'jörgi@müller.example';
      const spellings = [
        'Jo\u0308rgi@müller.example',
        'jörgi@mu\u0308ller.example',
        'JÖRGİ@MÜLLER.EXAMPLE',
        'Jo\u0308rgi@XN--MLLER-KVA.example',
        'ｊörgi＠ｍüller.example',
        `${'x '.repeat(2_040)}jörgi@müller.example ${'y'.repeat(5_000)}`,
      ].map((spelling) => `${spelling} `);
      const others = ['jörg@müller.example', `${'x'.repeat(4_095)}.jörgi@müller.example`];
      expect(await leftOnDelete(store(), email, [...spellings, ...others])).toEqual(others);
    });

    test('take with them rejected rows whatever signs the address has', async () => {
      const email = "a!#$%&'*+-/=?^_`{|}~b.[c]@example.org";
      const wide = email.replaceAll(/./g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
      const other = email.replace('^', '');
      expect(await leftOnDelete(store(), email, [email, email.toUpperCase(), wide, other])).toEqual([other]);
    });

    // The rows were looked for in ASCII and its full-width forms only.
    test('take with them rejected rows in any letters that stand for those of the address', async () => {
      const email = '0123456789abcdefghijklmnopqrstuvwxyz@fiffst.example';
      const letters = Array.from({ length: 0x10ff80 }, (_, index) => String.fromCodePoint(index + 0x80));
      const spellings = letters.flatMap((letter) => {
        const folded = foldAddress(letter);
        return /[\x21-\x7e]/.test(folded) && email.includes(folded) ? [email.replace(folded, letter)] : [];
      });
      const other = email.replace('fi', '\ufb01').concat('s');
      expect(await leftOnDelete(store(), email, [...spellings, other])).toEqual([other]);
    });

    test('take with them every copy of what they held when they are deleted', async () => {
      const run = newImport();
      const email = 'o_neil.ü@example.org';
      const other = 'other.o_neil.ü@example.org';
      await applyRows(store(), run, 0, validRow(0, email, { firstName: 'Canary' }), validRow(1, other));
      const second = newImport(run.owner);
      const rejected = [
        rejectedRow(1, ['x', `  O_Neil.Ü@Example.org `]),
        rejectedRow(2, [`"Neil"\n<${email}>`]),
        rejectedRow(3, [other]),
        rejectedRow(4, [`${email}.uk`]),
      ];
      await store().applyChunk(chunkOf(second, 0, [validRow(0, email, { firstName: 'New' })], rejected));
      const foreign = newImport();
      await store().applyChunk(chunkOf(foreign, 0, [], [rejectedRow(0, [email])]));
      const { id } = await contactOf(store(), run.owner, email);
      expect(await store().deleteContact(run.owner, id)).toBe(true);
      expect(await store().getContact(run.owner, id)).toBeNull();
      expect((await allRejectedRows(store(), second.importId)).map(({ row }) => row)).toEqual([3, 4]);
      expect(await allRejectedRows(store(), foreign.importId)).toHaveLength(1);
      const left = await database().query<{ count: number }>(
        'SELECT count(*)::int AS count FROM contact_changes WHERE contact_id = $1',
        [id],
      );
      expect(left.rows).toEqual([{ count: 0 }]);
    });
  });
}
