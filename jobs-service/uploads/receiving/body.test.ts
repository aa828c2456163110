import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import type { Request } from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { startApiServer } from '../../test/api-server.ts';
import { startFaultyLog } from '../../test/faulty-log.ts';
import { bodyChunk, filePart, formPart, uploadHead, wholeUpload } from '../../test/raw-upload.ts';
import { UploadBody } from './body.ts';

const NEVER = 60_000;
const bodyLimits = {
  maxBytes: 1000,
  startBytes: 1000,
  startMs: NEVER,
  idleMs: NEVER,
  paceMs: NEVER,
  bytesPerSecond: 1,
};

// A destroyed request emits nothing more: its place was held until the start time was over.
test('a request that was destroyed before anyone listened has broken off', async () => {
  const request = new IncomingMessage(new Socket());
  request.destroy();
  await once(request, 'close');
  const body = new UploadBody(request as Request, bodyLimits);
  const [error] = await once(body, 'error');
  expect(error).toMatchObject({ code: 'upload_broken_off' });
});

const MAX_FILE_BYTES = 400_000;
const limits = { maxBytes: MAX_FILE_BYTES, maxRows: 1_000_000 };
const SHORT = 300;
const PATIENT = { startMs: 60_000, idleMs: 60_000 };

test.each([
  ['nothing', ''],
  ['a preamble', 'x'.repeat(100)],
  ['a part’s header', '--b\r\nContent-Disposition: form-data; name="'],
  ['a field', '--b\r\nContent-Disposition: form-data; name="encoding"\r\n\r\nu'],
  ['a file part without a file name', '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'],
])('a request whose file does not begin in time is refused: %s', async (_name, form) => {
  const patience = { ...PATIENT, startMs: SHORT };
  const { port } = await startApiServer(await startFaultyLog(), { maxUploads: 1, patience });
  const slow = sendRaw(port, uploadHead() + (form === '' ? '' : bodyChunk(form)));
  const trickle = setInterval(() => slow.socket.write(bodyChunk('a')), 20);
  onTestFinished(() => clearInterval(trickle));
  expect(await problemOn(slow)).toMatchObject({ status: 400, code: 'upload_broken_off' });
  expect(slow.received()).toMatch(/Connection: close/);
  await eventually(() => expect(slow.socket.destroyed).toBe(true));
  const next = sendRaw(port, wholeUpload(filePart));
  await eventually(() => expect(next.statuses()).toEqual([202]));
});

const START_BYTES = 256 * 1024;

test.each([
  ['a preamble', (size: number) => 'x'.repeat(size)],
  ['a part’s header', (size: number) => `--b\r\nX: ${'x'.repeat(size)}`],
  ['a field', (size: number) => `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(size)}`],
  [
    'a file part without a file name',
    (size: number) =>
      `--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\n${'x'.repeat(size)}`,
  ],
])('a request whose file does not begin within the first bytes is refused: %s', async (_name, form) => {
  const { port } = await startApiServer(await startFaultyLog(), { patience: PATIENT });
  const upload = sendRaw(port, uploadHead() + bodyChunk(form(START_BYTES + 1)));
  expect((await problemOn(upload)).status).toBe(400);
});

test('a file that begins within the first bytes is taken', async () => {
  const { port } = await startApiServer(await startFaultyLog());
  const start = filePart.indexOf('email');
  const formFrom = (bytes: number) => `${'x'.repeat(bytes - start - 2)}\r\n${filePart}`;
  const taken = sendRaw(port, wholeUpload(formFrom(START_BYTES - 10)));
  await eventually(() => expect(taken.statuses()).toEqual([202]));
  const refused = sendRaw(port, wholeUpload(formFrom(START_BYTES + 1)));
  expect((await problemOn(refused)).code).toBe('upload_broken_off');
});

test('every byte of the request counts, whatever it belongs to', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty, { limits });
  const around = 'x'.repeat(0.6 * START_BYTES);
  const rows = `email\n${'x@example.org\n'.repeat((MAX_FILE_BYTES - 100) / 14)}`;
  const file = formPart('name="file"; filename="contacts.csv"', rows);
  const taken = sendRaw(port, wholeUpload(`${around}\r\n${file}`));
  await eventually(() => expect(taken.statuses()).toEqual([202]));
  const refused = sendRaw(
    port,
    `${uploadHead() + bodyChunk(`${around}\r\n${file}--b--\r\n${around}`)}0\r\n\r\n`,
  );
  expect(await problemOn(refused)).toMatchObject({ status: 413, code: 'file_too_large' });
  await eventually(async () => expect((await faulty.uploads()).sort()).toEqual(['aborted', 'sealed']));
});

test('the connection of an upload serves the next request, which may be slow', async () => {
  const patience = { startMs: SHORT, idleMs: SHORT, paceMs: SHORT, bytesPerSecond: 1024 };
  const { port } = await startApiServer(await startFaultyLog(), { patience });
  const { socket, statuses } = sendRaw(port, wholeUpload(filePart));
  await eventually(() => expect(statuses()).toEqual([202]));
  // Two other requests reach their time limits meanwhile.
  for (let count = 0; count < 2; count += 1) await problemOn(sendRaw(port, uploadHead()));
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually(() => expect(statuses()).toEqual([202, 200]));
  socket.write(wholeUpload(filePart));
  await eventually(() => expect(statuses()).toEqual([202, 200, 202]));
});

const IDLE_MS = 500;
const slowPatience = { startMs: 60_000, idleMs: IDLE_MS, paceMs: IDLE_MS, bytesPerSecond: 1024 };
/** More chunks than may be in flight. */
const file = Buffer.from(`email\n${'somebody.somewhere@example.org\n'.repeat(120_000)}`);

test('a sender that waits for the log is neither silent nor slow: its upload goes on', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty, { patience: slowPatience });
  faulty.fail(async ({ headers }) => {
    if (headers?.work === undefined) return null;
    // Three other requests reach their time limits meanwhile.
    for (let count = 0; count < 3; count += 1) await problemOn(sendRaw(port, uploadHead(), '127.0.0.2'));
    return null;
  });
  const form = new FormData();
  form.append('file', new Blob([file]), 'contacts.csv');
  expect((await fetch(`http://127.0.0.1:${port}/imports`, { method: 'POST', body: form })).status).toBe(202);
  expect((await faulty.commands()).at(-1)).toMatchObject({
    type: 'upload.sealed',
    data: { bytes: file.length },
  });
});

test('a sender that is silent is told so before its connection ends, and its import is ended', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty, { patience: slowPatience });
  const connection = sendRaw(port, uploadHead() + bodyChunk(filePart) + bodyChunk(String(file)));
  expect(await connection.ended).toMatch(/^HTTP\/1.1 400 .*Connection: close.*\r\n\r\n\{.*\}$/is);
  expect(await problemOn(connection)).toMatchObject({ code: 'upload_broken_off' });
  await eventually(async () =>
    expect((await faulty.commands()).at(-1)).toMatchObject({
      type: 'upload.aborted',
      data: { error: 'connection_broken' },
    }),
  );
});
