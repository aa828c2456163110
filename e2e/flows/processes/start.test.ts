/** Starting and stopping: a start names every mistake and finds the old data, and a stop finishes what is in hand. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@tidings/contracts/http.ts';
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { planTopics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { acceptImport, createChannel, getJson, untilEnded } from '@tidings/testing/connections/requests.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { type Stack, type StackOptions, startScript, startStack } from '@tidings/testing/stack/stack.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { expect, onTestFinished, test } from 'vitest';
import { makeContactsFile } from '../../test/contacts-file.ts';

async function start(environment: Record<string, string> = {}, options?: StackOptions): Promise<Stack> {
  const stack = await startStack(environment, options);
  onTestFinished(() => stack.dispose());
  return stack;
}

/** Starts a process that cannot start, and returns what it prints. */
async function failToStart(
  environment: Record<string, string>,
): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [startScript], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (bytes) => {
    text += bytes;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: text.trimEnd().split('\n') };
}

test('every obstacle to a start is reported at once, a line each', async () => {
  const directory = await temporaryFolder();
  await writeFile(join(directory, 'file'), '');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const port = String((taken.address() as AddressInfo).port);

  const malformed = await failToStart({ PORT: 'http', LOG_LEVEL: 'loud', DATA_DIR: join(directory, 'file') });
  expect(malformed.code).toBe(1);
  expect(malformed.lines).toHaveLength(3);
  expect(malformed.lines.join('\n')).toMatch(
    /PORT must be a port[\s\S]*LOG_LEVEL must be one of[\s\S]*DATA_DIR .* cannot be used/,
  );

  const occupied = await failToStart({ PORT: port, DATA_DIR: join(directory, 'file', 'below') });
  expect(occupied.code).toBe(1);
  expect(occupied.lines).toHaveLength(2);
  expect(occupied.lines[0]).toContain(`Port ${port} on 127.0.0.1 is taken`);

  const stack = await start();
  const second = await failToStart({ PORT: '0', DATA_DIR: join(stack.directory, 'data') });
  expect(second).toMatchObject({ code: 1, lines: [expect.stringContaining('is used by another Tidings')] });
});

test('without a login it listens on a network only where a setting allows that', async () => {
  const directory = await temporaryFolder();
  const refused = await failToStart({ HOST: '0.0.0.0', PORT: '0', DATA_DIR: join(directory, 'data') });
  expect(refused).toEqual({
    code: 1,
    lines: [
      expect.stringMatching(
        /^tidings: HOST 0\.0\.0\.0 is open to a network, and nobody .* ALLOW_ANYONE=true /,
      ),
    ],
  });
  const stack = await start({ HOST: '0.0.0.0', ALLOW_ANYONE: 'true' });
  const { port } = new URL(stack.url);
  expect(await statusOf(port, 'localhost')).toBe(200);
  expect(await statusOf(port, 'evil.example')).toBe(421);
});

function statusOf(port: string, Host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, headers: { Host } });
    request.on('response', (response) => resolve(response.resume().statusCode));
    request.on('error', reject);
    request.end();
  });
}

test('what is kept is for its owner alone, and a folder into which others may write is refused', async () => {
  const stack = await start({}, { isFirstStart: true });
  const folder = join(stack.directory, 'data');
  const entries = await readdir(folder, { recursive: true });
  expect(entries).toEqual(expect.arrayContaining(['secrets.json', 'log', 'contacts']));
  // PostgreSQL sets the modes of its own files; their folder is closed to others.
  for (const entry of ['.', ...entries.filter((name) => !name.startsWith('contacts/'))]) {
    const found = await lstat(join(folder, entry)).catch(() => null);
    // A file that an engine has deleted in the meantime is open to nobody.
    if (found !== null) expect([entry, found.mode & 0o077]).toEqual([entry, 0]);
  }
  await stack.interrupt();
  await chmod(folder, 0o755);
  await stack.start();
  expect((await lstat(folder)).mode & 0o777).toBe(0o700);
  await stack.interrupt();
  await chmod(folder, 0o770);
  const refused = await failToStart({ PORT: '0', DATA_DIR: folder });
  expect(refused).toMatchObject({ code: 1, lines: [expect.stringContaining(`chmod 700 ${folder}`)] });
});

test('a support token and an API key that were given are printed nowhere', async () => {
  const SUPPORT_TOKEN = 'given-support-token-of-the-test';
  const PUBLISH_API_KEY = 'given-api-key-of-the-test-0123456789';
  const stack = await start({ SUPPORT_TOKEN, PUBLISH_API_KEY, LOG_LEVEL: 'trace' });
  await getJson(`${stack.url}/imports`, SUPPORT_TOKEN);
  await publishOn(stack.url, PUBLISH_API_KEY);
  await stack.interrupt();
  expect(stack.output()).toContain(`${stack.url}/support#token=$SUPPORT_TOKEN\n`);
  expect(stack.output()).toMatch(/API key +\$PUBLISH_API_KEY\n/);
  for (const secret of [SUPPORT_TOKEN, PUBLISH_API_KEY]) expect(stack.output()).not.toContain(secret);
});

test('the API key that is printed publishes, also after another start', async () => {
  const stack = await start({});
  const { apiKey } = stack;
  expect(apiKey).toMatch(/^[\w-]{32,}$/);
  await publishOn(stack.url, apiKey);
  await stack.interrupt();
  await stack.start();
  expect(stack.apiKey).toBe(apiKey);
  await publishOn(stack.url, apiKey);
});

/** Publishes to a new channel; fails where that is refused. */
async function publishOn(url: string, apiKey: string): Promise<void> {
  const { channelId } = await createChannel(url);
  const response = await fetch(`${url}/channels/${channelId}/notifications`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ subject: 'job', type: 'job.changed', data: {} }),
  });
  expect(response.status).toBe(202);
}

test('health and metrics may have a port of their own', async () => {
  const [HEALTH_PORT = 0] = await findFreePorts(1);
  const stack = await start({ HEALTH_PORT: String(HEALTH_PORT) });
  for (const path of ['/livez', '/readyz', '/metrics']) {
    expect([path, (await fetch(`http://127.0.0.1:${HEALTH_PORT}${path}`)).status]).toEqual([path, 200]);
    expect([path, (await fetch(`${stack.url}${path}`)).status]).toEqual([path, 404]);
  }
  expect((await fetch(`http://127.0.0.1:${HEALTH_PORT}/imports`)).status).toBe(404);
});

// The default depends on the cores of the machine: a folder that moved to another machine could not be opened there.
test('topics keep the number of partitions that they were made with; another one asked for is one clear line', async () => {
  const stack = await start();
  await stack.interrupt();
  const directory = join(stack.directory, 'data');
  await rm(join(directory, 'log'), { recursive: true });
  const log = await openEmbeddedLog({ directory: join(directory, 'log') });
  await log.ensureTopics(planTopics(7));
  await log.close();
  expect(await failToStart({ PORT: '0', DATA_DIR: directory, TOPIC_PARTITIONS: '8' })).toEqual({
    code: 1,
    lines: [
      'tidings: TOPIC_PARTITIONS is 8, but the topics in DATA_DIR were made with 7: leave it out, or set it to 7',
    ],
  });
  await stack.start();
});

test('Ctrl-C in mid-import finishes what is in hand; the next start goes on, to the exact end', async () => {
  const stack = await start();
  const file = makeContactsFile(60_000, 'stopped.example');
  const { importId, channelToken } = await acceptImport(stack.url, { file: file.bytes });
  expect(await stack.interrupt()).toBe(0);
  const token = stack.supportToken;
  await stack.start();
  expect(stack.supportToken).toBe(token);
  const state = await untilEnded(stack.url, importId, channelToken);
  expect(state).toMatchObject({
    status: 'completed_with_errors',
    rows: { total: file.rows, ...file.expected },
  });
});

test('an upload that was being received when the process died is aborted at the next start, with its rows accounted for', async () => {
  const stack = await start();
  const { channelId, token } = await createChannel(stack.url);
  const find = async (): Promise<ImportState | undefined> => {
    const { items } = await getJson<Page<ImportState>>(`${stack.url}/imports`, stack.supportToken);
    return items.find((item) => item.channelId === channelId);
  };
  const request = httpRequest(`${stack.url}/imports`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'multipart/form-data; boundary=b',
      'Transfer-Encoding': 'chunked',
    },
  });
  request.on('error', () => {});
  request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="cut.csv"\r\n\r\n');
  request.write(makeContactsFile(30_000, 'cut.example').bytes);
  await eventually(async () => expect(rowsReported((await find()) as ImportState)).toBeGreaterThan(0), {
    withinMs: 30_000,
    everyMs: 20,
  });
  await stack.kill();
  await stack.start();
  const ended = await eventually(
    async () => {
      const state = await find();
      expect(state?.status).toBe('failed');
      return state as ImportState;
    },
    { withinMs: 30_000, everyMs: 100 },
  );
  expect(ended).toMatchObject({ upload: 'aborted', uploadError: 'receiver_restarted' });
  expect(rowsReported(ended)).toBe(ended.rows.total);
  expect(ended.rows.created).toBeGreaterThan(0);
  await eventually(async () => expect(await find()).toMatchObject({ reconciled: true }));
});
