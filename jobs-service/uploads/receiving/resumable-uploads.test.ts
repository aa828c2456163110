/**
 * Uploads whose connections break off, over raw sockets. A broken upload was sent again from its first byte, though the server had
 * all but the last part of it: on a train a large file never arrived.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import { ContactStoreError } from '@tidings/contact-store/contact-store-error.ts';
import type { AcceptedImport } from '@tidings/contracts/files/upload.ts';
import { decodeChunkWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { SNIFF_BYTES } from '@tidings/csv/sniff.ts';
import { problemOn, type RawConnection, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { startTestAggregator } from '@tidings/testing/services/aggregator.ts';
import { makeWorkbook } from '@tidings/workbook/test/make-workbook.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ApiServer, emptyStore, SUPPORT_TOKEN, startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { uploadHead } from '../../test/raw-upload.ts';
import { sendCommand } from '../../to-log.ts';
import { HeldWorkbooks } from '../splitting/held-workbooks.ts';
import { importIdOfKey } from './import-id.ts';

const OWNER = 'mira';
const IMPORT_ID = (key: string) => importIdOfKey(OWNER, key);
const KEY = 'k'.repeat(16);
const file = Buffer.from(
  `email,name\n${Array.from({ length: 8_000 }, (_, row) => `row${row}@example.org,Name ${row}\n`).join('')}`,
);

async function start(options: Parameters<typeof startApiServer>[1] = {}) {
  const faulty = await startFaultyLog();
  await startTestAggregator(faulty.log);
  const server = await startApiServer(faulty, { requests: { perMinute: 100_000 }, ...options });
  return { ...faulty, server, token: await server.issueToken(OWNER) };
}

interface Sender {
  readonly server: Pick<ApiServer, 'port' | 'send'>;
  readonly token: string;
  readonly key?: string;
}

const headersOf = ({ token, key = KEY }: Sender) => ({
  Authorization: `Bearer ${token}`,
  'Idempotency-Key': key,
});
const lines = (headers: object) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

function chunk(bytes: Uint8Array): Buffer {
  const length = Buffer.from(`${bytes.length.toString(16)}\r\n`);
  return Buffer.concat([length, bytes, Buffer.from('\r\n')]);
}

/** Begins the upload of a file, and sends the first bytes of it. */
function begin(sender: Sender, bytes: Uint8Array, name = 'a.csv'): RawConnection {
  const connection = sendRaw(sender.server.port, uploadHead(lines(headersOf(sender))));
  const part = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  connection.socket.write(chunk(Buffer.concat([Buffer.from(part), bytes])));
  return connection;
}

/** Begins to send the rest. */
function goOn(sender: Sender, offset: number, bytes: Uint8Array): RawConnection {
  const headers = {
    ...{ Host: 'x', 'Transfer-Encoding': 'chunked', 'Content-Type': 'application/offset+octet-stream' },
    ...headersOf(sender),
    'Upload-Offset': offset,
  };
  const connection = sendRaw(sender.server.port, `PATCH /imports/upload HTTP/1.1\r\n${lines(headers)}\r\n`);
  if (bytes.length > 0) connection.socket.write(chunk(bytes));
  return connection;
}

const ask = (sender: Sender, init: RequestInit = {}) =>
  sender.server.send('/imports/upload', undefined, {
    ...init,
    headers: { ...headersOf(sender), ...init.headers },
  });

/** The whole rest in one request. */
const sendRest = (sender: Sender, offset: number, whole: Uint8Array = file) =>
  ask(sender, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(offset) },
    body: Buffer.from(whole.subarray(offset)),
  });

/** What has come of a file of so many bytes, from the offset, in a request that ends in good order. */
const sendCut = (sender: Sender, offset: number, come: Uint8Array, fileBytes: number) =>
  ask(sender, {
    method: 'PATCH',
    headers: {
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': String(offset),
      'Upload-Length': String(fileBytes),
    },
    body: Buffer.from(come.subarray(offset)),
  });

async function problemOf(response: Response) {
  return { status: response.status, ...((await response.json()) as { code: string }) };
}

/** Where the upload stands, once it has begun; what still seems to bring bytes of it is broken off. */
async function offsetOf(sender: Sender): Promise<number> {
  return eventually(async () => {
    const response = await ask(sender);
    expect(response.status).toBe(200);
    return ((await response.json()) as { offset: number }).offset;
  });
}

/** Begins the upload, whose connection is lost once it has begun. */
async function beginAndBreak(sender: Sender): Promise<void> {
  const { socket } = begin(sender, file.subarray(0, 100_000));
  await untilAccepted(sender.server);
  socket.destroy();
}

async function untilAccepted({ send }: Sender['server'], importId = IMPORT_ID(KEY)): Promise<void> {
  await eventually(async () => expect((await send(`/imports/${importId}`, SUPPORT_TOKEN)).status).toBe(200));
}

test('a file that comes over any number of connections is the file that was sent', {
  timeout: 120_000,
}, async () => {
  const { server, token, log, commands } = await start();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 120_000 }), isReset: fc.boolean() }), {
        maxLength: 5,
      }),
      async (parts) => {
        number += 1;
        const sender = { server, token, key: `property-${number}` };
        let connection = begin(sender, file.subarray(0, 1_000));
        let offset = await offsetOf(sender);
        for (const { bytes, isReset } of parts) {
          connection.socket.destroy();
          connection = goOn(sender, offset, file.subarray(offset, offset + bytes));
          if (isReset) connection.socket.resetAndDestroy();
          offset = await offsetOf(sender);
        }
        // A part that was on its way may have come after the last look.
        await eventually(async () =>
          expect((await sendRest(sender, await offsetOf(sender))).status).toBe(202),
        );
        const own = (await commands()).filter(({ importId }) => importId === IMPORT_ID(sender.key));
        expect(own.map(({ type }) => type).filter((type) => type !== 'upload.heartbeat')).toEqual([
          'import.accepted',
          'upload.sealed',
        ]);
        expect(own.at(-1)?.data).toMatchObject({ rows: 8_000, bytes: file.length });
        expect(await textOnLog(log, IMPORT_ID(sender.key))).toBe(
          String(file.subarray('email,name\n'.length)),
        );
      },
    ),
    { numRuns: 25 },
  );
});

/** The rows of an import as its chunks hold them. */
async function textOnLog(log: Parameters<typeof readAll>[0], importId: string): Promise<string> {
  const records = [...(await readAll(log, topics.expressWork)), ...(await readAll(log, topics.bulkWork))];
  return records
    .map(({ headers, value }) => ({ work: decodeChunkWork(headers).work, value }))
    .filter(({ work }) => work.importId === importId)
    .sort((one, other) => one.work.chunk - other.work.chunk)
    .map(({ value }) => String(Buffer.from(value ?? [])))
    .join('');
}

test('the answer of the rest is that of the upload', async () => {
  const { server, token } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  const response = await sendRest(sender, await offsetOf(sender));
  expect(response.headers.get('Location')).toBe(`/imports/${IMPORT_ID(KEY)}`);
  expect(await response.json()).toMatchObject({ importId: IMPORT_ID(KEY), channelToken: token });
});

// A phone that changes its network knows it at once; the server notices half a minute later.
test('whoever asks where the upload stands ends the connection that seems to bring it', async () => {
  const { server, token } = await start();
  const sender = { server, token };
  const first = begin(sender, file.subarray(0, 100_000));
  const closed = new Promise((resolve) => first.socket.once('close', resolve));
  const offset = await offsetOf(sender);
  await closed;
  expect((await sendRest(sender, offset)).status).toBe(202);
});

test('a lost answer is had again without a byte of the file', async () => {
  const { server, token } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  const offset = await offsetOf(sender);
  const rest = goOn(sender, offset, file.subarray(offset));
  rest.socket.write('0\r\n\r\n');
  await eventually(() => expect(rest.statuses()).toEqual([202]));
  expect(await offsetOf(sender)).toBe(file.length);
  const again = await sendRest(sender, file.length);
  expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([202, 'true']);
  expect(((await again.json()) as AcceptedImport).importId).toBe(IMPORT_ID(KEY));
  // curl sends no body, and no length, where it has none.
  const headers = { Host: 'x', 'Content-Type': 'Application/Offset+octet-stream; a=b', ...headersOf(sender) };
  const bare = lines({ ...headers, 'Upload-Offset': file.length });
  const without = sendRaw(server.port, `PATCH /imports/upload HTTP/1.1\r\n${bare}\r\n`);
  await eventually(() => expect(without.statuses()).toEqual([202]));
  expect(await problemOf(await sendRest(sender, file.length - 1, Buffer.concat([file, file])))).toMatchObject(
    {
      status: 409,
      code: 'wrong_offset',
    },
  );
});

// The rest of a file that was received whole was read to its end, for hours where it trickled, beside all places of uploads.
test('what is sent behind the end of a file that was received is refused before its last byte', async () => {
  const { server, token } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  expect((await sendRest(sender, await offsetOf(sender))).status).toBe(202);
  for (const [offset, bytes] of [
    [file.length + 1, ''],
    [file.length, 'x'],
  ] as const) {
    const refused = goOn(sender, offset, Buffer.from(bytes));
    expect(await problemOn(refused)).toMatchObject({ status: 409, code: 'wrong_offset' });
  }
});

// A file whose last boundary was lost was taken back, and a sender who asked for it waited until its first connection was given up.
test('a file that has come whole is received, though the end of its form is lost', async () => {
  const { server, token, uploads } = await start();
  const sender = { server, token };
  const first = begin(sender, Buffer.concat([file, Buffer.from('\r\n--b')]));
  await untilAccepted(sender.server);
  await eventually(async () => expect(await offsetOf(sender)).toBe(file.length));
  await eventually(() => expect(first.statuses()).toEqual([202]));
  expect(await uploads()).toEqual(['sealed']);
  expect((await sendRest(sender, file.length)).status).toBe(202);
});

// The answer held the token of whoever had begun the upload, which may live longer.
test('the answer holds a token that lives as long as that of whoever sent the rest', async () => {
  const { server, token } = await start();
  await beginAndBreak({ server, token });
  const renewUntil = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000;
  const channelId = server.tokens.newChannelId();
  const shortLived = await server.tokens.issueChannelToken({ channelId, owner: OWNER, renewUntil });
  const other = { server, token: shortLived };
  const answer = (await (await sendRest(other, await offsetOf(other))).json()) as AcceptedImport;
  expect(answer.channelId).not.toBe(channelId);
  expect(await server.tokens.verifyBearer(answer.channelToken)).toMatchObject({
    ...{ channelId: answer.channelId, owner: OWNER, renewUntil },
  });
});

// A proxy may end a request in good order whose sender is gone: the file was taken for whole, and its last rows were lost.
test('a rest that is cut off in good order is not taken for the end of the file', async () => {
  const { server, token, commands } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  const offset = await offsetOf(sender);
  const cut = sendCut(sender, offset, file.subarray(0, file.length - 10), file.length);
  await expect(cut).rejects.toThrow('fetch failed');
  expect(await offsetOf(sender)).toBe(file.length - 10);
  expect((await sendRest(sender, file.length - 10)).status).toBe(202);
  expect((await commands()).at(-1)?.data).toMatchObject({ rows: 8_000, bytes: file.length });
});

const workbookOf = (rows: number) => {
  const names = Array.from({ length: rows }, (_, row) => `row${row}@example.org`);
  const cells = ['email', ...names].map((text) => `<row><c t="inlineStr"><is><t>${text}</t></is></c></row>`);
  return makeWorkbook({ sheets: [{ rows: cells.join('') }] });
};

test('a workbook goes on, too', async () => {
  const { server, token, commands } = await start();
  const sender = { server, token };
  const workbook = await workbookOf(2_000);
  begin(sender, workbook.subarray(0, 5_000), 'a.xlsx');
  expect((await sendRest(sender, await offsetOf(sender), workbook)).status).toBe(202);
  expect((await commands()).at(-1)?.data).toMatchObject({ rows: 2_000, bytes: workbook.length });
});

// Four large workbooks whose connections were lost had those of all others refused for the two minutes in which they waited.
test('a workbook that waits gives its room to one that comes', async () => {
  const workbook = await workbookOf(100_000);
  const beginning = workbook.subarray(0, 2 * SNIFF_BYTES);
  const heldWorkbooks = new HeldWorkbooks(4 * workbook.length);
  for (const others of ['olha', 'petro'])
    await heldWorkbooks.hold({ sender: others, file: null }).grow(1.5 * workbook.length);
  const { server, token, commands } = await start({ userJwtSecret: 'j'.repeat(32), heldWorkbooks });
  const sender = { server, token };
  begin(sender, beginning.subarray(0, 5_000), 'a.xlsx');
  const cut = sendCut(sender, await offsetOf(sender), beginning, workbook.length);
  await expect(cut).rejects.toThrow('fetch failed');
  expect(await offsetOf(sender)).toBe(beginning.length);
  const other = { server, token: await server.issueToken('noor') };
  begin(other, workbook.subarray(0, 5_000), 'b.xlsx');
  expect((await sendRest(other, await offsetOf(other), workbook)).status).toBe(202);
  expect((await commands()).at(-1)?.data).toMatchObject({ rows: 100_000, bytes: workbook.length });
  expect(await problemOf(await ask(sender))).toMatchObject({ code: 'not_found' });
});

test.each([
  ['at another offset', {}, { 'Upload-Offset': '5' }, 409, 'wrong_offset'],
  ['at no number', {}, { 'Upload-Offset': '-1' }, 400, 'invalid_request'],
  ['of no length', {}, { 'Upload-Length': 'all' }, 400, 'invalid_request'],
  ['as a form', {}, { 'Content-Type': 'text/csv' }, 400, 'invalid_request'],
  // The compressed bytes became rows of the file.
  ['compressed', {}, { 'Content-Encoding': 'gzip' }, 400, 'invalid_request'],
  ['under another key', { key: 'other' }, {}, 404, 'not_found'],
])('the rest is refused: %s', async (_name, other, headers, status, code) => {
  const { server, token, uploads } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  const offset = await offsetOf(sender);
  const all = {
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
    ...headers,
  };
  const refused = await ask({ ...sender, ...other }, { method: 'PATCH', headers: all, body: 'x' });
  expect(await problemOf(refused)).toMatchObject({ status, code });
  expect((await sendRest(sender, offset)).status).toBe(202);
  expect(await uploads()).toEqual(['sealed']);
});

test('another owner finds nothing under the key, and a sender without a key, or without a token, is refused', async () => {
  const { server, token } = await start();
  begin({ server, token }, file.subarray(0, 100_000));
  await untilAccepted(server);
  const other = { server, token: await server.issueToken('noor') };
  expect(await problemOf(await ask(other))).toMatchObject({ status: 404, code: 'not_found' });
  expect(await problemOf(await server.send('/imports/upload', token))).toMatchObject({
    status: 400,
    field: 'Idempotency-Key',
  });
  expect(await problemOf(await server.send('/imports/upload'))).toMatchObject({ code: 'token_missing' });
  expect((await ask({ server, token })).status).toBe(200);
});

test('a file whose rest does not come in time is broken off', async () => {
  const { server, token, uploads, commands } = await start({ holdMs: 200 });
  const sender = { server, token };
  await beginAndBreak(sender);
  await eventually(async () => expect(await uploads()).toEqual(['aborted']));
  const aborted = (await commands()).find(({ type }) => type === 'upload.aborted');
  expect(aborted?.data).toMatchObject({ error: 'connection_broken' });
});

test('a sender that comes with the whole file is not kept waiting by what is held of it', async () => {
  const { server, token, uploads } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  await offsetOf(sender);
  const again = begin(sender, file);
  expect(await problemOn(again)).toMatchObject({ status: 409, code: 'upload_in_progress' });
  await eventually(async () => expect(await uploads()).toEqual(['aborted']));
});

test('a file that waits keeps no place from another upload', async () => {
  const { server, token, uploads } = await start({ maxUploads: 1 });
  await beginAndBreak({ server, token });
  const other = { server, token, key: 'other' };
  const refused = begin(other, file);
  expect(await problemOn(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
  await eventually(async () => expect(await uploads()).toEqual(['aborted']));
  begin(other, file.subarray(0, 100_000));
  expect(await offsetOf(other)).toBeGreaterThan(0);
});

// Whoever had all places of a sender gave up the files of all others by asking for one more.
test('a sender who has all places that one may have gives up no file of another', async () => {
  const { server, token } = await start({ userJwtSecret: 'j'.repeat(32) });
  await beginAndBreak({ server, token });
  const offset = await offsetOf({ server, token });
  const greedy = { server, token: await server.issueToken('noor') };
  for (let place = 1; place <= 4; place += 1) {
    const key = `place-${place}`;
    begin({ ...greedy, key }, file.subarray(0, 100_000));
    await untilAccepted(server, importIdOfKey('noor', key));
  }
  const refused = begin({ ...greedy, key: 'place-5' }, file);
  expect(await problemOn(refused)).toMatchObject({ code: 'rate_limited' });
  expect((await sendRest({ server, token }, offset)).status).toBe(202);
});

test.each(['cancelled', 'revoked'])('a file that waits takes nothing more once it is %s', async (how) => {
  const { server, token, uploads, log } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  const offset = await offsetOf(sender);
  if (how === 'revoked') await server.send(`/owners/${OWNER}/tokens`, SUPPORT_TOKEN, { method: 'DELETE' });
  else await sendCommand(log, IMPORT_ID(KEY), { type: 'import.cancel', data: { by: 'owner' } });
  await eventually(async () => expect(await uploads()).toEqual(['aborted']));
  const code = how === 'revoked' ? 'token_invalid' : 'import_cancelled';
  expect(await problemOf(await sendRest(sender, offset))).toMatchObject({ code });
});

// What a broken upload does while an engine is away was tried by chance alone, in proofs.
describe('a file that waits while an engine is away', () => {
  test('goes on where the log is back within its lease', async () => {
    const { server, token, fail, log, uploads } = await start({
      lease: { intervalMs: 50, lostAfterMs: 60_000 },
    });
    const sender = { server, token };
    await beginAndBreak(sender);
    // Once what has come is worked off, heartbeats alone are appended.
    const offset = await offsetOf(sender);
    let failed = 0;
    fail(() => {
      failed += 1;
      return 'lost';
    });
    await eventually(() => expect(failed).toBeGreaterThan(2));
    expect(await offsetOf(sender)).toBe(offset);
    fail(() => null);
    expect((await sendRest(sender, offset)).status).toBe(202);
    expect(await uploads()).toEqual(['sealed']);
    expect(await textOnLog(log, IMPORT_ID(KEY))).toBe(String(file.subarray('email,name\n'.length)));
  });

  test('takes no rest without the log, and its import is told of that once the log is back', async () => {
    const { server, token, fail, commands, uploads } = await start();
    const sender = { server, token };
    await beginAndBreak(sender);
    const offset = await offsetOf(sender);
    fail(() => 'lost');
    const refused = await problemOf(await sendRest(sender, offset));
    expect(refused).toMatchObject({ status: 503, code: 'unavailable', retriable: true });
    fail(() => null);
    await eventually(async () => expect(await uploads()).toEqual(['aborted']));
    expect((await commands()).at(-1)?.data).toMatchObject({ error: 'log_unavailable' });
  });

  test('needs no database: one that is not here is not known meanwhile', async () => {
    let isAway = false;
    const getImport = async () => {
      if (isAway) throw new ContactStoreError('store_unavailable', 'The database is away.');
      return null;
    };
    const contactStore = { ...emptyStore, getImport } as ContactStore;
    const { server, token, uploads } = await start({ contactStore });
    const sender = { server, token };
    await beginAndBreak(sender);
    isAway = true;
    const offset = await offsetOf(sender);
    const other = await problemOf(await ask({ ...sender, key: 'other' }));
    expect(other).toMatchObject({ status: 503, code: 'unavailable' });
    expect((await sendRest(sender, offset)).status).toBe(202);
    expect(await uploads()).toEqual(['sealed']);
  });
});

test('a service that stops waits for no rest', async () => {
  const { server, token, uploads } = await start();
  const sender = { server, token };
  await beginAndBreak(sender);
  await offsetOf(sender);
  await server.stop();
  expect(await uploads()).toEqual(['aborted']);
});

// A stop took two minutes where a file began while the contact store was asked about its key.
test('a service that stops waits for no rest of a file that has not begun', async () => {
  let answer = (_found: null) => {};
  const held = new Promise<null>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  const getImport = () => {
    asked += 1;
    return held;
  };
  const contactStore = { ...emptyStore, getImport } as ContactStore;
  const { server, token, uploads } = await start({ contactStore });
  const { socket } = begin({ server, token }, file.subarray(0, 100_000));
  await eventually(() => expect(asked).toBe(1));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const stopped = server.stop();
  await closed;
  answer(null);
  await stopped;
  expect(await uploads()).not.toContain('receiving');
});

// A sender whose requests each bring a part of the rest, as those of tus do, ended its file with the first one.
test('a rest that ends long before its file does counts as broken off', async () => {
  const { server, token, commands } = await start();
  const sender = { server, token };
  const whole = Buffer.concat(Array(4).fill(file));
  const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  const declared = `Content-Length: ${part.length + whole.length + '\r\n--b--\r\n'.length}\r\n`;
  const head = uploadHead(`${lines(headersOf(sender))}${declared}`).replace(
    'Transfer-Encoding: chunked\r\n',
    '',
  );
  const { socket } = sendRaw(server.port, head + part);
  socket.write(whole.subarray(0, 100_000));
  const offset = await offsetOf(sender);
  const cut = goOn(sender, offset, whole.subarray(offset, offset + 50_000));
  const closed = new Promise((resolve) => cut.socket.once('close', resolve));
  cut.socket.write('0\r\n\r\n');
  await closed;
  const next = await offsetOf(sender);
  expect(next).toBe(offset + 50_000);
  expect((await sendRest(sender, next, whole)).status).toBe(202);
  expect((await commands()).at(-1)?.data).toMatchObject({ bytes: whole.length });
});

test('a silent connection is given up, and the file waits for the next one', async () => {
  const { server, token } = await start({ patience: { idleMs: 300 } });
  const sender = { server, token };
  const first = begin(sender, file.subarray(0, 100_000));
  await new Promise((resolve) => first.socket.once('close', resolve));
  expect((await sendRest(sender, await offsetOf(sender))).status).toBe(202);
});

test('what makes the rest unreadable is told to its sender', async () => {
  const { server, token } = await start({ limits: { maxBytes: 150_000, maxRows: 1_000_000 } });
  const sender = { server, token };
  await beginAndBreak(sender);
  expect(await problemOf(await sendRest(sender, await offsetOf(sender)))).toMatchObject({
    status: 413,
    code: 'file_too_large',
  });
});
