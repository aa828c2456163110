/** Conformance: one chunk, one transaction; gates, replays, and other writers in between. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Database, Parameter, Queryable } from '../../databases/database.ts';
import { createContactStore } from '../../open-contact-store.ts';
import type { Subject } from '../subject.ts';
import {
  applyRows,
  chunkOf,
  contactOf,
  contactsOf,
  delta,
  newImport,
  sumRows,
  validRow,
} from '../test/test-imports.ts';

const anna = 'anna@example.org';

/** A database that also measures each result as JSON. */
function watching(database: Database, note: (length: number) => void): Database {
  const watched = (connection: Queryable): Queryable => ({
    async query<Row>(text: string, parameters?: readonly Parameter[]) {
      const result = await connection.query<Row>(text, parameters);
      note(JSON.stringify(result.rows).length);
      return result;
    },
  });
  return {
    ...watched(database),
    transaction: (work) => database.transaction((connection) => work(watched(connection))),
    close: async () => {},
  };
}

export function chunkSuite({ database, store }: Subject): void {
  describe('a chunk', () => {
    test('is refused when it does not hold the rows that it claims', async () => {
      const run = newImport();
      const chunk = { ...chunkOf(run, 0, [validRow(0, anna)]), rows: 2 };
      await expect(store().applyChunk(chunk)).rejects.toThrow(RangeError);
      expect(await store().importLayout(run.importId)).toBeNull();
    });

    test('leaves nothing behind when one of its rows cannot be stored', async () => {
      const run = newImport();
      const broken = [
        validRow(0, anna, { firstName: 'Anna' }),
        validRow(1, 'b@example.org', { firstName: '\0' }),
      ];
      await expect(applyRows(store(), run, 0, ...broken)).rejects.toThrow();
      expect(await contactsOf(store(), run.owner)).toEqual(new Map());
      expect((await store().ledgerTotals(run.importId, run.uploadId)).chunks).toBe(0);
      const again = await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      expect(again).toEqual({
        delta: delta({ created: 1 }),
        replayed: false,
        closed: false,
        hasEnded: false,
      });
    });

    test('raises the version of what it changes, and of nothing else', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      await applyRows(store(), newImport(run.owner), 0, validRow(0, anna, { firstName: 'Anna' }));
      expect((await contactOf(store(), run.owner, anna)).version).toBe(1);
      await applyRows(store(), newImport(run.owner), 0, validRow(0, anna, { phone: '+4930123456' }));
      expect((await contactOf(store(), run.owner, anna)).version).toBe(2);
    });

    // A file of a few kilobytes once made the importer read gigabytes, and fail, again and again.
    test('never reads large contacts all together, nor what an import has kept of them', async () => {
      let most = 0;
      const watched = createContactStore(
        watching(database(), (length) => {
          most = Math.max(most, length);
        }),
      );
      const { owner } = newImport();
      const large = [`${'x'.repeat(100_000)}`, randomBytes(75_000).toString('base64')];
      const emails = Array.from(
        { length: 120 },
        (_, index) => `p${String(index).padStart(3, '0')}@example.org`,
      );
      const rowsWith = (notes: (index: number) => string, from = 0) =>
        emails.map((email, index) => validRow(from + index, email, { 'attributes.notes': notes(index) }));
      const first = await applyRows(
        watched,
        newImport(owner),
        0,
        ...rowsWith((index) => large[index % 3] ?? 'small'),
      );
      expect(first.delta).toEqual(delta({ created: 120 }));
      const run = newImport(owner);
      const created = validRow(999, 'new@example.org', { firstName: 'New' });
      const second = await applyRows(watched, run, 1, ...rowsWith(() => 'changed', 200), created);
      expect(second.delta).toEqual(delta({ updated: 120, created: 1 }));
      const lower = await applyRows(watched, run, 0, ...rowsWith(() => 'too low'));
      expect(lower.delta).toEqual(delta({ duplicate: 120 }));
      const back = await applyRows(watched, run, 2, ...rowsWith((index) => large[index % 3] ?? 'small', 400));
      expect(back.delta).toEqual(delta({ updated: -120, unchanged: 120, duplicate: 120 }));
      expect(most).toBeGreaterThan(1_000_000);
      expect(most).toBeLessThan(3_000_000);
    });

    test('keeps owners apart', async () => {
      const [one, other] = [newImport(), newImport()];
      await applyRows(store(), one, 0, validRow(0, anna, { firstName: 'One' }));
      const { delta: second } = await applyRows(store(), other, 0, validRow(0, anna, { firstName: 'Other' }));
      expect(second).toEqual(delta({ created: 1 }));
      expect((await contactOf(store(), one.owner, anna)).firstName).toBe('One');
    });
  });

  describe('someone else writes between two chunks', () => {
    test('what they left is compared with, and their field stays unless a higher row speaks', async () => {
      const run = newImport();
      await applyRows(store(), run, 1, validRow(10, anna, { firstName: 'Anna' }));
      const { id } = await contactOf(store(), run.owner, anna);
      await store().patchContact(run.owner, id, { firstName: 'Edited', lastName: 'Edited' });
      const lower = await applyRows(store(), run, 0, validRow(5, anna, { firstName: 'No', lastName: 'Yes' }));
      expect(lower.delta).toEqual(delta({ created: -1, updated: 1, duplicate: 1 }));
      expect(await contactOf(store(), run.owner, anna)).toMatchObject({
        firstName: 'Edited',
        lastName: 'Yes',
        version: 3,
      });
      const back = await applyRows(store(), run, 2, validRow(20, anna, { lastName: 'Edited' }));
      expect(back.delta).toEqual(delta({ updated: -1, unchanged: 1, duplicate: 1 }));
    });

    test('another import as well, and the first one remembers what its row said', async () => {
      const run = newImport();
      await applyRows(store(), run, 1, validRow(10, anna, { firstName: 'Anna' }));
      await applyRows(
        store(),
        newImport(run.owner),
        0,
        validRow(0, anna, { firstName: 'Other', company: 'Other' }),
      );
      const late = await applyRows(store(), run, 0, validRow(5, anna, { firstName: 'No', company: 'Mine' }));
      expect(late.delta).toEqual(delta({ created: -1, updated: 1, duplicate: 1 }));
      expect(await contactOf(store(), run.owner, anna)).toMatchObject({
        firstName: 'Other',
        company: 'Mine',
      });
    });

    test('a contact that was deleted is created anew', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna', company: 'Gone' }));
      const { id } = await contactOf(store(), run.owner, anna);
      expect(await store().deleteContact(run.owner, id)).toBe(true);
      const rows = [validRow(1, anna, { firstName: 'New' }), validRow(2, anna)];
      const { delta: again } = await applyRows(store(), run, 1, ...rows);
      expect(again).toEqual(delta({ created: 1, duplicate: 1 }));
      expect(sumRows(again)).toBe(2);
      expect(await contactsOf(store(), run.owner)).toEqual(new Map([[anna, { firstName: 'New' }]]));
    });

    test('edits at the same time as chunks lose nothing', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      const { id } = await contactOf(store(), run.owner, anna);
      await Promise.all([
        ...Array.from({ length: 5 }, (_, index) =>
          applyRows(
            store(),
            run,
            index + 1,
            validRow(index + 1, anna, { [`attributes.row${index}`]: 'said' }),
          ),
        ),
        ...Array.from({ length: 5 }, (_, index) =>
          store().patchContact(run.owner, id, { attributes: { [`edit${index}`]: 'said' } }),
        ),
      ]);
      const contact = await contactOf(store(), run.owner, anna);
      expect(Object.keys(contact.attributes)).toHaveLength(10);
      expect(contact.version).toBe(11);
    });
  });
}
