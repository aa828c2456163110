/** Conformance: what the store keeps of imports: projection, header, rejected rows. */

import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../databases/database.ts';
import { createContactStore } from '../../open-contact-store.ts';
import type { Subject } from '../subject.ts';
import { allRejectedRows, chunkOf, newId, newImport, rejectedRow, validRow } from '../test/test-imports.ts';
import { foldedOf } from '../test/test-projections.ts';

/** A node of a plan that has run. */
interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that the plan has read of tables. */
function rowsRead(node: PlanNode): number {
  const own = node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0);
  const below = (node.Plans ?? []).reduce((sum, plan) => sum + rowsRead(plan), 0);
  return (node['Relation Name'] === undefined ? 0 : own) + below;
}

export function importsSuite({ database, store }: Subject): void {
  describe('imports', () => {
    test('are kept in their newest version, whatever comes after it', async () => {
      const run = newImport();
      const { importId, owner } = run;
      expect(await store().getImport(importId)).toBeNull();
      const newest = foldedOf(run, { version: 5_000_000_000, status: 'completed_with_errors' });
      await store().projectImport(foldedOf(run, { version: 3 }));
      await store().projectImport(newest);
      await store().projectImport(foldedOf(run, { version: 4 }));
      expect(await store().getImport(importId)).toEqual(newest);
      expect(await store().listImports({ owner, limit: 10 })).toEqual([{ owner, state: newest.state }]);
      expect(await store().listImports({ owner, statuses: ['completed'], limit: 10 })).toEqual([]);
    });

    test('keep whether what is left of their rejected rows is to be mended, as long as they keep anything of their rows', async () => {
      const [ignored, other, unknown] = [newImport(), newImport(), newImport()];
      for (const run of [ignored, other])
        await store().applyChunk(chunkOf(run, 0, [], [rejectedRow(0, ['no address'])]));
      const ids = [ignored, other, unknown].map(({ importId }) => importId);
      const rests = async () =>
        Object.fromEntries((await store().restsOf([...ids, 'no id'])).map((rest) => [rest.importId, rest]));
      const restOf = (importId: string, isIgnored: boolean, changes: number) => ({
        [importId]: { importId, isIgnored, changes },
      });
      const untouched = restOf(other.importId, false, 0);
      expect(await rests()).toEqual({ ...untouched, ...restOf(ignored.importId, false, 0) });
      expect(await store().ignoreRest(ignored.importId, true)).toEqual({ changes: 1, isTold: false });
      expect(await store().ignoreRest(unknown.importId, true)).toBeNull();
      expect(await store().ignoreRest('no id', true)).toBeNull();
      expect(await rests()).toEqual({ ...untouched, ...restOf(ignored.importId, true, 1) });
      // A version of it that is projected later changes nothing about it.
      await store().projectImport(foldedOf(ignored, { version: 9 }));
      expect(await rests()).toEqual({ ...untouched, ...restOf(ignored.importId, true, 1) });
      expect(await store().ignoreRest(ignored.importId, false)).toEqual({ changes: 2, isTold: false });
      expect(await rests()).toEqual({ ...untouched, ...restOf(ignored.importId, false, 2) });
    });

    test('count the changes of that alone, and know which of them everybody has been told of', async () => {
      const { importId, ...run } = newImport();
      await store().applyChunk(chunkOf({ importId, ...run }, 0, [], [rejectedRow(0, ['no address'])]));
      expect(await store().ignoreRest(importId, false), 'as it is').toEqual({ changes: 0, isTold: true });
      const ignore = () => store().ignoreRest(importId, true);
      expect(await ignore()).toEqual({ changes: 1, isTold: false });
      expect(await ignore(), 'nobody was told').toEqual({ changes: 1, isTold: false });
      await store().noteRestTold(importId, 1);
      expect(await ignore()).toEqual({ changes: 1, isTold: true });
      expect(await store().ignoreRest(importId, false)).toEqual({ changes: 2, isTold: false });
      await store().noteRestTold(importId, 2);
      await store().noteRestTold(importId, 1);
      expect(await store().ignoreRest(importId, false)).toEqual({ changes: 2, isTold: true });
    });

    // What somebody had said of the rows of an upload that broke off went on for those of the next one, which nobody had seen.
    test('say of the rows of a further upload that they are to be mended, whatever was said of those before', async () => {
      const byChunk = newImport();
      const byGate = newImport();
      for (const run of [byChunk, byGate]) {
        await store().applyChunk(chunkOf(run, 0, [], [rejectedRow(0, ['no address'])]));
        await store().ignoreRest(run.importId, true);
        await store().noteRestTold(run.importId, 1);
      }
      const next = { ...byChunk, uploadId: newId() };
      await store().applyChunk(chunkOf(next, 0, [], [rejectedRow(0, ['another address'])]));
      await store().closeGate({ ...byGate, uploadId: newId() });
      const shown = { isIgnored: false, changes: 2 };
      for (const { importId } of [byChunk, byGate])
        expect(await store().restsOf([importId])).toEqual([{ importId, ...shown }]);
      await store().applyChunk(chunkOf(next, 1, [], [rejectedRow(1, ['no address'])]));
      expect(await store().restsOf([byChunk.importId])).toMatchObject([shown]);
      expect(await store().ignoreRest(byChunk.importId, true)).toEqual({ changes: 3, isTold: false });
    });

    // 100 of each were read whole, states and bitmaps, so that what more had mended counted as not mended, and one state that could not be read hid the import.
    test('know all that mend them, and all that mend those, with what says how much, also where a state cannot be read', async () => {
      const first = newImport();
      const endedAt = '2026-01-02T00:00:00.000Z';
      const undo = { reversed: 1, kept: 0, failed: 0, endedAt };
      const mender = (mends: string, changes: Parameters<typeof foldedOf>[1] = {}) => {
        const rows = { ...noRows(), total: 1, created: 1 };
        return foldedOf(newImport(first.owner), { mends, rows, ...changes });
      };
      const acceptedAt = '2026-01-03T00:00:00.120Z';
      const direct = mender(first.importId, { undo, dryRun: true, acceptedAt });
      const further = mender(direct.state.importId);
      const odd = mender(first.importId, { acceptedAt: '2026-01-04T00:00:00.000Z' });
      for (const one of [direct, further, odd, mender(newId())]) await store().projectImport(one);
      await database().query(`UPDATE imports SET folded = '{"state":{"rows":7}}' WHERE import_id = $1`, [
        odd.state.importId,
      ]);
      const listed = ({ state: { importId, mends, rows, dryRun, ...state } }: typeof direct) => ({
        ...{ importId, mends, rows, dryRun, undo: state.undo, acceptedAt: state.acceptedAt },
      });
      const unread = { ...listed(odd), rows: { ...noRows(), total: null } };
      const known = await store().listMenders([first.importId, 'no id', newId()]);
      expect(known).toEqual([unread, listed(direct), listed(further)]);
      for (let count = 0; count < 101; count += 1)
        await store().projectImport(mender(further.state.importId));
      expect(await store().listMenders([first.importId])).toHaveLength(104);
      // Each of two mends the other, which nobody can ask for.
      const [one, other] = [mender(newId()), mender(newId())];
      for (const [mends, { state, ...folded }] of [
        [other.state.importId, one],
        [one.state.importId, other],
      ] as const)
        await store().projectImport({ ...folded, state: { ...state, mends } });
      expect(await store().listMenders([one.state.importId])).toHaveLength(2);
    });

    // The last batch was followed by one more look at all rejected rows of the import, which found nothing.
    test('name the imports that mended rows were handed to, in batches, by no statement more than it takes', async () => {
      let asked = 0;
      const query: Database['query'] = (text, parameters) => {
        asked += 1;
        return database().query(text, parameters);
      };
      const counting = { ...database(), query };
      const run = newImport();
      const rows = Array.from({ length: 101 }, (_, row) => rejectedRow(row, ['no address']));
      await store().applyChunk(chunkOf(run, 0, [], rows));
      const ids = rows.map(() => newId()).sort();
      for (const [row, by] of ids.entries()) {
        const cells = { own: ['mended'], extra: '' };
        await store().mendRejected(run.importId, [{ row, cells, before: null }]);
        await store().handMended(run.importId, by);
      }
      const found: string[][] = [];
      for await (const menders of createContactStore(counting).mendersOf(run.importId)) found.push(menders);
      expect(found).toEqual([ids.slice(0, 100), ids.slice(100)]);
      expect(asked).toBe(2);
    });

    // An older release kept the state alone: without the rest, a later undo or retry had nothing to go on from.
    test('of which an earlier release kept the state alone are read as imports of which every chunk has reported', async () => {
      const run = newImport();
      await store().applyChunk(chunkOf(run, 0, [validRow(0, 'a@example.org')]));
      const rows = { ...noRows(), total: 12, created: 11, rejected: 1 };
      const chunks = { total: 11, completed: 11, failed: 0 };
      const { state } = foldedOf(run, { rows, chunks });
      await database().query(
        `INSERT INTO imports (import_id, owner, status, accepted_at, ended_at, version, folded)
         VALUES ($1, $2, $3, now(), now(), 1, $4::json)`,
        [run.importId, run.owner, state.status, JSON.stringify({ ...state, undo: null, waitingFor: null })],
      );
      expect(await store().getImport(run.importId)).toMatchObject({
        owner: run.owner,
        uploadId: run.uploadId,
        cause: { correlationId: run.importId },
        state,
        totals: { ...noRows(), created: 11, rejected: 1 },
        reportedChunks: Buffer.from([0xff, 0x07]).toString('base64'),
        expectedChunks: Buffer.from([0xff, 0x07]).toString('base64'),
      });
      expect(await store().listImports({ owner: run.owner, limit: 10 })).toMatchObject([{ state }]);
    });

    test('are listed newest accepted first, page by page, by owner and status', async () => {
      const owner = newId();
      const ids = Array.from({ length: 6 }, () => newId()).sort();
      for (const [index, importId] of ids.entries()) {
        const acceptedAt = `2026-01-0${1 + Math.floor(index / 2)}T00:00:00.123Z`;
        const status = index % 2 === 0 ? 'completed' : 'failed';
        await store().projectImport(foldedOf({ ...newImport(owner), importId }, { acceptedAt, status }));
      }
      const first = await store().listImports({ owner, limit: 3 });
      const last = first.at(-1)?.state;
      const after = { acceptedAt: last?.acceptedAt ?? '', importId: last?.importId ?? '' };
      const second = await store().listImports({ owner, limit: 10, after });
      expect([...first, ...second].map(({ state }) => state.importId)).toEqual(ids.toReversed());
      const failed = await store().listImports({ owner, statuses: ['failed', 'undone'], limit: 10 });
      expect(failed.map(({ state }) => state.importId)).toEqual([ids[5], ids[3], ids[1]]);
      expect(await store().listImports({ owner, statuses: [], limit: 10 })).toEqual([]);
      const everybody = await store().listImports({
        limit: 500,
        after: { acceptedAt: '2026-01-02T00:00:00.000Z', importId: newId() },
      });
      expect(everybody.map(({ state }) => state.importId)).toEqual(expect.arrayContaining([ids[0], ids[1]]));
    });

    // A list by status read all imports where the newest had none of it: with 500,000 of them PostgreSQL took 0.7 s, at each look of support's page.
    test('are listed by status without reading the others, however many there are', async () => {
      const owner = newId();
      await database().query(
        `INSERT INTO imports (import_id, owner, status, accepted_at, ended_at, version, folded)
         SELECT gen_random_uuid(), $1, CASE WHEN i = 1 THEN 'undone' ELSE 'completed' END, at, at, 1, '{}'
           FROM generate_series(1, 20000) AS i, LATERAL (SELECT timestamptz '2001-01-01' + i * interval '1 second' AS at) AS times`,
        [owner],
      );
      onTestFinished(
        async () => void (await database().query('DELETE FROM imports WHERE owner = $1', [owner])),
      );
      await database().query('ANALYZE imports');
      const reads: number[] = [];
      const explained = createContactStore({
        ...database(),
        async query(text, parameters) {
          const { rows } = await database().query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
            `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
            parameters,
          );
          reads.push(...rows.map((row) => rowsRead(row['QUERY PLAN'][0].Plan)));
          return { rows: [], affected: 0 };
        },
      });
      for (const query of [{ statuses: ['undone'] }, { owner, statuses: ['undone'] }] as const)
        await explained.listImports({ ...query, limit: 50 });
      expect(reads).toHaveLength(2);
      expect(Math.max(...reads)).toBeLessThan(1_000);
    });

    // One import of an earlier release, whose file name held NUL, failed every search among the newest 5,000.
    test('are found beside one whose file name no database reads as JSON', async () => {
      const owner = newId();
      const odd = newImport(owner);
      await store().projectImport(foldedOf(odd, { fileName: 'spring\0\ud83c.csv' }));
      const found = await store().listImports({ owner, text: 'SPRING', limit: 10 });
      expect(found.map(({ state }) => state.importId)).toEqual([odd.importId]);
      expect(await store().listImports({ owner, text: 'autumn', limit: 10 })).toEqual([]);
    });

    test('are found by a part of their file name or of their id, together with all that else is asked for', async () => {
      const owner = newId();
      const named = async (fileName: string, status: 'completed' | 'failed') => {
        const run = newImport(owner);
        await store().projectImport(foldedOf(run, { fileName, status }));
        return run.importId;
      };
      const spring = await named('Grüße-SPRING_50%.csv', 'completed');
      const broken = await named('spring-fair.csv', 'failed');
      await named('autumn.csv', 'completed');
      const find = async (text: string, more = {}) => {
        const found = await store().listImports({ owner, text, limit: 10, ...more });
        return found.map(({ state }) => state.importId).sort();
      };
      expect(await find('Spring')).toEqual([spring, broken].sort());
      expect(await find('spring', { statuses: ['failed'] })).toEqual([broken]);
      // Signs that a pattern of SQL would take for others.
      expect(await find('g_50%')).toEqual([spring]);
      expect(await find('GRÜSSE')).toEqual([]);
      expect(await find('GRÜßE')).toEqual([spring]);
      expect(await find(broken.slice(-12).toUpperCase())).toEqual([broken]);
      expect(await find('winter')).toEqual([]);
    });

    test('keep their layout from the first chunk on, and what the file of their rejected rows needs', async () => {
      const run = newImport();
      expect(await store().importLayout(run.importId)).toBeNull();
      await store().applyChunk(chunkOf(run, 0, [validRow(0, 'a@example.org')]));
      const rules = { columns: ['email', 'firstName'], defaultCountry: null };
      const layout = { header: ['email', 'name'], delimiter: ';', rules };
      const rejected = { surplusCells: false, recordFaults: false };
      expect(await store().importLayout(run.importId)).toEqual({ ...layout, rejected });
      await store().applyChunk(chunkOf(run, 1, [], [rejectedRow(1, ['x', 'y', 'surplus'])]));
      expect(await store().importLayout(run.importId)).toEqual({
        ...layout,
        rejected: { ...rejected, surplusCells: true },
      });
      const damaged = { ...rejectedRow(2, ['x']), codes: ['email_invalid', 'nul_byte'] as const };
      await store().applyChunk(chunkOf(run, 2, [], [damaged]));
      expect(await store().importLayout(run.importId)).toEqual({
        ...layout,
        rejected: { surplusCells: true, recordFaults: true },
      });
    });

    test('give their rejected rows back by row number, as they stood in the file', async () => {
      const run = newImport();
      const cells = ['=1+1', '"', '\0', '\ud800', 'ü\r\n', '__proto__', ''];
      const rows = Array.from({ length: 2_100 }, (_, row) =>
        rejectedRow(row, row === 0 ? cells : [`cell ${row}`]),
      );
      rows.push({ ...rejectedRow(2_100, ['both']), codes: ['email_invalid', 'country_unknown'] });
      await store().applyChunk(chunkOf(run, 1, [], rows.slice(1_000)));
      await store().applyChunk(chunkOf(run, 0, [], rows.slice(0, 1_000)));
      await store().applyChunk(chunkOf(newImport(run.owner), 0, [], [rejectedRow(7, ['other'])]));
      const sizes: number[] = [];
      for await (const batch of store().rejectedRows(run.importId)) sizes.push(batch.length);
      expect(sizes).toEqual([1_000, 1_000, 101]);
      expect(await allRejectedRows(store(), run.importId)).toEqual(rows);
    });

    // The last of two who mended a row won, whatever the other had written.
    test('keep how a row is mended for who has read it as it is, and for nobody else', async () => {
      const run = newImport();
      await store().applyChunk(chunkOf(run, 0, [], [rejectedRow(0, ['a']), rejectedRow(1, ['b'])]));
      const cells = (text: string) => ({ own: [text, 'ü"\u2028\n'], extra: '' });
      const mend = (row: number, text: string, before: string | null) =>
        store().mendRejected(run.importId, [
          { row, cells: cells(text), before: before === null ? null : cells(before) },
        ]);
      expect(await Promise.all(['x', 'y', 'z'].map((text) => mend(0, text, null)))).toEqual(
        expect.arrayContaining(['kept', 'changed', 'changed']),
      );
      const [found] = await store().rejectedByNumber(run.importId, [0]);
      const now = found?.mended?.own[0] ?? '';
      expect(await mend(0, 'next', now)).toBe('kept');
      expect(await mend(0, 'late', now)).toBe('changed');
      const both = [1, 0].map((row) => ({ row, cells: cells('both'), before: null }));
      expect(await store().mendRejected(run.importId, both)).toBe('changed');
      expect(
        (await store().rejectedByNumber(run.importId, [0, 1])).map(({ mended }) => mended?.own[0]),
      ).toEqual(['next', undefined]);
      expect(await mend(7, 'x', null)).toBe('gone');
      await store().handMended(run.importId, newId());
      expect(await mend(0, 'x', 'next')).toBe('gone');
    });

    test('list the rows that were imported without a value, apart from the rejected ones', async () => {
      const run = newImport();
      const valid = [0, 1, 2].map((row) => validRow(row, `w${row}@example.org`));
      const warned = [1, 2].map((row) => ({
        ...rejectedRow(row, [`cell ${row}`]),
        codes: ['phone_invalid' as const],
      }));
      const rejected = [rejectedRow(3, ['bad'])];
      await store().applyChunk({ ...chunkOf(run, 0, valid, rejected), warned });
      expect(await allRejectedRows(store(), run.importId)).toEqual(rejected);
      const { importId } = run;
      const first = await store().listWarnedRows({ importId, limit: 1 });
      expect(first.items).toEqual(warned.slice(0, 1));
      const next = await store().listWarnedRows({ importId, limit: 5, cursor: first.nextCursor ?? '' });
      expect(next.items).toEqual(warned.slice(1));
      const last = await store().listWarnedRows({ importId, limit: 5, cursor: next.nextCursor ?? '' });
      expect(last).toEqual({ items: [], nextCursor: null });
      await expect(store().listWarnedRows({ importId, limit: 5, cursor: 'x' })).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
      expect(await store().listWarnedRows({ importId: 'no-id', limit: 5 })).toEqual(last);
    });

    // Until schema 13 the sentences themselves were kept, in English.
    test('read the rejected rows that an earlier release has kept', async () => {
      const { importId } = newImport();
      await database().query(
        `INSERT INTO row_errors (import_id, row, line, code, reason, cells)
         VALUES ($1, 4, 6, 'email_invalid phone_invalid', 'Two sentences. In English.', '["a","b"]')`,
        [importId],
      );
      const codes = ['email_invalid', 'phone_invalid'];
      expect(await allRejectedRows(store(), importId)).toEqual([
        { row: 4, line: 6, codes, parameters: {}, cells: ['a', 'b'] },
      ]);
    });

    test('with malformed ids do not exist', async () => {
      expect(await store().getImport('no-id')).toBeNull();
      expect(await store().importLayout('no-id')).toBeNull();
      expect(await allRejectedRows(store(), 'no-id')).toEqual([]);
    });

    test('the store answers a ping', async () => {
      await expect(store().ping()).resolves.toBeUndefined();
    });
  });
}
