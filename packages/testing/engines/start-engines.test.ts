import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { createClusterId } from './kafka.ts';
import { identify, isRunning, type ProcessIdentity, processTree } from './process-table.mjs';
import { type Engines, startEngines } from './start-engines.ts';

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-engines-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function sql(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

async function withRedis<T>(url: string, action: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    return await action(redis);
  } finally {
    redis.disconnect();
  }
}

async function produce(brokers: string, topic: string, values: readonly string[]): Promise<void> {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

describe('all three', () => {
  let engines: Engines;
  beforeAll(async () => {
    engines = await startEngines({ kafka: true, redis: true, postgres: true });
    // Long enough to download and install the engines first.
  }, 300_000);
  afterAll(() => engines?.stop());

  test('their addresses are those that the engines read', () => {
    expect(engines.environment).toEqual({
      KAFKA_BROKERS: engines.kafkaBrokers,
      REDIS_URL: engines.redisUrl,
      DATABASE_URL: engines.databaseUrl,
    });
    expect(engines.servers.map((server) => server.running)).toEqual([true, true, true]);
  });

  test('Kafka keeps its records over a kill and a pause, for its own console consumer too', {
    timeout: 300_000,
  }, async () => {
    const { kafka } = engines;
    const before = kafka.brokers;
    await produce(kafka.brokers, 'letters', ['a', 'b']);
    await kafka.kill();
    expect(kafka.running).toBe(false);
    await expect(kafka.probe()).rejects.toThrow();
    await kafka.restart();
    expect(kafka.brokers).toBe(before);
    kafka.pause();
    await expect(kafka.probe()).rejects.toThrow();
    kafka.resume();
    await eventually(() => kafka.probe(), { withinMs: 30_000 });
    await produce(kafka.brokers, 'letters', ['c']);
    expect(await kafka.consoleConsumer('letters')).toEqual(['a', 'b', 'c']);
  });

  test('Redis keeps what it has acknowledged over a kill, a stop and a pause', async () => {
    const { redis } = engines;
    await withRedis(redis.url, (client) => client.set('letter', 'a'));
    await redis.kill();
    await expect(redis.probe()).rejects.toThrow();
    await redis.restart();
    await withRedis(redis.url, (client) => client.append('letter', 'b'));
    await redis.stop();
    expect(redis.running).toBe(false);
    await redis.restart();
    redis.pause();
    await expect(redis.probe()).rejects.toThrow();
    redis.resume();
    expect(await withRedis(redis.url, (client) => client.get('letter'))).toBe('ab');
  });

  test('a stranger without the password gets nothing from Redis and PostgreSQL', async () => {
    const [redisUrl, databaseUrl] = [new URL(engines.redisUrl), new URL(engines.databaseUrl)];
    redisUrl.password = 'guessed';
    databaseUrl.password = 'guessed';
    await expect(withRedis(redisUrl.href, (client) => client.get('letter'))).rejects.toThrow();
    await expect(sql(databaseUrl.href, 'SELECT 1')).rejects.toThrow(/password/);
  });

  test('PostgreSQL keeps its rows over a kill; a pause reaches sessions that were open', async () => {
    const { postgres } = engines;
    await sql(postgres.url, "CREATE TABLE letters AS SELECT 'a' AS letter");
    await postgres.kill();
    await expect(postgres.probe()).rejects.toThrow();
    await postgres.restart();
    const session = new Client({ connectionString: postgres.url });
    await session.connect();
    postgres.pause();
    let answered = false;
    const answer = session.query('SELECT letter FROM letters').finally(() => {
      answered = true;
    });
    // This takes its full time-out, in which the open session would have answered.
    await expect(postgres.probe()).rejects.toThrow();
    expect(answered).toBe(false);
    postgres.resume();
    expect((await answer).rows).toEqual([{ letter: 'a' }]);
    await session.end();
  });
});

// Every 64th start once failed.
test('a cluster is never named as an option of Kafka’s tools would be', () => {
  for (let count = 0; count < 2_000; count += 1) expect(createClusterId()).toMatch(/^\w[\w-]{21}$/);
});

test('Kafka 3.9.1 by its version', { timeout: 300_000 }, async () => {
  const engines = await startEngines({ kafka: '3.9.1' });
  onTestFinished(() => engines.stop());
  expect(engines.kafka.version).toBe('3.9.1');
  await produce(engines.kafkaBrokers, 'letters', ['a']);
  expect(await engines.kafka.consoleConsumer('letters')).toEqual(['a']);
  expect(() => engines.redisUrl).toThrow('redis was not asked for');
});

test('several started at once have ports and data of their own', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => startEngines({ redis: true })));
  onTestFinished(async () => void (await Promise.all(all.map((engines) => engines.stop()))));
  expect(new Set(all.map((engines) => engines.redis.port)).size).toBe(4);
  await Promise.all(
    all.map((engines, index) => withRedis(engines.redisUrl, (client) => client.set('index', index))),
  );
  const seen = await Promise.all(
    all.map((engines) => withRedis(engines.redisUrl, (client) => client.get('index'))),
  );
  expect(seen).toEqual(['0', '1', '2', '3']);
});

test('stop leaves no process and no file', async () => {
  const directory = await temporaryDirectory();
  const inside: string[] = [];
  const engines = await startEngines({
    redis: true,
    postgres: true,
    onDirectory: (path) => void inside.push(path),
  });
  const trees = engines.servers.flatMap((server) => processTree(identityOf(server.pid)));
  expect(trees.length).toBeGreaterThan(engines.servers.length);
  await engines.stop();
  expect(trees.filter(isRunning)).toEqual([]);
  expect(inside.map((path) => existsSync(path))).toEqual([false]);
  const elsewhere = await startEngines({
    redis: true,
    directory,
    onDirectory: (path) => void inside.push(path),
  });
  await elsewhere.stop();
  expect(inside[1]?.startsWith(directory)).toBe(true);
  expect(existsSync(inside[1] ?? '')).toBe(false);
});

test('when a start fails nothing is left of it', async () => {
  const spawned: ProcessIdentity[] = [];
  let directory = '';
  const start = startEngines({
    redis: true,
    postgres: true,
    onDirectory: (path) => {
      directory = path;
    },
    onSpawn: (name, identity) => {
      spawned.push(identity);
      if (name === 'redis') throw new Error('not today');
    },
  });
  await expect(start).rejects.toThrow('not today');
  expect(spawned.length).toBe(2);
  expect(spawned.filter(isRunning)).toEqual([]);
  expect(existsSync(directory)).toBe(false);
});

test('servers and data go when the process that started them is killed', {
  timeout: 300_000,
}, async () => {
  const library = fileURLToPath(new URL('./start-engines.ts', import.meta.url));
  const script = `
    import { startEngines } from ${JSON.stringify(library)};
    let directory;
    const engines = await startEngines({ redis: true, postgres: true, onDirectory: (path) => { directory = path; } });
    engines.postgres.pause();
    console.log(JSON.stringify({ directory, pids: engines.servers.map((server) => server.pid) }));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
  const { directory, pids } = JSON.parse(bytes.toString()) as { directory: string; pids: number[] };
  const trees = pids.flatMap((pid) => processTree(identityOf(pid)));
  expect(trees.length).toBeGreaterThan(2);
  child.kill('SIGKILL');
  const left = () => [...trees.filter(isRunning), ...(existsSync(directory) ? [directory] : [])];
  await eventually(() => expect(left()).toEqual([]), { withinMs: 60_000 });
});

function identityOf(pid: number): ProcessIdentity {
  const identity = identify(pid);
  if (identity === undefined) throw new Error(`no process ${pid}`);
  return identity;
}
