import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { readAll } from '@tidings/testing/log.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { SUPPORT_TOKEN, startApiServer } from '../../../test/api-server.ts';
import { addRejectedRows } from '../../../test/contact-store.ts';
import { startFaultyLog } from '../../../test/faulty-log.ts';
import { ended, foldedImport, keep } from '../../../test/folded-import.ts';

const realStore = shareContactStore();
const rows = { ...noRows(), total: 2, created: 0, rejected: 2 };

async function start(state: Partial<ImportState> = { ...ended, rows }) {
  const { log, fail } = await startFaultyLog();
  const server = await startApiServer({ log }, { contactStore: realStore() });
  const folded = foldedImport(`mira-${uuidv7()}`, { channelId: server.tokens.newChannelId(), ...state });
  await keep(log, folded);
  const { importId } = folded.state;
  const token = await server.issueToken(folded.owner);
  const ask = async (method: string, path: string, by = token) => {
    const answer = await server.send(path, by, { method });
    return { status: answer.status, etag: answer.headers.get('ETag'), body: (await answer.json()) as never };
  };
  const of = { owner: folded.owner, uploadId: folded.uploadId, importId };
  return {
    ...{ server, importId, log, fail, channelId: folded.state.channelId, owner: folded.owner },
    addRows: () => addRejectedRows(realStore(), of, ['no address', 'Anna'], ['=cmd', 'Bert']),
    ignore: (by?: string) => ask('POST', `/imports/${importId}/rejected/ignore`, by),
    showAgain: () => ask('DELETE', `/imports/${importId}/rejected/ignore`),
    get: () => ask('GET', `/imports/${importId}`),
    listed: async () => (await ask('GET', '/imports')).body as { items: ImportState[] },
  };
}

test('rejected rows that nobody is to mend are ignored, wherever the import is told, until they are shown again', async () => {
  const { addRows, ignore, showAgain, get, listed } = await start();
  await addRows();
  const before = await get();
  expect(before.body).toMatchObject({ restIgnored: false });
  expect(await ignore()).toMatchObject({ status: 200, body: { restIgnored: true } });
  expect((await ignore()).status, 'again').toBe(200);
  const after = await get();
  expect(after.body).toMatchObject({ restIgnored: true, rows: { rejected: 2 } });
  expect(after.etag, 'who knows the state before is told').not.toBe(before.etag);
  expect((await listed()).items).toMatchObject([{ restIgnored: true }]);
  const { status, body } = await showAgain();
  expect(status).toBe(200);
  for (const told of [body, (await get()).body]) expect(told).toMatchObject({ restIgnored: false });
});

test('an import that runs, and one that keeps no rejected rows, have nothing to ignore', async () => {
  for (const state of [
    { rows },
    { ...ended, rows: { ...noRows(), total: 1, created: 1 } },
    { ...ended, rows },
  ])
    expect(await (await start(state)).ignore()).toMatchObject({
      status: 409,
      body: { code: 'state_conflict' },
    });
});

// A second tab and support went on saying that rows need somebody until they were loaded again.
test('who follows the import is told, and support with its owner', async () => {
  const { addRows, ignore, showAgain, get, importId, owner, channelId, log } = await start();
  await addRows();
  await ignore();
  await showAgain();
  // A repeat changes nothing: each was told all the same, and stayed in the history of both channels.
  await showAgain();
  const { version } = (await get()).body as ImportState;
  const told = (await readAll(log, topics.notifications)).map(({ key, value }) => {
    const { type, subject, final, owner: whose, data } = decodeEvent(value);
    const { restIgnored, restChanges, owner: shown, ...state } = data as ImportState;
    expect([subject, final, whose, state.version]).toEqual([importId, true, owner, version]);
    return { key, type, restIgnored, restChanges, shown };
  });
  const of = (type: string, restIgnored: boolean, restChanges: number) => [
    { key: channelId, type, restIgnored, restChanges, shown: undefined },
    { key: SUPPORT_CHANNEL, type, restIgnored, restChanges, shown: owner },
  ];
  const inOrder = (key: string) => told.filter((one) => one.key === key);
  const expected = [...of('import.rest_ignored', true, 1), ...of('import.rest_shown', false, 2)];
  for (const key of [channelId, SUPPORT_CHANNEL])
    expect(inOrder(key)).toEqual(expected.filter((one) => one.key === key));
});

test('where nobody can be told, the answer says so, and a repeat tells it', async () => {
  const { addRows, ignore, log, fail } = await start();
  await addRows();
  fail(() => 'lost');
  expect(await ignore()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  fail(() => null);
  for (const when of ['told', 'told already']) expect((await ignore()).status, when).toBe(200);
  expect(await readAll(log, topics.notifications)).toHaveLength(2);
});

// Two services may write in another order than the store has changed: who follows the import went by the last that came.
test('whatever is asked at once, the notification of the last change says what the import says', async () => {
  const { addRows, ignore, showAgain, get, log, importId } = await start();
  await addRows();
  const asked = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? ignore() : showAgain()));
  for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
  const { restIgnored, restChanges } = (await get()).body as ImportState;
  const told = (await readAll(log, topics.notifications)).map(({ value }) => decodeEvent(value).data);
  const counts = (told as ImportState[]).map((state) => state.restChanges ?? 0);
  expect(Math.max(...counts)).toBe(restChanges);
  for (const state of told as ImportState[])
    expect(state).toMatchObject({ importId, restIgnored: (state.restChanges ?? 0) % 2 === 1 });
  expect(restIgnored).toBe((restChanges ?? 0) % 2 === 1);
});

test('its owner alone may ignore them', async () => {
  const { server, addRows, ignore, get } = await start();
  await addRows();
  for (const other of [SUPPORT_TOKEN, await server.issueToken('noor')])
    expect(await ignore(other)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect((await get()).body).toMatchObject({ restIgnored: false });
});
