import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { type ListedMender, MAX_LISTED_MENDERS } from '@tidings/contact-store/kept-imports.ts';
import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { ended, foldedImport, forget, keep } from '../test/folded-import.ts';
import { allWorks, noImporter } from '../test/work-views.ts';
import { importIdOfKey } from '../uploads/receiving/import-id.ts';
import { followFoldedImports } from './folded-from-log.ts';
import { ImportReader } from './import-reader.ts';
import type { WorkView } from './waiting-for.ts';

const contactStore = shareContactStore();
const MINUTE_MS = 60_000;
const works = {
  hasImporters: true,
  hasAggregators: true,
  hasUnfolded: false,
  hasWork: true,
  work: { positions: { express: [], bulk: [] }, expressEnds: [] },
};

async function start(
  store: Pick<ContactStore, 'getImport' | 'listImports' | 'listMenders' | 'restsOf'> = contactStore(),
  view: (since?: number) => Promise<WorkView> = async () => allWorks,
) {
  const log = await openTestLog();
  const { logger, lines } = recordingLogger();
  const foldedImports = await followFoldedImports(log, logger);
  onTestFinished(() => foldedImports.close());
  const reader = new ImportReader(foldedImports, store, { view });
  /** Resolves once the reader has followed the log so far. */
  const known = (importId: string, condition: (state: ImportState | undefined) => boolean) =>
    foldedImports.waitFor(importId, (folded) => condition(folded?.state), MINUTE_MS);
  return { log, reader, lines, known, keep: keep.bind(null, log) };
}

test('an import that runs is known from the log, also where an older state of it is in the store', async () => {
  const { reader, keep, known } = await start();
  const running = foldedImport('mira', { version: 2 });
  const { owner, state } = running;
  await contactStore().projectImport({ ...running, state: { ...state, version: 1 } });
  await keep(running);
  await known(state.importId, (now) => now !== undefined);
  expect(await reader.find(state.importId)).toMatchObject({ owner, state });
});

test('an import that has ended is known from the log, and from the store once the log has forgotten it', async () => {
  const { log, reader, keep, known } = await start();
  const last = foldedImport('mira', { ...ended, reconciled: true });
  const { owner, state } = last;
  await keep(last);
  await known(state.importId, (now) => now !== undefined);
  expect(await reader.find(state.importId)).toMatchObject({ owner, state });
  await contactStore().projectImport(last);
  await forget(log, state.importId);
  await known(state.importId, (now) => now === undefined);
  expect(await reader.find(state.importId)).toEqual(last);
});

// While Kafka or the aggregator was away, an import that had been accepted was answered 404.
test('an import whose commands may not be folded yet is not denied', async () => {
  const recent = uuidv7({ msecs: Date.now() - 60_000 });
  for (const log of [null, { ...works, hasUnfolded: true }]) {
    const { reader } = await start(contactStore(), async () => ({ log, hasDatabase: true }));
    await expect(reader.find(recent)).rejects.toMatchObject({ code: 'unavailable', retriable: true });
    expect(await reader.find(uuidv7({ msecs: Date.now() - 3_600_000 }))).toBeNull();
  }
  const { reader } = await start();
  expect(await reader.find(recent)).toBeNull();
});

// An import was denied where the aggregator folded it between the wait for the import and the look at the log.
test('an import that is folded while the log is looked at is found, also a moment later', async () => {
  const accepted = foldedImport('mira', { importId: uuidv7({ msecs: Date.now() - MINUTE_MS }) });
  const { reader, keep } = await start(contactStore(), async () => {
    await keep(accepted);
    return allWorks;
  });
  expect(await reader.find(accepted.state.importId)).toMatchObject({ owner: 'mira' });
});

test('whether an import is denied is decided by a look at the log after the request, where its id is young', async () => {
  const asked: number[] = [];
  const { reader } = await start(contactStore(), async (since = Number.NaN) => {
    asked.push(performance.now() - since);
    return allWorks;
  });
  const before = performance.now();
  expect(await reader.find(uuidv7())).toBeNull();
  expect(asked[0]).toBeLessThanOrEqual(performance.now() - before);
});

test('an import that was accepted a moment ago is waited for; an old id is not', async () => {
  const { reader, keep } = await start();
  const accepted = foldedImport('mira');
  const found = reader.find(accepted.state.importId);
  await keep(accepted);
  expect(await found).toMatchObject({ owner: 'mira', state: accepted.state });
  expect(await reader.find(uuidv7({ msecs: Date.now() - MINUTE_MS }))).toBeNull();
  expect(await reader.find('x')).toBeNull();
});

// After a clock had been ahead for an hour, imports were denied right after they were accepted: a process makes ids of that hour until it is over.
test('an import is waited for whose id is of a time to come', async () => {
  const { reader, keep } = await start();
  const accepted = foldedImport('mira', { importId: uuidv7({ msecs: Date.now() + 3_600_000 }) });
  const found = reader.find(accepted.state.importId);
  await keep(accepted);
  expect(await found).toMatchObject({ owner: 'mira', state: accepted.state });
});

test('an import under a key, whose id tells no time, is waited for, too', async () => {
  const { reader, keep } = await start();
  const accepted = foldedImport('mira', { importId: importIdOfKey('mira', 'a-key') });
  const found = reader.find(accepted.state.importId);
  await keep(accepted);
  expect(await found).toMatchObject({ owner: 'mira', state: accepted.state });
});

test('a request that waits for the end is answered at the end, or when the import is forgotten', async () => {
  const { log, reader, keep, known } = await start();
  const [one, other] = [foldedImport('mira'), foldedImport('noor')];
  await keep(one, other);
  for (const { state } of [one, other]) await known(state.importId, (now) => now !== undefined);
  const waiting = [one, other].map(({ state }) => reader.findEnded(state.importId, MINUTE_MS));
  await keep({ ...one, state: { ...one.state, ...ended } });
  const projected = { ...other, state: { ...other.state, ...ended } };
  await contactStore().projectImport(projected);
  await forget(log, other.state.importId);
  expect(await waiting[0]).toMatchObject({ owner: 'mira', state: { status: 'completed' } });
  expect(await waiting[1]).toEqual(projected);
});

test('a request that waits for an end that does not come gets the import as it is', async () => {
  const { reader, keep, known } = await start();
  const running = foldedImport('mira');
  await keep(running);
  await known(running.state.importId, (now) => now !== undefined);
  expect(await reader.findEnded(running.state.importId, 1)).toMatchObject({ state: running.state });
});

// Where the store was asked before the log, such an import was in neither place.
test('an import that ends while a list is made is in the list', async () => {
  let whileListed = async () => {};
  const owner = `mira-${uuidv7()}`;
  const { log, reader, keep, known } = await start({
    getImport: (importId) => contactStore().getImport(importId),
    listMenders: async () => [],
    restsOf: async () => [],
    listImports: async (options) => {
      const projected = await contactStore().listImports(options);
      await whileListed();
      return projected;
    },
  });
  const running = foldedImport(owner);
  await keep(running);
  await known(running.state.importId, (now) => now !== undefined);
  whileListed = async () => {
    await contactStore().projectImport({ ...running, state: { ...running.state, ...ended } });
    await forget(log, running.state.importId);
    await known(running.state.importId, (now) => now === undefined);
  };
  const { items } = await reader.list({ owner, limit: 10 });
  expect(items.map(({ importId }) => importId)).toEqual([running.state.importId]);
});

test('a record that is no import is passed over, and logged without its content', async () => {
  const { log, reader, lines, keep, known } = await start();
  const value = new TextEncoder().encode('{"owner":"canary-4711"}');
  await log.append([{ topic: topics.state, key: uuidv7(), value }]);
  const next = foldedImport('mira');
  await keep(next);
  await known(next.state.importId, (now) => now !== undefined);
  expect(await reader.find(next.state.importId)).toMatchObject({ owner: 'mira' });
  expect(lines.join('')).toContain('import-state');
  expect(lines.join('')).not.toContain('canary-4711');
});

test('an import of the log says what it waits for at the moment, alone and in a list; one of the store waits for nothing', async () => {
  const { reader, keep, known } = await start(contactStore(), async () => noImporter);
  const owner = `mira-${uuidv7()}`;
  const [running, last] = [foldedImport(owner), foldedImport(owner, { ...ended, reconciled: true })];
  await keep(running);
  await contactStore().projectImport(last);
  await known(running.state.importId, (now) => now !== undefined);
  const waiting = { reason: 'importer', text: 'no importer' };
  expect((await reader.find(running.state.importId))?.state.waitingFor).toEqual(waiting);
  const { items } = await reader.list({ owner, limit: 10 });
  const listed = items.map(({ importId, waitingFor }) => [importId, waitingFor]);
  expect(new Map(listed as [string, unknown][])).toEqual(
    new Map([
      [running.state.importId, waiting],
      [last.state.importId, null],
    ]),
  );
});

// Whoever listed imports, or asked for one, was told by its status alone that rows are to be fixed, although all were mended.
test('an import says how many of its rejected rows are left, wherever those stand that mend it, and those that mend these', async () => {
  const owner = `mira-${uuidv7()}`;
  const { reader, keep, known } = await start();
  const endedWith = (state: Partial<ImportState>, counts: Partial<ImportState['rows']>) =>
    foldedImport(owner, { ...ended, ...state, rows: { ...noRows(), total: null, ...counts } });
  const first = endedWith({ status: 'completed_with_errors' }, { created: 5, rejected: 6 });
  const { importId } = first.state;
  const mender = (mends: string, state: Partial<ImportState>, counts: Partial<ImportState['rows']>) =>
    endedWith({ mends, ...state }, counts);
  const stored = mender(importId, {}, { created: 1, unchanged: 1, rejected: 2 });
  const dryRun = mender(importId, { dryRun: true }, { created: 6 });
  const undo = { reversed: 6, kept: 0, failed: 0, endedAt: new Date().toISOString() };
  const undone = mender(importId, { status: 'undone', undo }, { updated: 6 });
  for (const one of [first, stored, dryRun, undone]) await contactStore().projectImport(one);
  const live = mender(stored.state.importId, {}, { updated: 1, duplicate: 1 });
  await keep(live);
  await known(live.state.importId, (now) => now !== undefined);
  const leftOf = async (id: string) => (await reader.find(id))?.state.leftToMend;
  expect(await leftOf(importId)).toBe(2);
  expect(await leftOf(stored.state.importId)).toBe(0);
  expect(await leftOf(live.state.importId), 'nothing of it was rejected').toBeUndefined();
  const { items } = await reader.list({ owner, limit: 10 });
  expect(items.find((state) => state.importId === importId)?.leftToMend).toBe(2);
  await contactStore().projectImport(mender(importId, {}, { updated: 3 }));
  expect(await leftOf(importId)).toBe(0);
});

// Of each import the newest 100 that mend it were counted: whoever handed over rows one by one had rows to fix for ever.
test('an import of which more than 100 imports mend a row each has none left', async () => {
  const owner = `mira-${uuidv7()}`;
  const { reader, keep, known } = await start();
  const rows = { ...noRows(), total: 102, rejected: 102 };
  const first = foldedImport(owner, { ...ended, status: 'completed_with_errors', rows });
  const mends = first.state.importId;
  const mender = (of = mends) =>
    foldedImport(owner, { ...ended, mends: of, rows: { ...noRows(), total: 1, created: 1 } });
  await contactStore().projectImport(first);
  const found = async () => (await reader.find(mends))?.state;
  for (let count = 0; count < 100; count += 1) await contactStore().projectImport(mender());
  expect(await found()).toMatchObject({ leftToMend: 2 });
  // Of two that mend by way of each other the log has the first, and the store the second.
  const live = mender();
  await contactStore().projectImport(mender(live.state.importId));
  await keep(live);
  await known(live.state.importId, (now) => now !== undefined);
  expect(await found()).toMatchObject({ leftToMend: 0 });
  expect((await found())?.mendedBy).toHaveLength(100);
});

test('where more imports mend than the store lists, nobody says how many rows are left', async () => {
  const mender = (mends: string): ListedMender => ({
    ...{ importId: uuidv7(), mends, acceptedAt: new Date().toISOString() },
    ...{ rows: { ...noRows(), total: 1 }, undo: null, dryRun: false },
  });
  const { reader, keep, known } = await start({
    ...{ getImport: async () => null, listImports: async () => [], restsOf: async () => [] },
    listMenders: async ([mends = '']) => Array.from({ length: MAX_LISTED_MENDERS }, () => mender(mends)),
  });
  const first = foldedImport('mira', { ...ended, rows: { ...noRows(), total: 1, rejected: 1 } });
  await keep(first);
  await known(first.state.importId, (now) => now !== undefined);
  const { state } = (await reader.find(first.state.importId)) ?? {};
  expect(state).not.toHaveProperty('leftToMend');
  expect(state?.mendedBy).toHaveLength(100);
});

test('while the store is away nobody says how many rejected rows are left', async () => {
  const away = async () => {
    throw new Problem('unavailable', 'The database is away.');
  };
  const { reader, keep, known } = await start({
    ...{ getImport: async () => null, listImports: async () => [] },
    ...{ listMenders: away, restsOf: async () => [] },
  });
  const first = foldedImport('mira', { ...ended, rows: { ...noRows(), total: 1, rejected: 1 } });
  await keep(first);
  await known(first.state.importId, (now) => now !== undefined);
  expect((await reader.find(first.state.importId))?.state).not.toHaveProperty('leftToMend');
});
