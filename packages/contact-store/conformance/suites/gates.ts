/** Conformance: the gate of an import, by upload: closed ones, chunks that nobody parses, and further uploads. */
import { describe, expect, test } from 'vitest';
import type { AppliedChunk, UnparsedChunk } from '../../chunk-to-apply.ts';
import type { Database, Parameter } from '../../databases/database.ts';
import { createContactStore } from '../../open-contact-store.ts';
import type { Subject } from '../subject.ts';
import {
  allRejectedRows,
  applyRows,
  chunkOf,
  contactOf,
  contactsOf,
  delta,
  newId,
  newImport,
  rejectedRow,
  sumOf,
  type TestImport,
  validRow,
} from '../test/test-imports.ts';
import { foldedOf } from '../test/test-projections.ts';
import { undoWhole } from '../test/test-undo.ts';

const anna = 'anna@example.org';
const ben = 'ben@example.org';

/** The chunk as an importer names it that has not parsed it. */
function unparsed(run: TestImport, chunk: number, rows: number) {
  return { ...run, chunk, firstLine: 2 + chunk * 1000, rows };
}

function cancelled(rows: number, replayed = false): AppliedChunk {
  return { delta: delta({ cancelled: rows }), replayed, closed: true, hasEnded: false };
}

/** The same import, uploaded once more. */
function nextUpload(run: TestImport): TestImport {
  return { ...run, uploadId: newId() };
}

/** The same database, which notes how many rows each transaction deletes of a table, and breaks off after some transactions. */
function breakingOff(database: Database, table: string, after: number) {
  const deleted: number[] = [];
  let transactions = 0;
  const transaction: Database['transaction'] = (work) => {
    transactions += 1;
    if (transactions > after) return Promise.reject(new Error('killed'));
    return database.transaction((connection) =>
      work({
        query: async <Row>(text: string, parameters: readonly Parameter[] = []) => {
          const result = await connection.query<Row>(text, parameters);
          if (text.startsWith(`DELETE FROM ${table} `)) deleted.push(result.affected);
          return result;
        },
      }),
    );
  };
  const query: Database['query'] = (text, parameters) => database.query(text, parameters);
  return { deleted, store: createContactStore({ query, transaction, close: async () => undefined }) };
}

export function gatesSuite({ store, database }: Subject): void {
  const cancelOne = async (chunk: UnparsedChunk) => (await store().cancelChunks([chunk]))?.[0] ?? null;

  describe('a closed gate', () => {
    test('counts all rows of a later chunk as cancelled, parsed or not, and keeps what was written', async () => {
      const run = newImport();
      expect(await store().isClosed(run)).toBe(false);
      const first = await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      expect([first.closed, await store().isClosed(run)]).toEqual([false, false]);
      await store().closeGate(run);
      expect(await store().isClosed(run)).toBe(true);
      const late = chunkOf(run, 1, [validRow(1, anna, { firstName: 'Late' })], [rejectedRow(2, ['?'])]);
      expect(await store().applyChunk(late)).toEqual(cancelled(2));
      expect(await store().applyChunk(late)).toEqual(cancelled(2, true));
      expect(await cancelOne(unparsed(run, 1, 2))).toEqual(cancelled(2, true));
      expect(await cancelOne(unparsed(run, 2, 500))).toEqual(cancelled(500));
      expect(await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }))).toEqual({
        delta: delta({ created: 1 }),
        replayed: true,
        closed: true,
        hasEnded: false,
      });
      expect(await contactsOf(store(), run.owner)).toEqual(new Map([[anna, { firstName: 'Anna' }]]));
      expect(await allRejectedRows(store(), run.importId)).toEqual([]);
      expect(await store().ledgerTotals(run.importId, run.uploadId)).toEqual({
        chunks: 3,
        rows: 503,
        delta: delta({ created: 1, cancelled: 502 }),
      });
      const { importId, uploadId } = run;
      expect(await store().ledgerChunks({ importId, uploadId, from: 1, below: 3 })).toEqual([
        { chunk: 1, firstLine: late.firstLine, rows: 2, delta: delta({ cancelled: 2 }) },
        { chunk: 2, firstLine: 2002, rows: 500, delta: delta({ cancelled: 500 }) },
      ]);
      expect(await store().ledgerChunks({ importId, uploadId, from: 0, below: 1 })).toMatchObject([
        { chunk: 0, rows: 1, delta: delta({ created: 1 }) },
      ]);
    });

    // A transaction for each chunk was most of what a cancelled import of a million rows waited for.
    test('counts many chunks at once: each once, whatever was known of them and however often they are named', async () => {
      const run = newImport();
      await applyRows(store(), run, 1, validRow(1, anna));
      expect(await store().cancelChunks([unparsed(run, 1, 1), unparsed(run, 2, 5)])).toBeNull();
      await store().closeGate(run);
      const named = [4, 1, 2, 4, 3].map((chunk) => unparsed(run, chunk, chunk === 1 ? 1 : 5));
      const [both, other] = await Promise.all([
        store().cancelChunks(named),
        store().cancelChunks(named.toReversed()),
      ]);
      const created = delta({ created: 1 });
      for (const answers of [both, other?.toReversed()])
        expect(answers?.map((answer) => answer.delta)).toEqual(
          [4, 1, 2, 4, 3].map((chunk) => (chunk === 1 ? created : delta({ cancelled: 5 }))),
        );
      expect([...(both ?? []), ...(other ?? [])].filter(({ replayed }) => !replayed).length).toBe(3);
      expect(await store().cancelChunks(named)).toMatchObject(
        named.map(() => ({ replayed: true, closed: true })),
      );
      expect(await store().cancelChunks([])).toEqual([]);
      expect(await store().ledgerTotals(run.importId, run.uploadId)).toEqual({
        chunks: 4,
        rows: 16,
        delta: delta({ created: 1, cancelled: 15 }),
      });
    });

    test('lets no chunk in that comes after it, also where none came before, and where it is closed twice', async () => {
      const run = newImport();
      await Promise.all([store().closeGate(run), store().closeGate(run)]);
      expect(await applyRows(store(), run, 0, validRow(0, anna))).toEqual(cancelled(1));
      expect(await contactsOf(store(), run.owner)).toEqual(new Map());
      expect(await store().importLayout(run.importId)).toBeNull();
    });

    test('stands behind the chunks in hand: what they answer is written, and nothing else is', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna));
      const chunks = Array.from({ length: 12 }, (_, index) =>
        applyRows(store(), run, index + 1, validRow(index + 1, `p${index}@example.org`)),
      );
      const closing = store().closeGate(run);
      const answers = await Promise.all(chunks);
      await closing;
      const totals = sumOf(answers.map((answer) => answer.delta));
      expect(totals.created + totals.cancelled).toBe(12);
      expect((await contactsOf(store(), run.owner)).size).toBe(1 + totals.created);
      expect(answers.every(({ closed, delta: counted }) => closed === (counted.cancelled === 1))).toBe(true);
    });

    test('is asked for nothing by an open import', async () => {
      const run = newImport();
      expect(await cancelOne(unparsed(run, 0, 1))).toBeNull();
      await applyRows(store(), run, 0, validRow(0, anna));
      expect(await cancelOne(unparsed(run, 1, 1))).toBeNull();
      expect(await cancelOne(unparsed(nextUpload(run), 0, 1))).toBeNull();
      expect((await store().ledgerTotals(run.importId, run.uploadId)).chunks).toBe(1);
    });
  });

  describe('a further upload of an import', () => {
    test('takes the gate over, open or closed, and shuts the older upload out', async () => {
      const first = newImport();
      await applyRows(store(), first, 0, validRow(0, anna));
      await store().closeGate(first);
      const second = nextUpload(first);
      expect((await applyRows(store(), second, 0, validRow(0, ben))).delta).toEqual(delta({ created: 1 }));
      expect([await store().isClosed(first), await store().isClosed(second)]).toEqual([true, false]);
      expect(await applyRows(store(), first, 1, validRow(1, 'c@example.org'))).toEqual(cancelled(1));
      expect(await cancelOne(unparsed(first, 2, 7))).toEqual(cancelled(7));
      // What is asked for the older upload closes nothing of the newer one.
      await store().closeGate(first);
      expect((await applyRows(store(), second, 1, validRow(1, 'd@example.org'))).closed).toBe(false);
      await store().closeGate(nextUpload(first));
      expect(await applyRows(store(), second, 2, validRow(2, 'e@example.org'))).toEqual(cancelled(1));
    });

    test('whose chunks come at the same time counts each once', async () => {
      const first = newImport();
      await applyRows(store(), first, 0, validRow(0, anna));
      const second = nextUpload(first);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          applyRows(store(), second, index % 4, validRow(index % 4, `p${index % 4}@example.org`)),
        ),
      );
      expect(answers.filter(({ replayed }) => !replayed).map((answer) => answer.delta)).toEqual(
        Array.from({ length: 4 }, () => delta({ created: 1 })),
      );
    });

    // Otherwise all rows that the broken attempt had brought in were duplicates of the second.
    test('counts as if it were the only one: what the first one left is the import’s own work', async () => {
      const owner = newId();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }));
      const rows = [
        validRow(0, anna, { firstName: 'Anna' }),
        validRow(1, ben, { company: 'New' }),
        validRow(2, anna, { firstName: 'Annabel' }),
      ];
      const [plain, lower, higher] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
      const first = newImport(owner);
      await applyRows(store(), first, 0, plain, lower);
      const second = nextUpload(first);
      const answers = [
        await applyRows(store(), second, 1, higher),
        await applyRows(store(), second, 0, plain, lower),
      ];
      expect(sumOf(answers.map((answer) => answer.delta))).toEqual(
        delta({ created: 1, updated: 1, duplicate: 1 }),
      );
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          [anna, { firstName: 'Annabel' }],
          [ben, { company: 'New' }],
        ]),
      );
      expect((await contactOf(store(), owner, ben)).version).toBe(2);
    });

    test('has the rejected rows of its own file alone', async () => {
      const first = newImport();
      await store().applyChunk(chunkOf(first, 0, [], [rejectedRow(0, ['a']), rejectedRow(1, ['b'])]));
      const second = nextUpload(first);
      await store().applyChunk(chunkOf(second, 0, [validRow(0, anna)], [rejectedRow(1, ['c'])]));
      expect(
        (await allRejectedRows(store(), first.importId)).map(({ row, cells }) => [row, ...cells]),
      ).toEqual([[1, 'c']]);
    });

    // One statement deleted all rejected rows, and with a million of them took longer than a statement may.
    test('takes the rejected rows of the former one away in bounded transactions, and goes on after a kill', async () => {
      const first = newImport();
      await applyRows(store(), first, 0, validRow(0, anna));
      await database().query(
        `INSERT INTO row_errors (import_id, row, line, code, reason, cells)
         SELECT $1, row, row + 2, 'email_invalid', '', '[]' FROM generate_series(0, 4999) AS row`,
        [first.importId],
      );
      const second = chunkOf(nextUpload(first), 0, [validRow(0, anna)], [rejectedRow(1, ['c'])]);
      const killed = breakingOff(database(), 'row_errors', 3);
      await expect(killed.store.applyChunk(second)).rejects.toThrow('killed');
      expect(killed.deleted).toEqual([2_000, 2_000]);
      const next = breakingOff(database(), 'row_errors', 10);
      expect((await next.store.applyChunk(second)).delta).toEqual(delta({ created: 1, rejected: 1 }));
      expect(next.deleted).toEqual([1_000]);
      expect((await allRejectedRows(store(), first.importId)).map(({ cells }) => cells)).toEqual([['c']]);
    });

    test('learns that its import has ended before, once that is projected', async () => {
      const run = newImport();
      const failed = {
        status: 'completed_with_errors',
        chunks: { total: 2, completed: 1, failed: 1 },
      } as const;
      const first = () => applyRows(store(), run, 0, validRow(0, anna));
      const second = () => applyRows(store(), run, 1, validRow(1, ben));
      expect(await first()).toMatchObject({ replayed: false, hasEnded: false });
      await store().projectImport(foldedOf(run, failed));
      expect(await second()).toMatchObject({ delta: { created: 1 }, replayed: false, hasEnded: true });
      expect(await second()).toMatchObject({ replayed: true, hasEnded: true });
      await store().closeGate(run);
      expect(await cancelOne(unparsed(run, 2, 5))).toMatchObject({ closed: true, hasEnded: true });
    });

    test('of an import that was sealed, has ended and is kept takes nothing over, and takes nothing back', async () => {
      const first = newImport();
      await applyRows(store(), first, 0, validRow(0, anna));
      await store().projectImport(foldedOf(first, { version: 3 }));
      const late = nextUpload(first);
      expect(await applyRows(store(), late, 0, validRow(0, ben))).toEqual(cancelled(1));
      await store().closeGate(late);
      expect(await undoWhole(store(), late)).toMatchObject({ reversed: 0 });
      await store().projectImport(foldedOf(late, { version: 9, status: 'failed', upload: 'aborted' }));
      expect(await store().getImport(first.importId)).toMatchObject({
        uploadId: first.uploadId,
        state: { version: 3, status: 'completed' },
      });
      expect((await contactsOf(store(), first.owner)).size).toBe(1);
      expect(await undoWhole(store(), first)).toMatchObject({ reversed: 1 });
    });
  });
}
