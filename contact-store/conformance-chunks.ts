/** Conformance: one chunk, one transaction; gates, replays, and other writers in between. */
import { describe, expect, test } from 'vitest';
import type { Subject } from './conformance.ts';
import {
  allRejectedRows,
  applyRows,
  chunkOf,
  contactOf,
  contactsOf,
  delta,
  newImport,
  rejectedRow,
  sumRows,
  validRow,
} from './conformance-kit.ts';

const anna = 'anna@example.org';

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
      expect(again).toEqual({ delta: delta({ created: 1 }), replayed: false });
    });

    test('is cancelled, all of it, when the gate of its import is closed', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      await database().query(`UPDATE import_gates SET state = 'closed' WHERE import_id = $1`, [run.importId]);
      const late = chunkOf(run, 1, [validRow(1, anna, { firstName: 'Late' })], [rejectedRow(2, ['?'])]);
      expect(await store().applyChunk(late)).toEqual({ delta: delta({ cancelled: 2 }), replayed: false });
      expect(await store().applyChunk(late)).toEqual({ delta: delta({ cancelled: 2 }), replayed: true });
      expect(await contactsOf(store(), run.owner)).toEqual(new Map([[anna, { firstName: 'Anna' }]]));
      expect(await allRejectedRows(store(), run.importId)).toEqual([]);
      expect(await store().ledgerTotals(run.importId, run.uploadId)).toEqual({
        chunks: 2,
        rows: 3,
        delta: delta({ created: 1, cancelled: 2 }),
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
