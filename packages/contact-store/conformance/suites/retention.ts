/** Conformance: what the store removes after a time, and all that it keeps of an owner. */
import { describe, expect, test } from 'vitest';
import type { RemovedRows } from '../../kept-rows.ts';
import type { Subject } from '../subject.ts';
import {
  allRejectedRows,
  applyRows,
  chunkOf,
  contactOf,
  contactsOf,
  newId,
  newImport,
  rejectedRow,
  type TestImport,
  validRow,
} from '../test/test-imports.ts';
import { foldedOf } from '../test/test-projections.ts';

/** Before all other imports of the suite. */
const CUTOFF = '2000-01-01T00:00:00.000Z';
const OLD = '1999-12-31T00:00:00.000Z';

export function retentionSuite({ database, store }: Subject): void {
  /** An import that creates `a@`, updates `b@` and rejects a row. */
  async function anImport(run: TestImport): Promise<void> {
    await applyRows(store(), newImport(run.owner), 0, validRow(0, 'b@example.org', { firstName: 'Berta' }));
    const rows = [validRow(0, 'a@example.org'), validRow(1, 'b@example.org', { firstName: 'Beate' })];
    await store().applyChunk(chunkOf(run, 0, rows, [rejectedRow(2, ['x'])]));
  }

  async function detailsOf({ importId }: TestImport): Promise<number> {
    const { rows } = await database().query<{ count: number }>(
      `SELECT ((SELECT count(*) FROM contact_changes WHERE import_id = $1) +
               (SELECT count(*) FROM row_errors WHERE import_id = $1) +
               (SELECT count(*) FROM chunk_ledger WHERE import_id = $1) +
               (SELECT count(*) FROM import_gates WHERE import_id = $1))::int AS count`,
      [importId],
    );
    return rows[0]?.count ?? Number.NaN;
  }

  /** On a server as autovacuum does a moment later. */
  async function vacuum(): Promise<void> {
    await store().estimateKeptRows();
    await store().reclaimSpace();
    if (database().needsVacuum !== true)
      for (const table of ['contacts', 'contact_changes', 'row_errors', 'chunk_ledger', 'import_gates'])
        await database().query(`VACUUM ${table}`);
  }

  async function sizeOf(...tables: string[]): Promise<number> {
    const { rows } = await database().query<{ bytes: number }>(
      'SELECT sum(pg_total_relation_size(name::regclass))::int AS bytes FROM unnest($1::text[]) AS tables (name)',
      [tables],
    );
    return rows[0]?.bytes ?? Number.NaN;
  }

  async function removeAll(step: () => Promise<RemovedRows | null>): Promise<RemovedRows[]> {
    const steps: RemovedRows[] = [];
    for (;;) {
      const removed = await step();
      if (removed === null || Object.values(removed).every((count) => count === 0)) return steps;
      steps.push(removed);
    }
  }

  describe('retention', () => {
    test('removes the details of imports that ended long ago, and leaves their summaries, contacts and all others', async () => {
      const [old, recent, running] = [newImport(), newImport(), newImport()];
      for (const run of [old, recent, running]) await anImport(run);
      await store().projectImport(foldedOf(old, { acceptedAt: OLD, endedAt: OLD }));
      await store().projectImport(foldedOf(recent, { acceptedAt: OLD, endedAt: CUTOFF }));
      const before = await detailsOf(recent);
      const [removed, ...more] = await removeAll(() =>
        store().removeOldDetails({ endedBefore: CUTOFF, limit: 1_000 }),
      );
      expect(removed).toEqual({ changes: 1, rejectedRows: 1, chunks: 1, gates: 1, imports: 1, contacts: 0 });
      expect(more).toEqual([]);
      expect(await detailsOf(old)).toBe(0);
      expect([await detailsOf(recent), await detailsOf(running)]).toEqual([before, before]);
      expect((await store().getImport(old.importId))?.state.endedAt).toBe(OLD);
      expect(await allRejectedRows(store(), old.importId)).toEqual([]);
      expect((await contactsOf(store(), old.owner)).size).toBe(2);
    });

    // A later write kept the creation for an import that retention had done with, where nothing ever removed it.
    test('keeps nothing more of an import whose details were removed', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, 'a@example.org'), validRow(1, 'b@example.org'));
      await store().projectImport(foldedOf(run, { acceptedAt: OLD, endedAt: OLD }));
      await removeAll(() => store().removeOldDetails({ endedBefore: CUTOFF, limit: 1_000 }));
      const { id } = await contactOf(store(), run.owner, 'a@example.org');
      await store().patchContact(run.owner, id, { firstName: 'Anna' });
      const later = newImport(run.owner);
      await applyRows(store(), later, 0, validRow(0, 'b@example.org', { firstName: 'Berta' }));
      expect(await detailsOf(run)).toBe(0);
      expect(await detailsOf(later)).toBeGreaterThan(0);
    });

    test('removes no more rows in one transaction than it is told, and goes on', async () => {
      const runs = [newImport(), newImport()];
      for (const run of runs) {
        await anImport(run);
        await store().projectImport(foldedOf(run, { acceptedAt: OLD, endedAt: OLD }));
      }
      const steps = await removeAll(() => store().removeOldDetails({ endedBefore: CUTOFF, limit: 3 }));
      for (const { imports, ...rows } of steps)
        expect(Object.values(rows).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(3);
      expect(steps.length).toBeGreaterThan(1);
      for (const run of runs) expect(await detailsOf(run)).toBe(0);
    });

    // An embedded database never used the space of removed rows again.
    test('lets imports use the space of those that were removed', async () => {
      const owner = newId();
      const sizes: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        for (let one = 0; one < 3; one += 1) {
          const run = newImport(owner);
          const company = `${round}-${one}`;
          for (let chunk = 0; chunk < 2; chunk += 1) {
            const row = (n: number) => validRow(n, `p${n}@example.org`, { company });
            const rows = Array.from({ length: 500 }, (_, n) => row(chunk * 500 + n));
            const rejected = Array.from({ length: 200 }, (_, n) =>
              rejectedRow(10_000 + chunk * 500 + n, ['x']),
            );
            await store().applyChunk(chunkOf(run, chunk, rows, rejected));
          }
          await store().projectImport(foldedOf(run, { acceptedAt: OLD, endedAt: OLD }));
        }
        await removeAll(() => store().removeOldDetails({ endedBefore: CUTOFF, limit: 2_000 }));
        await vacuum();
        sizes.push(await sizeOf('contacts', 'contact_changes', 'row_errors', 'chunk_ledger', 'import_gates'));
      }
      const [, second = 0] = sizes;
      expect(sizes.at(-1)).toBeLessThan(1.2 * second);
    });

    test('estimates what is kept', async () => {
      const kept = await store().estimateKeptRows();
      expect(kept.contacts).toBeGreaterThan(0);
      expect(kept.gates).toBeGreaterThan(0);
    });
  });

  describe('an owner', () => {
    test('is erased step by step, and others keep everything', async () => {
      const [erased, kept] = [newImport(), newImport()];
      for (const run of [erased, kept]) {
        await anImport(run);
        await store().projectImport(foldedOf(run));
      }
      const steps = await removeAll(() => store().eraseOwner(erased.owner, 2));
      expect(steps.length).toBeGreaterThan(3);
      expect(await detailsOf(erased)).toBe(0);
      expect(await store().getImport(erased.importId)).toBeNull();
      expect((await contactsOf(store(), erased.owner)).size).toBe(0);
      const gates = await database().query('SELECT 1 FROM import_gates WHERE owner = $1', [erased.owner]);
      expect(gates.rows).toEqual([]);
      expect((await contactsOf(store(), kept.owner)).size).toBe(2);
      expect(await store().getImport(kept.importId)).not.toBeNull();
      expect(await detailsOf(kept)).toBeGreaterThan(0);
    });

    test('whose erasure has begun gets nothing from uploads that began before, and all from those after it', async () => {
      const [open, unseen] = [newImport(), newImport()];
      const { owner } = open;
      const late = { ...unseen, owner };
      await anImport(open);
      await store().barOwner(owner);
      await removeAll(() => store().eraseOwner(owner, 1_000));
      for (const run of [open, late]) {
        expect(await applyRows(store(), run, 7, validRow(7, 'c@example.org'))).toMatchObject({
          delta: { cancelled: 1, created: 0 },
          closed: true,
        });
        await store().closeGate(run);
        await store().undoPage({ ...run, undoId: newId(), run: 1, page: 0, after: null });
        await store().projectImport(foldedOf(run));
        expect(await store().getImport(run.importId)).toBeNull();
        expect(await detailsOf(run)).toBe(0);
        expect(await store().isErased(run)).toBe(true);
      }
      expect((await contactsOf(store(), owner)).size).toBe(0);
      // Its id is of the year 2069.
      const after = { ...newImport(owner), uploadId: '02d8a5e5-0000-7000-8000-000000000000' };
      expect(await store().isErased(after)).toBe(false);
      expect((await applyRows(store(), after, 0, validRow(0, 'a@example.org'))).delta.created).toBe(1);
    });

    test('is erased behind the chunks in hand, and none of them leaves anything', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, 'a@example.org'));
      const chunks = Array.from({ length: 12 }, (_, index) =>
        store().applyChunk(
          chunkOf(
            run,
            index + 1,
            [validRow(index + 1, `p${index}@example.org`)],
            [rejectedRow(100 + index, [])],
          ),
        ),
      );
      await store().barOwner(run.owner);
      await removeAll(() => store().eraseOwner(run.owner, 3));
      await Promise.all(chunks);
      await removeAll(() => store().eraseOwner(run.owner, 3));
      expect((await contactsOf(store(), run.owner)).size).toBe(0);
      expect(await detailsOf(run)).toBe(0);
    });

    test('has its changes exported by contact', async () => {
      const run = newImport();
      await anImport(run);
      const changes = [];
      for await (const batch of store().exportChanges(run.importId)) changes.push(...batch);
      expect(changes).toEqual([
        { contactId: expect.any(String), bucket: 'updated', before: { firstName: 'Berta' } },
      ]);
    });
  });
}
