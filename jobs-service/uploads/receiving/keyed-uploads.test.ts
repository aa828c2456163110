/** Uploads under an `Idempotency-Key`, with the fold behind them, over real HTTP. */
import { chunkOf, validRow } from '@tidings/contact-store/conformance/test/test-imports.ts';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { decodeUndoPageWork, readUndoPageWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { shareContactStore } from '@tidings/testing/contact-store.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { v7 as uuidv7 } from 'uuid';
import { expect, onTestFinished, test } from 'vitest';
import { followFoldedImports } from '../../imports/folded-from-log.ts';
import { startSaga } from '../../imports/saga-from-log.ts';
import { Orders } from '../../orders/orders.ts';
import { type ApiServer, emptyStore, SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { type FaultyLog, startFaultyLog } from '../../test/faulty-log.ts';
import { ended, foldedImport } from '../../test/folded-import.ts';
import {
  begunFile,
  bodyChunk,
  endOfFile,
  filePart,
  formField,
  uploadHead,
  wholeUpload,
} from '../../test/raw-upload.ts';
import { sendCommand } from '../../to-log.ts';
import { importIdOfKey } from './import-id.ts';

const contactStore = shareContactStore();

const KEY = 'orders-2026-11-28';
const withKey = (key = KEY) => `Idempotency-Key: ${key}\r\n`;
const csv = 'email\na@example.org\n';

async function start() {
  const faulty = await startFaultyLog();
  await startTestAggregator(faulty.log);
  return { ...faulty, server: await startApiServer(faulty, { holdMs: 0 }) };
}

function post(
  { send }: ApiServer,
  key: string,
  options: { token?: string; name?: string; text?: string } = {},
) {
  const { token, name = 'a.csv', text = csv } = options;
  const body = new FormData();
  body.append('file', new Blob([text]), name);
  return send('/imports', token, { method: 'POST', body, headers: { 'Idempotency-Key': key } });
}

async function answerOf(response: Response): Promise<[number, string | null, AcceptedImport]> {
  return [
    response.status,
    response.headers.get('Idempotent-Replayed'),
    (await response.json()) as AcceptedImport,
  ];
}

const typesOf = async ({ commands }: Pick<FaultyLog, 'commands'>, type: string) =>
  (await commands()).filter((command) => command.type === type);

/** An upload whose file has begun, and does not end. */
const holdUpload = (port: number, fields = '', key = KEY) =>
  sendRaw(port, uploadHead(withKey(key)) + bodyChunk(fields + begunFile));

async function stateOf(server: ApiServer, importId: string): Promise<ImportState> {
  return (await (await server.send(`/imports/${importId}`, SUPPORT_TOKEN)).json()) as ImportState;
}

test('a repeat after a lost answer gets the first answer, from any process, and makes no second import', async () => {
  const { server, ...faulty } = await start();
  const token = await server.issueToken('mira');
  const [status, replayed, first] = await answerOf(await post(server, KEY, { token }));
  expect([status, replayed]).toEqual([202, null]);
  expect(first.importId).toBe(importIdOfKey('mira', KEY));
  const other = await startApiServer(faulty);
  // The repeat comes with another channel of the same owner.
  const [statusAgain, replayedAgain, again] = await answerOf(
    await post(other, KEY, { token: await server.issueToken('mira') }),
  );
  expect([statusAgain, replayedAgain]).toEqual([202, 'true']);
  expect(again).toMatchObject({ importId: first.importId, channelId: first.channelId });
  const bearer = { kind: 'channel', channelId: first.channelId, owner: 'mira' };
  expect(await server.tokens.verifyBearer(again.channelToken)).toMatchObject(bearer);
  expect(await typesOf(faulty, 'import.accepted')).toHaveLength(1);
});

/** The id of an upload that a service begins whose clock is an hour ahead. */
const idOfLater = () => uuidv7({ msecs: Date.now() + 3_600_000 });

// The contact store takes chunks of the greatest id alone: the next attempt was refused for as long as the clock had been ahead, and where the
// log had forgotten the first one, it ended without any of its rows.
test('the next attempt has the greater id, though the clock was ahead by which the first one was made', async () => {
  const { server, ...faulty } = await start();
  const token = await server.issueToken('mira');
  const importId = importIdOfKey('mira', KEY);
  const uploadId = idOfLater();
  const names = {
    channelId: server.tokens.newChannelId('mira'),
    owner: 'mira',
    fileName: 'a.csv',
    clientReference: null,
  };
  const accepted = { uploadId, ...names, autoUndo: false };
  await sendCommand(faulty.log, importId, { type: 'import.accepted', data: accepted });
  const aborted = { uploadId, error: 'connection_broken', chunks: { count: 0, rows: 0 }, bytes: 0 } as const;
  await sendCommand(faulty.log, importId, { type: 'upload.aborted', data: aborted });
  await eventually(async () => expect(await stateOf(server, importId)).toMatchObject({ status: 'failed' }));
  expect((await post(server, KEY, { token })).status).toBe(202);
  const [, next] = await typesOf(faulty, 'import.accepted');
  expect(String(next?.data.uploadId) > uploadId).toBe(true);
});

test('so it has where the contact store alone knows the first attempt', async () => {
  const faulty = await startFaultyLog();
  await startTestAggregator(faulty.log);
  const server = await startApiServer(faulty, { contactStore: contactStore() });
  const owner = `mira-${uuidv7()}`;
  const importId = importIdOfKey(owner, KEY);
  const uploadId = idOfLater();
  const first = foldedImport(owner, { ...ended, importId, status: 'failed', upload: 'aborted' });
  await contactStore().projectImport({ ...first, uploadId });
  expect((await post(server, KEY, { token: await server.issueToken(owner) })).status).toBe(202);
  const [next] = await typesOf(faulty, 'import.accepted');
  expect(String(next?.data.uploadId) > uploadId).toBe(true);
});

test('of attempts at the same time on two processes one is received, and the others are told to come again', async () => {
  const { server, ...faulty } = await start();
  const other = await startApiServer(faulty);
  const attempts = [server, other, server, other].map(({ port }) => holdUpload(port));
  await eventually(() => expect(attempts.filter(({ statuses }) => statuses().length > 0)).toHaveLength(3));
  const refused = attempts.filter(({ statuses }) => statuses().length > 0);
  for (const attempt of refused) {
    expect(await problemOn(attempt)).toMatchObject({
      status: 409,
      code: 'upload_in_progress',
      retriable: true,
    });
    expect(attempt.received()).toMatch(/Retry-After: \d+/);
  }
  // One that comes later is refused before its file is read.
  expect(await problemOn(holdUpload(other.port))).toMatchObject({ status: 409, code: 'upload_in_progress' });
  const [received] = attempts.filter((attempt) => !refused.includes(attempt));
  received?.socket.write(`${bodyChunk(endOfFile)}0\r\n\r\n`);
  await eventually(() => expect(received?.statuses()).toEqual([202]));
  const chunks = await faulty.chunks();
  expect(new Set(chunks.map(({ uploadId }) => uploadId)).size).toBe(1);
  expect(await typesOf(faulty, 'upload.sealed')).toHaveLength(1);
});

test('another file under the same key is refused: by its name, or by its length', async () => {
  const { server, ...faulty } = await start();
  expect((await post(server, KEY)).status).toBe(202);
  for (const another of [{ name: 'b.csv' }, { text: `${csv}b@example.org\n` }]) {
    const response = await post(server, KEY, another);
    expect([response.status, await response.json()]).toMatchObject([
      422,
      { code: 'idempotency_mismatch', retriable: false, field: 'file' },
    ]);
  }
  expect(await typesOf(faulty, 'import.accepted')).toHaveLength(1);
});

test('the same key of two owners names two imports', async () => {
  const { server } = await start();
  const answers = await Promise.all(
    ['mira', 'noor'].map(async (owner) =>
      answerOf(await post(server, KEY, { token: await server.issueToken(owner) })),
    ),
  );
  expect(answers.map(([status, replayed]) => [status, replayed])).toEqual([
    [202, null],
    [202, null],
  ]);
  expect(new Set(answers.map(([, , { importId }]) => importId)).size).toBe(2);
});

test.each([
  ['an empty key', ''],
  ['a key of 256 characters', 'k'.repeat(256)],
  ['a key with a blank', 'a b'],
  ['two keys', `a\r\n${'Idempotency-Key'}: b`],
])('%s is refused, and 255 characters are not', async (_name, key) => {
  const { server, commands } = await start();
  const upload = sendRaw(server.port, wholeUpload(filePart, withKey(key)));
  expect(await problemOn(upload)).toMatchObject({
    status: 400,
    code: 'invalid_request',
    field: 'Idempotency-Key',
  });
  expect(await commands()).toEqual([]);
  expect((await post(server, 'k'.repeat(255))).status).toBe(202);
});

test('after an upload that broke off the next attempt is admitted once what it had imported is taken back', async () => {
  const { server, log, ...faulty } = await start();
  const importId = importIdOfKey('default', KEY);
  const first = holdUpload(server.port);
  await eventually(async () => expect(await typesOf(faulty, 'import.accepted')).toHaveLength(1));
  first.socket.destroy();
  // No importer works off the page of the undo.
  await eventually(async () =>
    expect(await stateOf(server, importId)).toMatchObject({ status: 'failed', undo: { endedAt: null } }),
  );
  const early = await post(server, KEY);
  expect(Number(early.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect([early.status, await early.json()]).toMatchObject([
    409,
    { code: 'upload_in_progress', retriable: true },
  ]);
  const [page] = await readAll(log, topics.expressWork);
  const { undoId } = decodeUndoPageWork(page?.headers ?? {}).work;
  const done = { undoId, page: 0, reversed: 0, kept: 0, failed: 0, next: null };
  await sendCommand(log, importId, { type: 'undo.page_completed', data: done });
  await eventually(async () => {
    const [status, replayed, second] = await answerOf(await post(server, KEY));
    expect([status, replayed, second.importId]).toEqual([202, null, importId]);
  });
});

test('after an upload that broke off and keeps its rows the next attempt is admitted at once, as an upload of its own', async () => {
  const { server, ...faulty } = await start();
  const importId = importIdOfKey('default', KEY);
  const first = holdUpload(server.port, formField('autoUndo', 'false'));
  await eventually(async () => expect(await typesOf(faulty, 'import.accepted')).toHaveLength(1));
  first.socket.destroy();
  await eventually(async () => expect((await stateOf(server, importId)).status).toBe('failed'));
  const [status, replayed, second] = await answerOf(await post(server, KEY));
  expect([status, replayed, second.importId]).toEqual([202, null, importId]);
  await eventually(async () => expect((await stateOf(server, importId)).upload).toBe('sealed'));
  const uploads = (await typesOf(faulty, 'import.accepted')).map(({ data }) => data.uploadId);
  expect(new Set(uploads).size).toBe(2);
});

test('an attempt that the fold does not decide about is refused for the moment', async () => {
  const faulty = await startFaultyLog();
  const server = await startApiServer(faulty, { foldWaitMs: 50 });
  const response = await post(server, KEY);
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { code: 'unavailable', retriable: true },
  ]);
  expect(await faulty.chunks()).toEqual([]);
  await eventually(async () =>
    expect((await faulty.commands()).map(({ type }) => type)).toEqual(['import.accepted', 'upload.aborted']),
  );
});

test('an attempt under the key of an import that was cancelled while its file came is refused for good', async () => {
  const { server, log, ...faulty } = await start();
  const importId = importIdOfKey('default', KEY);
  const first = holdUpload(server.port);
  await eventually(async () => expect(await typesOf(faulty, 'import.accepted')).toHaveLength(1));
  await sendCommand(log, importId, { type: 'import.cancel', data: { by: 'owner' } });
  expect(await problemOn(first)).toMatchObject({ status: 409, code: 'import_cancelled' });
  await eventually(async () => expect((await stateOf(server, importId)).status).toBe('cancelled'));
  const again = await post(server, KEY);
  expect([again.status, await again.json()]).toMatchObject([
    409,
    { code: 'import_cancelled', retriable: false },
  ]);
});

/** What importer and saga do: the chunk is worked off, and the end compared, projected, and forgotten by the log. */
async function workOff({ log, commands }: FaultyLog, importId: string, owner: string): Promise<string> {
  const store = contactStore();
  const accepted = (await commands()).find(({ type }) => type === 'import.accepted');
  const uploadId = String(accepted?.data.uploadId);
  const applied = await store.applyChunk(
    chunkOf({ importId, uploadId, owner }, 0, [validRow(0, 'a@example.org')]),
  );
  const done = { uploadId, chunk: 0, rows: 1, delta: applied.delta, fileBytes: csv.length };
  await sendCommand(log, importId, { type: 'chunk.completed', data: done });
  return uploadId;
}

test('an attempt whose first record waits for the log during the whole life of the first import begins nothing', async () => {
  const faulty = await startFaultyLog();
  const { log } = faulty;
  await startTestAggregator(log);
  const server = await startApiServer(faulty, { contactStore: contactStore() });
  const owner = `slow-${uuidv7()}`;
  const token = await server.issueToken(owner);
  const importId = importIdOfKey(owner, KEY);

  let release: (fault: null) => void = () => undefined;
  const stalled = new Promise<null>((resolve) => {
    release = resolve;
  });
  let appends = 0;
  faulty.fail((record) => {
    if (record.topic !== topics.commands) return null;
    appends += 1;
    return appends === 1 ? stalled : null;
  });
  const late = post(server, KEY, { token });
  await eventually(() => expect(appends).toBe(1));

  const [status, , first] = await answerOf(await post(server, KEY, { token }));
  expect([status, first.importId]).toEqual([202, importId]);
  const registry = createRegistry({ processMetrics: false });
  const orders = new Orders(log, silentLogger);
  const saga = await startSaga({
    ...{ log, orders, registry },
    ...{ contactStore: contactStore(), logger: silentLogger },
  });
  onTestFinished(() => saga.stop());
  const uploadId = await workOff(faulty, importId, owner);
  const states = await followFoldedImports(log, silentLogger);
  onTestFinished(() => states.close());
  await eventually(async () => {
    expect(await contactStore().getImport(importId)).not.toBeNull();
    expect(states.get(importId)).toBeUndefined();
  });

  release(null);
  const refused = await late;
  expect([refused.status, await refused.json()]).toMatchObject([409, { code: 'upload_in_progress' }]);
  expect(new Set((await faulty.chunks()).map((chunk) => chunk.uploadId))).toEqual(new Set([uploadId]));

  // What it had begun ends by an undo of its own, which takes back nothing of the first one's.
  const pageOf = async () =>
    (await readAll(log, topics.expressWork)).map(({ headers }) => readUndoPageWork(headers)).find(Boolean);
  await eventually(async () => expect(await pageOf()).toBeDefined());
  const work = await pageOf();
  if (work == null) throw new Error('no page');
  const { reversed, kept, failed, next } = await contactStore().undoPage(work);
  expect(reversed).toBe(0);
  const done = { undoId: work.undoId, page: 0, reversed, kept, failed, next };
  await sendCommand(log, importId, { type: 'undo.page_completed', data: done });
  await eventually(() => expect(states.get(importId)).toBeUndefined());
  expect(await stateOf(server, importId)).toMatchObject({ status: 'completed', rows: { created: 1 } });
  const [again, replayed] = await answerOf(await post(server, KEY, { token }));
  expect([again, replayed]).toEqual([202, 'true']);
  expect((await contactStore().listContacts({ owner, limit: 10 })).items).toHaveLength(1);
});

// A short import once waited for the store twice more than its chunk does, each time behind the work in hand of a long one.
test('the store is asked once about an upload that begins, where the log tells of no other one', async () => {
  const faulty = await startFaultyLog();
  await startTestAggregator(faulty.log);
  let asked = 0;
  const getImport = async () => {
    asked += 1;
    return null;
  };
  const store = { ...emptyStore, getImport } as Partial<ContactStore> as ContactStore;
  const server = await startApiServer(faulty, { contactStore: store });
  expect((await post(server, KEY)).status).toBe(202);
  expect(asked).toBe(1);
});
