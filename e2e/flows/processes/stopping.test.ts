/** `npm start` is asked to stop by a supervisor, beside every kind of connection that lasts. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import type { TakenRequest } from '@tidings/contracts/services/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { makeFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';
import { beginUpload } from '../../test/streamed-upload.ts';

async function start(): Promise<Stack> {
  const folder = await makeFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'requests.json');
  await writeFile(file, JSON.stringify({ services: { echo: { methods: { say: {} } } } }));
  const stack = await startStack({ REQUESTS_FILE: file, SHUTDOWN_TIMEOUT_MS: '8000' });
  onTestFinished(() => stack.dispose());
  return stack;
}

const json = { 'Content-Type': 'application/json' };
const held = { Prefer: 'wait=60' };

// The stop waited for the replies of workers only once nothing listened any more: none could come, and with the three seconds of a silent
// connection before it the process was killed by its own clock.
test('SIGTERM ends event streams, polls and held answers cleanly, and workers reply to what they have in hand', {
  timeout: 180_000,
}, async () => {
  const stack = await start();
  const { url } = stack;
  const created = await fetch(`${url}/channels`, { method: 'POST' });
  const { channelId, token } = (await created.json()) as Record<'channelId' | 'token', string>;
  const own = { Authorization: `Bearer ${token}` };
  const worker = { Authorization: `Bearer ${stack.apiKey}`, ...json };
  const events = `/channels/${channelId}/events`;

  const stream = await fetch(`${url}${events}`, { headers: { ...own, Accept: 'text/event-stream' } });
  const told = stream.text();
  const polled = await fetch(`${url}${events}`, { headers: { ...own, Accept: 'application/json' } });
  expect(polled.status).toBe(200);
  // One that never says what it wants, and keeps its connection.
  const silent = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void silent.destroy());
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  silent.write('GET /limits HTTP/1.1\r\nHost: 127');

  const upload = beginUpload(url, {}, own);
  onTestFinished(() => upload.destroy());
  await upload.send(makeContactsFile(20_000, 'stopped.example').bytes);
  const running = await eventually(async () => {
    const list = await fetch(`${url}/imports`, {
      headers: { Authorization: `Bearer ${stack.supportToken}` },
    });
    const [state] = ((await list.json()) as { items: ImportState[] }).items;
    expect(state).toMatchObject({ upload: 'receiving' });
    return state;
  });
  const waiting = fetch(`${url}/imports/${running?.importId}`, { headers: { ...own, ...held } });
  const say = () =>
    fetch(`${url}/requests/echo/say`, { method: 'POST', headers: { ...own, ...json, ...held }, body: '{}' });
  const asked = [say(), say()];
  const take = await fetch(`${url}/requests/echo/take`, {
    ...{ method: 'POST', headers: worker, body: JSON.stringify({ wait: 60 }) },
  });
  const { requestId, lease } = (await take.json()) as TakenRequest;

  process.kill(stack.pid, 'SIGTERM');
  expect(await told).toMatch(/event: draining\n(?:.*\n)*event: closed\ndata: \{"code":"draining"/);
  expect(await (await waiting).json()).toMatchObject({ upload: 'receiving' });
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([202, 202]);
  const reply = await fetch(`${url}/requests/${requestId}/reply`, {
    ...{ method: 'POST', headers: worker },
    body: JSON.stringify({ lease, status: 200, body: { json: 'done' } }),
  });
  expect(reply.status).toBe(204);
  await eventually(() => expect(stack.isRunning()).toBe(false), { withinMs: 20_000 });
  expect(await stack.interrupt()).toBe(0);
  expect(stack.output()).not.toMatch(/"level":[56]0/);
});
