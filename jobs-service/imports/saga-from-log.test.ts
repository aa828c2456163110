import {
  chunkOf,
  newImport,
  type TestImport,
  validRow,
} from '@tidings/contact-store/conformance/test/test-imports.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { ContactStoreError } from '@tidings/contact-store/contact-store-error.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { BlockedPartitions } from '@tidings/event-log/control/blocked-partitions.ts';
import { ControlJournal } from '@tidings/event-log/control/control-journal.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger, silentLogger } from '@tidings/testing/logger.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { Orders } from '../orders/orders.ts';
import { deadChunk, deadPage } from '../test/dead-work.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { ended, foldedImport, forget, keep } from '../test/folded-import.ts';
import { allWorks } from '../test/work-views.ts';
import { followFoldedImports } from './folded-from-log.ts';
import { ImportReader } from './import-reader.ts';
import { type SagaParts, startSaga } from './saga-from-log.ts';

const FAILURES = 'tidings_jobs_service_projection_failures_total';
const MISMATCHES = 'tidings_jobs_service_reconciliation_mismatches_total';

const contactStore = shareContactStore();

/** Compared already, unless said otherwise. */
function endedImport(owner: string, reconciled: boolean | null = true): FoldedImport {
  return foldedImport(owner, { ...ended, reconciled });
}

function runOf({ state, uploadId, owner }: FoldedImport): TestImport {
  return { importId: state.importId, uploadId, owner };
}

/** One partition, so that each record stands behind all before it. */
async function startLog() {
  const faulty = await startFaultyLog();
  const { log } = faulty;
  const orders = new Orders(log, silentLogger);
  return {
    ...faulty,
    /** The places of the dead letters. */
    letters: async () => (await orders.deadLetters()).map(({ origin }) => origin.offset),
    keep: keep.bind(null, log),
    put: (key: string, text: string) =>
      log.append([{ topic: topics.state, key, value: new TextEncoder().encode(text) }]),
    /** Resolves once the projection has every state behind it. */
    projected: () =>
      eventually(async () =>
        expect(await log.committedOffsets(consumerGroups.projection, topics.state)).toEqual(
          await log.endOffsets(topics.state),
        ),
      ),
    start: async (store: SagaParts['contactStore'] = contactStore()) => {
      const { logger, lines } = recordingLogger();
      const registry = createRegistry({ processMetrics: false });
      const projection = await startSaga({
        ...{ log, logger, registry, orders },
        contactStore: store,
      });
      onTestFinished(() => projection.stop());
      const count = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
      const failures = () => count(FAILURES);
      const mismatches = () => count(MISMATCHES);
      return { lines, logger, failures, mismatches, stop: () => projection.stop() };
    },
  };
}

test('an end is compared with the ledger before it is projected, and the aggregator is told what came of it', async () => {
  const { keep, start, projected, commands } = await startLog();
  const [whole, short] = [endedImport('a', null), endedImport('b', null)];
  // Nothing of these rows stands in the ledger.
  short.state.rows = { ...short.state.rows, total: 3, created: 3 };
  short.totals = { ...noRows(), created: 3 };
  await keep(whole, short);
  const { lines, mismatches } = await start();
  await projected();
  expect(await mismatches()).toBe(1);
  expect(await commands()).toEqual([
    { importId: whole.state.importId, type: 'import.compared', data: { version: 7, reconciled: true } },
    { importId: short.state.importId, type: 'import.compared', data: { version: 7, reconciled: false } },
  ]);
  expect(lines.filter((line) => line.includes('totals differ from the ledger'))).toHaveLength(1);
  expect(await contactStore().getImport(whole.state.importId)).toBeNull();
});

// An importer was killed, or the log lost the chunk, behind the commit of its rows and before its report: for good, 34 rows that had been
// imported counted as failed.
test('a chunk that counts as failed and stands in the ledger is reported, and is no alarm', async () => {
  const { keep, start, projected, commands } = await startLog();
  const owner = `made-up-for-${uuidv7()}`;
  const last = foldedImport(owner, { ...ended, status: 'completed_with_errors', reconciled: null });
  const { state, uploadId } = last;
  const run = { importId: state.importId, uploadId, owner };
  const applied = await contactStore().applyChunk(chunkOf(run, 9, [validRow(0, 'ann@example.org')], []));
  state.rows = { ...state.rows, total: 3, failed: 3 };
  last.totals = { ...noRows(), failed: 3 };
  // Chunks 8 and 9.
  last.failedChunks = Buffer.of(0, 3).toString('base64');
  await keep(last);
  const { mismatches } = await start();
  await projected();
  expect(await commands()).toEqual([
    {
      importId: state.importId,
      type: 'chunk.completed',
      data: { uploadId, chunk: 9, rows: 1, delta: applied.delta },
    },
  ]);
  expect(await mismatches()).toBe(0);
});

// An importer that was away worked a chunk off which support had skipped: behind the comparison its rows were counted nowhere.
test('a chunk that comes into the ledger behind the comparison is reported, and the log does not forget the import', async () => {
  const { keep, start, projected, commands } = await startLog();
  const owner = `late-${uuidv7()}`;
  const last = foldedImport(owner, {
    ...{ ...ended, status: 'completed_with_errors', reconciled: true },
    chunks: { total: 1, completed: 0, failed: 1 },
  });
  const { uploadId, state } = last;
  const run = { importId: state.importId, uploadId, owner };
  const applied = await contactStore().applyChunk(chunkOf(run, 0, [validRow(0, 'ann@example.org')], []));
  expect(applied.hasEnded).toBe(false);
  last.failedChunks = Buffer.of(1).toString('base64');
  await keep(last);
  await start();
  await projected();
  const data = { uploadId, chunk: 0, rows: 1, delta: applied.delta };
  expect(await commands()).toEqual([{ importId: state.importId, type: 'chunk.completed', data }]);
  expect((await contactStore().applyChunk(chunkOf(run, 1, [], []))).hasEnded).toBe(true);
});

test('an import whose owner was erased meanwhile is no alarm, is not kept, and may be forgotten', async () => {
  const { keep, start, projected, commands } = await startLog();
  const last = endedImport(`erased-${uuidv7()}`, null);
  last.state.rows = { ...last.state.rows, total: 3, created: 3 };
  last.totals = { ...noRows(), created: 3 };
  await contactStore().barOwner(last.owner);
  await keep(last);
  const { mismatches } = await start();
  await projected();
  expect(await mismatches()).toBe(0);
  expect(await commands()).toEqual([
    { importId: last.state.importId, type: 'import.projected', data: { version: 7 } },
  ]);
  expect(await contactStore().getImport(last.state.importId)).toBeNull();
});

test('an end that was compared is projected as it is, and the aggregator may forget this version', async () => {
  const { keep, start, projected, commands } = await startLog();
  const last = endedImport('mira', false);
  await keep(last);
  await start();
  await projected();
  expect(await contactStore().getImport(last.state.importId)).toEqual(last);
  expect(await commands()).toEqual([
    { importId: last.state.importId, type: 'import.projected', data: { version: 7 } },
  ]);
});

test('an import that runs, and one that was forgotten, lead to nothing', async () => {
  const { log, keep, start, projected, commands } = await startLog();
  const [running, forgotten] = [foldedImport('mira'), uuidv7()];
  await keep(running);
  await forget(log, forgotten);
  const { failures } = await start();
  await projected();
  expect(await commands()).toEqual([]);
  expect(await failures()).toBe(0);
  expect(await contactStore().getImport(running.state.importId)).toBeNull();
});

test('an end that comes twice is kept once, and an older version replaces no newer one', async () => {
  const { keep, start, projected } = await startLog();
  const owner = `mira-${uuidv7()}`;
  const newer = endedImport(owner);
  const older = { ...newer, state: { ...newer.state, version: 6, reconciled: false } };
  await keep(newer, newer, older);
  await start();
  await projected();
  expect(await contactStore().listImports({ owner, limit: 10 })).toEqual([{ owner, state: newer.state }]);
});

// A user token whose `sub` held a NUL stopped the ends of everybody else's imports for good.
test('an end that the store refuses delays no other import, is logged and counted, and stays visible to its owner', async () => {
  const { log, put, keep, start, projected } = await startLog();
  const refused = endedImport('canary-4711\0');
  const others = Array.from({ length: 8 }, (_, number) => endedImport(`owner-${number}`));
  await put('no-import', 'no JSON {');
  await put(uuidv7(), JSON.stringify({ owner: 'x' }));
  await keep(refused, ...others);
  const { lines, logger, failures } = await start();
  await projected();
  for (const other of others) expect(await contactStore().getImport(other.state.importId)).toEqual(other);
  expect(await failures()).toBe(3);
  expect(lines.filter((line) => line.includes('import not followed up'))).toHaveLength(3);
  expect(lines.join('')).not.toContain('canary-4711');

  const foldedImports = await followFoldedImports(log, logger);
  onTestFinished(() => foldedImports.close());
  expect(
    await new ImportReader(foldedImports, contactStore(), { view: async () => allWorks }).find(
      refused.state.importId,
    ),
  ).toEqual(refused);
});

test('an end that cannot be stored for the moment is stored later, before any newer one', async () => {
  const { keep, start, projected } = await startLog();
  const store = contactStore();
  await keep(endedImport('a'), endedImport('b'));
  let outages = 3;
  const order: string[] = [];
  const projectImport: ContactStore['projectImport'] = async (projection) => {
    if (outages-- > 0) throw new ContactStoreError('store_unavailable', 'away');
    order.push(projection.owner);
    await store.projectImport(projection);
  };
  const ledgerTotals = store.ledgerTotals.bind(store);
  const isClosed = store.isClosed.bind(store);
  const ledgerChunks = store.ledgerChunks.bind(store);
  const closeGate = store.closeGate.bind(store);
  const isErased = store.isErased.bind(store);
  const removeDryRun = store.removeDryRun.bind(store);
  const { failures } = await start({
    ...{ closeGate, isClosed, ledgerChunks, ledgerTotals, isErased, removeDryRun, projectImport },
  });
  await projected();
  expect(order).toEqual(['a', 'b']);
  expect(await failures()).toBe(0);
});

test('the next process completes what a process began that ended between store and log', async () => {
  const { keep, start, projected, commands, fail } = await startLog();
  const last = endedImport(`mira-${uuidv7()}`);
  const { owner, state } = last;
  await keep(last);
  fail(() => 'lost');
  const first = await start();
  await eventually(async () => expect(await contactStore().getImport(state.importId)).toEqual(last));
  await first.stop();
  expect(await commands()).toEqual([]);

  fail(() => null);
  await start();
  await projected();
  expect(await commands()).toEqual([
    { importId: state.importId, type: 'import.projected', data: { version: 7 } },
  ]);
  expect(await contactStore().listImports({ owner, limit: 10 })).toEqual([{ owner, state }]);
});

/** A store that only keeps which gates were closed. */
function gatesOnly() {
  const closed: string[] = [];
  const store: SagaParts['contactStore'] = {
    closeGate: async ({ uploadId }) => void closed.push(uploadId),
    isClosed: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
    ledgerChunks: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
    ledgerTotals: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
    isErased: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
    projectImport: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
    removeDryRun: () => Promise.reject(new ContactStoreError('store_refused', 'not asked for')),
  };
  return { closed, store };
}

test('the gate of an import is closed, once, while it is cancelled or its broken upload is to be taken back', async () => {
  const { keep, start, projected } = await startLog();
  const [cancelling, broken, kept, running] = [
    foldedImport('a', { status: 'cancelling' }),
    foldedImport('b', { upload: 'aborted', autoUndo: true }),
    foldedImport('c', { upload: 'aborted', autoUndo: false }),
    foldedImport('d', { autoUndo: true }),
  ];
  const { closed, store } = gatesOnly();
  await keep(cancelling, broken, kept, running, cancelling, broken);
  const { failures } = await start(store);
  await projected();
  expect(closed).toEqual([cancelling.uploadId, broken.uploadId]);
  expect(await failures()).toBe(0);
});

test('a chunk of an import that is being cancelled finds its gate closed, and its rows count as cancelled', async () => {
  const { keep, start, projected } = await startLog();
  const cancelling = foldedImport(`mira-${uuidv7()}`, { status: 'cancelling' });
  await keep(cancelling);
  await start();
  await projected();
  const { owner, uploadId, state } = cancelling;
  const upload = { owner, uploadId, importId: state.importId };
  const late = chunkOf(upload, 0, [validRow(0, 'late@example.org')]);
  expect((await contactStore().applyChunk(late)).delta).toMatchObject({ cancelled: 1, created: 0 });
  expect((await contactStore().listContacts({ owner, limit: 10 })).items).toEqual([]);
});

test('what has not run of a cancelled import is told to run no more, once every row that was written is reported', async () => {
  const { keep, start, projected, commands } = await startLog();
  const rows = { total: 3, ...noRows() };
  const cancelling = foldedImport(`mira-${uuidv7()}`, { status: 'cancelling', upload: 'sealed', rows });
  const { owner, uploadId, state } = cancelling;
  const upload = { owner, uploadId, importId: state.importId };
  await contactStore().applyChunk(chunkOf(upload, 0, [validRow(0, 'first@example.org')]));
  const coming = foldedImport(owner, { status: 'cancelling', upload: 'receiving' });
  await keep(cancelling, coming);
  await start();
  await projected();
  // An importer passes over the second chunk, and the report of the first one is still on its way.
  await contactStore().applyChunk(chunkOf(upload, 1, [validRow(1, 'second@example.org')]));
  await keep(cancelling);
  await projected();
  expect(await commands()).toEqual([]);
  await keep({ ...cancelling, totals: { ...noRows(), created: 1 } });
  await projected();
  expect(await commands()).toEqual([{ importId: state.importId, type: 'work.stopped', data: { uploadId } }]);
  // The third row is in no ledger yet, and that is no alarm.
  const totals = { ...noRows(), created: 1, cancelled: 2 };
  const last = { ...rows, ...totals };
  await keep({
    ...{ ...cancelling, totals },
    state: { ...state, ...ended, status: 'cancelled', rows: last },
  });
  await projected();
  expect((await commands()).at(-1)).toMatchObject({ type: 'import.compared', data: { reconciled: true } });
});

// Dead letters stayed listed with their rows until somebody skipped them, and a requeue could only count the rows as cancelled.
test('no dead letter of a chunk stays where its import was cancelled or taken back, and every one where it may run again', async () => {
  const { log, keep, start, projected, letters } = await startLog();
  const chunks = { total: 1, completed: 0, failed: 1 };
  const undo = { reversed: 0, kept: 0, failed: 0, endedAt: '2026-01-01T00:00:02.000Z' };
  const [cancelled, undone, failed] = [
    foldedImport('a', { ...ended, chunks, status: 'cancelled', reconciled: true }),
    foldedImport('b', { ...ended, chunks, status: 'undone', undo, reconciled: true }),
    foldedImport('c', { ...ended, chunks, status: 'completed_with_errors', reconciled: true }),
  ];
  const dead = [cancelled, undone, failed].map((folded, offset) => deadChunk(runOf(folded), 0, offset));
  // Of an upload that broke off before, and of another import.
  const older = { ...runOf(undone), uploadId: '0198c0de-0000-7000-8000-000000000001' };
  await log.append([...dead, deadChunk(newImport(), 0, 3), deadChunk(older, 7, 4)]);
  await contactStore().closeGate(runOf(cancelled));
  await contactStore().closeGate(runOf(undone));
  await keep(cancelled, undone, failed);
  await start();
  await projected();
  expect(await letters()).toEqual([2, 3]);
});

// A dead page at which an undo had stopped stayed listed once the undo was begun anew and had ended.
test('the dead letter of a page goes once no undo waits for it', async () => {
  const { log, keep, start, projected, letters } = await startLog();
  const sums = { reversed: 0, kept: 0, failed: 1, endedAt: '2026-01-01T00:00:02.000Z' };
  const undone = foldedImport('a', { ...ended, status: 'undone', undo: sums, reconciled: true });
  const undo = { undoId: uuidv7(), run: 1, page: 1, after: null, retry: null, running: false, dead: true };
  const page = { ...runOf(undone), undoId: undo.undoId, run: 1, page: 1, after: null };
  await log.append([deadPage(page, 0), deadPage({ ...page, page: 0 }, 1)]);
  await keep({ ...undone, undo });
  await start();
  await projected();
  expect(await letters()).toEqual([0]);
  const again = { ...undo, undoId: uuidv7(), run: 2, dead: false };
  await keep({ ...undone, undo: again, state: { ...undone.state, version: 9 } });
  await projected();
  expect(await letters()).toEqual([]);
});

// The tombstones of the dead letters were lost with the log's answer, and the process did not know these dead letters any more.
test('dead letters go in the end though the log was away', async () => {
  const { log, keep, start, projected, letters, fail } = await startLog();
  const chunks = { total: 1, completed: 0, failed: 1 };
  const cancelled = foldedImport('a', { ...ended, chunks, status: 'cancelled', reconciled: true });
  await log.append([deadChunk(runOf(cancelled), 0)]);
  await contactStore().closeGate(runOf(cancelled));
  let outages = 2;
  fail(({ value }) => (value === null && outages-- > 0 ? 'lost' : null));
  await keep(cancelled);
  await start();
  await projected();
  expect(outages).toBeLessThan(1);
  expect(await letters()).toEqual([]);
});

test('an ended import is projected only once nothing of it is being taken back any more', async () => {
  const { keep, start, projected, commands } = await startLog();
  const undo = { reversed: 1, kept: 0, failed: 0, endedAt: null };
  const last = endedImport(`mira-${uuidv7()}`);
  const undoing = { ...last, state: { ...last.state, status: 'failed' as const, undo } };
  await keep(undoing);
  await start();
  await projected();
  expect(await commands()).toEqual([]);
  const done = { ...undo, endedAt: '2026-01-01T00:00:02.000Z' };
  await keep({ ...undoing, state: { ...undoing.state, version: 9, undo: done } });
  await projected();
  expect((await commands()).map(({ type, data }) => [type, data.version])).toEqual([['import.projected', 9]]);
});

test('an import of a later release blocks its partition until support skips it, and is not lost before', async () => {
  const { log, put, keep, start, projected } = await startLog();
  const [later, behind] = [uuidv7(), endedImport('mira')];
  await put(later, JSON.stringify({ schemaVersion: 99, state: { status: 'dreaming' } }));
  await keep(behind);
  const { lines, failures } = await start();
  const blocked = new BlockedPartitions(log, topics.blocked);
  const [entry] = await eventually(async () => {
    const entries = await blocked.list();
    expect(entries).toMatchObject([
      { group: consumerGroups.projection, key: later, error: { code: 'later_import' } },
    ]);
    return entries;
  });
  if (entry === undefined) throw new Error('nothing is blocked');
  expect(await contactStore().getImport(behind.state.importId)).toBeNull();
  const target = { kind: 'blocked_partition', ...entry } as const;
  await new ControlJournal(log, topics.control).give([
    { action: 'skip', target, who: 'support', reason: 'a test' },
  ]);
  await projected();
  expect(await contactStore().getImport(behind.state.importId)).toEqual(behind);
  expect(await failures()).toBe(0);
  expect(lines.filter((line) => line.includes('partition blocked'))[0]).toContain(later);
  expect(await blocked.list()).toEqual([]);
});
