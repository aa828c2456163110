/** How long a sender may be silent, over real HTTP. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { answerProblems } from '../service-kit/problem.ts';
import { createTokenAuthority } from '../service-kit/tokens.ts';
import { createUploadHandlers } from './from-browser.ts';
import { eventually, type FaultyLog, startFaultyLog } from './upload-harness.ts';

const logger = pino({ level: 'silent' });
const IDLE_MS = 500;
/** More than may be in flight. */
const file = Buffer.from(`email\n${'somebody.somewhere@example.org\n'.repeat(120_000)}`);

/** `silences` counts how often nothing has come for `IDLE_MS`. */
async function startServer({ log }: FaultyLog): Promise<{ url: string; silences(): number }> {
  const tokens = createTokenAuthority({ authSecret: 'a'.repeat(32), supportToken: 's'.repeat(16) });
  const limits = { maxBytes: 100_000_000, maxRows: 10_000_000 };
  const handlers = createUploadHandlers({ log, tokens, logger, limits, maxUploads: 4, idleMs: IDLE_MS });
  const app = express().post(
    '/imports',
    handlers,
    (_request: express.Request, response: express.Response) => {
      response.sendStatus(202);
    },
  );
  const server = createServer(app.use(answerProblems(logger)));
  let silences = 0;
  server.on('connection', (socket) => socket.on('timeout', () => (silences += 1)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/imports`, silences: () => silences };
}

test('a sender that waits for the log is not silent: its upload goes on', async () => {
  const faulty = await startFaultyLog();
  const { url, silences } = await startServer(faulty);
  faulty.fail(async ({ headers }) => {
    if (headers?.work !== undefined) await eventually(() => expect(silences()).toBeGreaterThan(1));
    return null;
  });
  const form = new FormData();
  form.append('file', new Blob([file]), 'contacts.csv');
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(202);
  expect((await faulty.commands()).at(-1)).toMatchObject({
    type: 'upload.sealed',
    data: { bytes: file.length },
  });
});

test('a sender that is silent is told so and cut off, and its import ended', async () => {
  const faulty = await startFaultyLog();
  const { url } = await startServer(faulty);
  const sending = request(url, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
  });
  onTestFinished(() => void sending.destroy());
  sending.write('--b\r\nContent-Disposition: form-data; name="file"; filename="contacts.csv"\r\n\r\n');
  sending.write(file.subarray(0, 1_000_000));
  const closed = once(sending, 'close');
  const [response] = await once(sending, 'response');
  expect(response.statusCode).toBe(400);
  expect(JSON.parse(String((await response.toArray()).join('')))).toMatchObject({
    code: 'upload_broken_off',
  });
  await closed;
  await eventually(async () =>
    expect((await faulty.commands()).at(-1)).toMatchObject({
      type: 'upload.aborted',
      data: { error: 'connection_broken' },
    }),
  );
});
