import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { runCli } from './cli.ts';
import { identify, isRunning, killTree, type ProcessIdentity } from './process-table.mjs';
import { StateFile } from './state.ts';

const program = fileURLToPath(new URL('./main.mjs', import.meta.url));

async function stateDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-cli-test-'));
  onTestFinished(async () => {
    await runCli(['down', '--state', directory], () => undefined);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Runs the command as a person does. */
async function call(...words: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Runs the command in this process. */
async function callHere(...words: string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const code = await runCli(words, (line) => lines.push(line));
  return { code, output: lines.join('\n') };
}

function addressIn(output: string, name: string): string {
  return new RegExp(`^export ${name}='(.+)'$`, 'm').exec(output)?.[1] ?? '';
}

async function startForeign(): Promise<ProcessIdentity> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep does not run');
  return identity;
}

test('up starts servers that outlive it, status tells, a second up mends, down leaves nothing', {
  timeout: 300_000,
}, async () => {
  const directory = await stateDirectory();
  const options = ['--state', directory];
  const file = new StateFile(directory);
  expect(await call('status', ...options)).toMatchObject({ code: 3, output: 'Nothing is up.\n' });

  const up = await call('up', ...options);
  expect(up).toMatchObject({ code: 0 });
  const redis = new Redis(addressIn(up.output, 'REDIS_URL'));
  redis.on('error', () => undefined);
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
  const database = new Client({ connectionString: addressIn(up.output, 'DATABASE_URL') });
  await database.connect();
  expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await database.end();
  expect(addressIn(up.output, 'KAFKA_BROKERS')).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(await call('status', ...options)).toMatchObject({ code: 0 });

  const again = await callHere('up', ...options);
  expect(again).toMatchObject({ code: 0 });
  expect(again.output).toContain('Already up.');
  expect(addressIn(again.output, 'REDIS_URL')).toBe(addressIn(up.output, 'REDIS_URL'));
  expect((await callHere('up', '--kafka', '3.9.1', ...options)).code).toBe(1);

  const first = await file.read();
  const broken = first?.servers.find((server) => server.name === 'redis');
  if (first === undefined || broken === undefined) throw new Error('up has kept no state');
  await killTree(broken);
  expect(await callHere('status', ...options)).toMatchObject({ code: 3 });
  const mended = await call('up', ...options);
  expect(mended.output).toContain('left over');
  expect(mended.code).toBe(0);
  expect(first.servers.filter(isRunning)).toEqual([]);
  expect(existsSync(first.directory)).toBe(false);

  const second = await file.read();
  expect(second?.servers.filter(isRunning).length).toBe(3);
  expect(await call('down', ...options)).toMatchObject({ code: 0 });
  expect(second?.servers.filter(isRunning)).toEqual([]);
  expect(existsSync(second?.directory ?? '')).toBe(false);
  expect(await file.read()).toBeUndefined();
});

test('what a killed up has started goes, and the next call cleans up after it', {
  timeout: 300_000,
}, async () => {
  const directory = await stateDirectory();
  const file = new StateFile(directory);
  const child = spawn(process.execPath, [program, 'up', '--state', directory], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await eventually(async () => expect((await file.read())?.servers.length).toBeGreaterThan(0), {
    withinMs: 240_000,
  });
  child.kill('SIGKILL');
  await exited;
  const state = await file.read();
  expect(state?.servers.length).toBeGreaterThan(0);
  await eventually(() => expect(state?.servers.filter(isRunning)).toEqual([]), { withinMs: 30_000 });
  await eventually(() => expect(existsSync(state?.directory ?? '')).toBe(false), { withinMs: 30_000 });
  expect((await callHere('status', '--state', directory)).code).toBe(3);
  expect((await callHere('down', '--state', directory)).code).toBe(0);
  expect(await file.read()).toBeUndefined();
});

test('a process that has got the id of a server is left alone', async () => {
  const directory = await stateDirectory();
  const foreign = await startForeign();
  const data = join(directory, 'tidings-engines-data');
  await mkdir(data);
  await new StateFile(directory).write({
    version: 1,
    directory: data,
    kafkaVersion: '4.1.1',
    servers: [{ name: 'redis', pid: foreign.pid, startTime: 'an earlier one' }],
    environment: { REDIS_URL: 'redis://127.0.0.1:1' },
  });
  expect(await callHere('status', '--state', directory)).toMatchObject({ code: 3 });
  const down = await callHere('down', '--state', directory);
  expect(down.output).toContain('redis was not running any more');
  expect(isRunning(foreign)).toBe(true);
  expect(existsSync(data)).toBe(false);
});

test.each([
  ['is no JSON', '{'],
  [
    'names a folder that is not ours',
    JSON.stringify({ version: 1, directory: '/home', kafkaVersion: '4.1.1', servers: [], environment: {} }),
  ],
])('a state file that %s is reported, and nothing is touched', async (_, content) => {
  const directory = await stateDirectory();
  const { path } = new StateFile(directory);
  await writeFile(path, content);
  const { code, output } = await callHere('down', '--state', directory);
  expect(code).toBe(1);
  expect(output).toContain(path);
  expect(await readFile(path, 'utf8')).toBe(content);
});

test('one call at a time; the lock of a dead one is taken over', async () => {
  const directory = await stateDirectory();
  const holder = await startForeign();
  const lock = join(directory, 'lock');
  await writeFile(lock, JSON.stringify(holder));
  expect(await callHere('down', '--state', directory)).toMatchObject({ code: 1 });
  await killTree(holder);
  expect(await callHere('down', '--state', directory)).toMatchObject({ code: 0 });
  expect(existsSync(lock)).toBe(false);
});

test.each([[[]], [['sideways']], [['up', '--kafka', '0.8']], [['up', '--nonsense']], [['up', 'down']]])(
  'the words %j are answered with how to use it',
  async (words) => {
    const { code, output } = await callHere(...words);
    expect(code).toBe(2);
    expect(output).toContain('npm run engines -- up');
  },
);
