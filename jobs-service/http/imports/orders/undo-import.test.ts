import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { decodeUndoPageWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';
import { withReason } from '../../../test/reason.ts';

/** @param projected imports that the log has forgotten */
async function start(projected: readonly FoldedImport[] = []) {
  const faulty = await startFaultyLog();
  const listed: unknown[] = [];
  const contactStore: Pick<ContactStore, 'getImport' | 'listMenders' | 'listUndo' | 'restsOf'> = {
    listMenders: async () => [],
    restsOf: async () => [],
    getImport: async (importId) => projected.find(({ state }) => state.importId === importId) ?? null,
    listUndo: async (options) => {
      listed.push(options);
      return { items: [], nextCursor: null };
    },
  };
  const server = await startApiServer(faulty, { contactStore: contactStore as ContactStore });
  const ask = async (path: string, token: string, init?: RequestInit) => {
    const response = await server.send(path, token, init);
    return [
      response.status,
      (await response.json()) as ImportState & { code?: string; detail?: string },
    ] as const;
  };
  return {
    ...faulty,
    server,
    listed,
    undo: (importId: string, token = SUPPORT_TOKEN) => ask(`/imports/${importId}/undo`, token, withReason()),
    list: (importId: string, query = '', token = SUPPORT_TOKEN) =>
      ask(`/imports/${importId}/undo${query}`, token),
    undos: async () => (await faulty.commands()).filter(({ type }) => type === 'import.undo'),
  };
}

test('an import that the log has forgotten is brought back to be undone, and a second request is answered alike', async () => {
  const last = foldedImport(`mira-${uuidv7()}`, { ...ended, reconciled: true });
  const { importId } = last.state;
  const { log, server, undo, undos } = await start([last]);
  await startTestAggregator(log);
  const token = await server.issueToken(last.owner);
  expect(await undo(importId, token)).toMatchObject([
    202,
    { status: 'undoing', undo: { reversed: 0, kept: 0, failed: 0, endedAt: null } },
  ]);
  expect((await undo(importId, token))[0]).toBe(202);
  expect(await undos()).toMatchObject([{ importId, data: { by: 'owner' } }]);
  await eventually(async () => {
    const [page] = await readAll(log, topics.expressWork);
    expect(decodeUndoPageWork(page?.headers ?? {}).work).toMatchObject({ importId, page: 0, after: null });
  });
});

test.each(['accepted', 'importing', 'cancelling'] as const)(
  'an import that is %s is not undone, and the refusal says what to do first',
  async (status) => {
    const { log, undo, undos } = await start();
    const running = foldedImport('mira', { status });
    await keep(log, running);
    const [answered, problem] = await undo(running.state.importId);
    expect([answered, problem]).toMatchObject([409, { code: 'state_conflict', retriable: false }]);
    expect(problem.detail).toContain(status);
    expect(await undos()).toEqual([]);
  },
);

test('an import that takes itself back, or was taken back, is answered as it is', async () => {
  const { log, undo, undos } = await start();
  const undone = { reversed: 3, kept: 1, failed: 0, endedAt: null };
  const broken = foldedImport('mira', { ...ended, status: 'failed', upload: 'aborted', undo: undone });
  await keep(log, broken);
  expect(await undo(broken.state.importId)).toMatchObject([202, { status: 'failed', undo: undone }]);
  expect(await undos()).toEqual([]);
});

// A second undo was answered as if all contacts had been taken back, and nothing could be done about those that had failed.
test('an undo that has left contacts begins again on request, once, also where the log has forgotten the import', async () => {
  const undo = { reversed: 3, kept: 1, failed: 2, endedAt: '2026-11-28T09:00:00.000Z' };
  const last = foldedImport(`mira-${uuidv7()}`, { ...ended, status: 'undone', reconciled: true, undo });
  const page = { undoId: uuidv7(), run: 1, page: 3, after: null, retry: null };
  last.undo = { ...page, running: false, dead: false };
  const { importId } = last.state;
  const { log, server, undo: ask, undos } = await start([last]);
  await startTestAggregator(log);
  const token = await server.issueToken(last.owner);
  const goesOn = { reversed: 3, kept: 1, failed: 0, endedAt: null };
  expect(await ask(importId, token)).toMatchObject([202, { status: 'undoing', undo: goesOn }]);
  expect(await ask(importId, token)).toMatchObject([202, { status: 'undoing', undo: goesOn }]);
  expect(await undos()).toMatchObject([{ importId, data: { again: page.undoId } }]);
  await eventually(async () => {
    const [first] = await readAll(log, topics.expressWork);
    expect(decodeUndoPageWork(first?.headers ?? {}).work).toMatchObject({ importId, run: 2, page: 0 });
  });
});

// The log has forgotten the import, and the aggregator cannot vouch for the state that the first command carries.
test('an undo that does not begin is sent once more, with what the import is by then', async () => {
  const first = foldedImport('mira', { ...ended, reconciled: true });
  const newer: FoldedImport = {
    ...first,
    state: { ...first.state, version: 9, status: 'completed_with_errors' },
  };
  const projected = [first];
  const { fail, undo, undos } = await start(projected);
  fail(() => {
    projected[0] = newer;
    return null;
  });
  expect(await undo(first.state.importId)).toMatchObject([202, { version: 9, undo: null }]);
  expect(await undos()).toMatchObject([
    { data: { asOf: 0, again: null, folded: { state: { version: 7 } } } },
    { data: { asOf: 1, again: null, folded: { state: { version: 9 } } } },
  ]);
});

test('what an undo has left as it was is listed in pages, for whoever may see the import', async () => {
  const last = foldedImport('mira', { ...ended, status: 'undone' });
  const { importId } = last.state;
  const { server, list, listed, undo } = await start([last]);
  expect(await list(importId, '?limit=3&cursor=abc', await server.issueToken('mira'))).toEqual([
    200,
    { items: [], nextCursor: null },
  ]);
  expect(listed).toEqual([{ importId, limit: 3, cursor: 'abc' }]);
  expect(await list(importId, '?limit=501')).toMatchObject([
    400,
    { code: 'invalid_request', field: 'limit' },
  ]);
  const foreign = await server.issueToken('noor');
  for (const answer of [await list(importId, '', foreign), await undo(importId, foreign)])
    expect(answer).toMatchObject([404, { code: 'not_found' }]);
  expect(listed).toHaveLength(1);
});

test('an import whose before-images may be gone cannot be undone any more', async () => {
  const last = foldedImport('mira', { ...ended, reconciled: true });
  const contactStore: Pick<ContactStore, 'getImport' | 'listMenders' | 'restsOf'> = {
    getImport: async () => last,
    listMenders: async () => [],
    restsOf: async () => [],
  };
  const faulty = await startFaultyLog();
  const options = { contactStore: contactStore as ContactStore, retentionDays: 30 };
  const { send } = await startApiServer(faulty, options);
  const answer = await send(`/imports/${last.state.importId}/undo`, SUPPORT_TOKEN, withReason());
  expect([answer.status, await answer.json()]).toMatchObject([
    409,
    { code: 'state_conflict', detail: expect.stringContaining('kept for 30 days, which are over') },
  ]);
  expect(await faulty.commands()).toEqual([]);
});
