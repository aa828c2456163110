/** Uploads under an `Idempotency-Key`, with the fold behind them, over real HTTP. */
import type { AcceptedImport } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/import.ts';
import { decodeUndoPageWork } from '@tidings/contracts/schemas/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { startTestAggregator } from '@tidings/testing/aggregator.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { problemOn, sendRaw } from '@tidings/testing/raw-connection.ts';
import { expect, test } from 'vitest';
import { type ApiServer, SUPPORT_TOKEN, startApiServer } from '../test/api-server.ts';
import { type FaultyLog, startFaultyLog } from '../test/faulty-log.ts';
import {
  begunFile,
  bodyChunk,
  endOfFile,
  filePart,
  formField,
  uploadHead,
  wholeUpload,
} from '../test/raw-upload.ts';
import { sendCommand } from '../to-log.ts';
import { importIdOfKey } from './import-id.ts';

const KEY = 'orders-2026-11-28';
const withKey = (key = KEY) => `Idempotency-Key: ${key}\r\n`;
const csv = 'email\na@example.org\n';

async function start() {
  const faulty = await startFaultyLog();
  await startTestAggregator(faulty.log);
  return { ...faulty, server: await startApiServer(faulty) };
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
