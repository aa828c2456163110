/** How long a sender may be silent, over real HTTP. */

import { eventually } from '@tidings/testing/eventually.ts';
import { problemOn, sendRaw } from '@tidings/testing/raw-connection.ts';
import { expect, test } from 'vitest';
import { startApiServer } from '../test/api-server.ts';
import { startFaultyLog } from '../test/faulty-log.ts';
import { bodyChunk, filePart, uploadHead } from '../test/raw-upload.ts';

const IDLE_MS = 500;
const patience = { startMs: 60_000, idleMs: IDLE_MS, paceMs: IDLE_MS, bytesPerSecond: 1024 };
/** More than may be in flight. */
const file = Buffer.from(`email\n${'somebody.somewhere@example.org\n'.repeat(120_000)}`);

test('a sender that waits for the log is neither silent nor slow: its upload goes on', async () => {
  const faulty = await startFaultyLog();
  const { port } = await startApiServer(faulty, { patience });
  faulty.fail(async ({ headers }) => {
    if (headers?.work === undefined) return null;
    // Others come to the end of their time meanwhile.
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
  const { port } = await startApiServer(faulty, { patience });
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
