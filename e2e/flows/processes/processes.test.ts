/** Each service alone, as a process of its own: it names what is missing or wrong, and waits for what is away. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { buildServices } from '@tidings/service-kit/build-services.mjs';
import { type ServiceName, serviceNames } from '@tidings/service-kit/programs.mjs';
import { startGuard } from '@tidings/testing/engines/guard.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { startEngines } from '@tidings/testing/engines/start-engines.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

beforeAll(buildServices);

const guard = await startGuard(await mkdtemp(join(tmpdir(), 'tidings-processes-')));
afterAll(() => guard.close());

/** Milliseconds in which a process must start on a busy machine. */
const patiently = { withinMs: 60_000, everyMs: 50 };

const secrets = { AUTH_SECRET: 'a'.repeat(32), SUPPORT_TOKEN: 's'.repeat(16) };
const needs: Readonly<Record<ServiceName, readonly string[]>> = {
  hub: ['AUTH_SECRET', 'SUPPORT_TOKEN', 'KAFKA_BROKERS', 'REDIS_URL'],
  'jobs-service': ['AUTH_SECRET', 'SUPPORT_TOKEN', 'KAFKA_BROKERS', 'DATABASE_URL'],
  importer: ['KAFKA_BROKERS', 'DATABASE_URL'],
  aggregator: ['KAFKA_BROKERS'],
  'reference-data': ['KAFKA_BROKERS'],
  webhooks: ['AUTH_SECRET', 'SUPPORT_TOKEN', 'KAFKA_BROKERS'],
};

async function instanceOf(
  service: ServiceName,
  environment: Readonly<Record<string, string>>,
): Promise<ServiceInstance> {
  const [port = 0] = await findFreePorts(1);
  const instance = new ServiceInstance({ service, port, environment, onSpawn: guard.watch });
  onTestFinished(() => instance.kill());
  return instance;
}

/** Addresses at which nothing listens. */
async function nobody(): Promise<Record<string, string>> {
  const [kafka, redis, postgres] = await findFreePorts(3);
  return {
    KAFKA_BROKERS: `127.0.0.1:${kafka}`,
    REDIS_URL: `redis://127.0.0.1:${redis}`,
    DATABASE_URL: `postgres://tidings:tidings@127.0.0.1:${postgres}/tidings`,
  };
}

describe.each(serviceNames)('%s', (service) => {
  test('`npm run start -w` without its addresses names each of them, and ends with 1', () => {
    const { status, stderr } = spawnSync('npm', ['run', 'start', '--silent', '-w', service], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: 'http' },
      encoding: 'utf8',
    });
    const lines = stderr.split('\n').filter((line) => line.startsWith(`${service}: `));
    expect(lines).toEqual(
      expect.arrayContaining([
        ...needs[service].map((name) => `${service}: ${name} is not set, and is needed`),
        `${service}: PORT must be a port: a whole number from 0 to 65535`,
      ]),
    );
    expect(lines).toHaveLength(needs[service].length + 1);
    expect(status).toBe(1);
  });

  test('waits for engines that are away, says so, and stops when it is asked to', async () => {
    const instance = await instanceOf(service, { ...secrets, ...(await nobody()), LOG_LEVEL: 'warn' });
    instance.spawn();
    await eventually(() => expect(instance.output()).toMatch(/waiting for \w/), patiently);
    expect((await fetch(`${instance.url}/livez`)).status).toBe(200);
    const readiness = await instance.readiness();
    expect(readiness?.status).toBe('not_ready');
    expect(readiness?.checks.map(({ name }) => name)).toContain('started');
    expect(readiness?.checks.some(({ name }) => /Kafka|PostgreSQL/.test(name))).toBe(true);
    expect((await fetch(`${instance.url}/contacts`)).status).toBe(503);
    expect(await instance.metrics()).toContain('process_cpu_seconds_total');
    expect(await instance.stop()).toBe(0);
  });
});

test.each(['hub', 'importer'] as const)(
  'health of a %s has a port of its own where it is asked for',
  async (service) => {
    const [port = 0, healthPort = 0] = await findFreePorts(2);
    const environment = { ...secrets, ...(await nobody()), PUBLIC_URL: 'https://tidings.example' };
    const instance = new ServiceInstance({ service, port, healthPort, environment, onSpawn: guard.watch });
    onTestFinished(() => instance.kill());
    instance.spawn();
    const readiness = async () => expect(await instance.readiness()).toMatchObject({ status: 'not_ready' });
    await eventually(readiness, patiently);
    expect((await fetch(`${instance.healthUrl}/livez`)).status).toBe(200);
    expect(await instance.metrics()).toContain('process_cpu_seconds_total');
    for (const path of ['/contacts', '/METRICS', '/metrics/'])
      expect([path, (await fetch(`${instance.healthUrl}${path}`)).status]).toEqual([path, 404]);
    if (service === 'hub') {
      const answer = await fetch(`${instance.url}/metrics`);
      expect([answer.status, (await answer.json()).code]).toEqual([503, 'unavailable']);
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
    } else {
      // The process serves nothing else.
      await expect(fetch(`${instance.url}/metrics`)).rejects.toThrow();
    }
    expect(await instance.stop()).toBe(0);
  },
);

test.each(['hub', 'jobs-service'] as const)(
  'a %s on a network, where nobody signs in, is one clear line',
  async (service) => {
    const instance = await instanceOf(service, { ...secrets, ...(await nobody()), HOST: '0.0.0.0' });
    instance.spawn();
    expect(await instance.exited()).toBe(1);
    expect(instance.output()).toMatch(
      new RegExp(
        `^${service}: HOST 0.0.0.0 is open to a network, and nobody has to sign in: [^\\n]*ALLOW_ANYONE=true[^\\n]*\\n$`,
      ),
    );
  },
);

// npm runs a script in a shell, and a shell that waits for its child passes on no signal.
test('what a supervisor tells npm reaches the process', async () => {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...secrets, ...(await nobody()) };
  const [port] = await findFreePorts(1);
  const npm = spawn('npm', ['run', 'start', '-w', 'aggregator'], {
    cwd: root,
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void npm.kill('SIGKILL'));
  let output = '';
  npm.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  await eventually(() => expect(output).toContain('health is served'), patiently);
  npm.kill('SIGTERM');
  // The pipe closes when its last holder ends, so not before the process has ended.
  await once(npm.stdout, 'close');
  expect(output).toContain('"msg":"stopped"');
});

test('a taken port is one clear line', async () => {
  const environment = { ...secrets, ...(await nobody()) };
  const first = await instanceOf('aggregator', environment);
  first.spawn();
  await eventually(async () => expect(await first.readiness()).not.toBeNull(), patiently);
  const second = new ServiceInstance({ service: 'hub', port: first.port, environment, onSpawn: guard.watch });
  onTestFinished(() => second.kill());
  second.spawn();
  expect(await second.exited()).toBe(1);
  expect(second.output()).toContain(`hub: Port ${first.port} on 127.0.0.1 is taken`);
});

/** A real Kafka on which `import-commands` has 6 partitions, and `import-state` 4. */
async function kafkaOfUnequalPartitions(): Promise<string> {
  const engines = await startEngines({ kafka: true });
  onTestFinished(() => engines.stop());
  const log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
  onTestFinished(() => log.close());
  const plans = planTopics(6).map((plan) => (plan.name === topics.state ? { ...plan, partitions: 4 } : plan));
  await log.ensureTopics(plans);
  return engines.kafkaBrokers;
}

// No value of TOPIC_PARTITIONS fits both topics, so a message about the one would send the operator to the other and back.
test('commands and states of unequal partitions are one clear line, whatever number was asked for', async () => {
  const brokers = await kafkaOfUnequalPartitions();
  const aggregatorOf = (partitions: number) =>
    instanceOf('aggregator', { KAFKA_BROKERS: brokers, TOPIC_PARTITIONS: String(partitions) });
  const asked = await Promise.all([6, 4, 3].map(aggregatorOf));
  for (const instance of asked) instance.spawn();
  for (const instance of asked) {
    expect(await instance.exited(), instance.output()).toBe(1);
    const lines = instance.output().trimEnd().split('\n');
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([
      'aggregator: Topic import-commands has 6 partitions and topic import-state has 4, but they need equally many. ' +
        'Stop every process, delete both topics, and start again: they are made anew, and what was under way in them is forgotten.',
    ]);
    expect(lines.filter((line) => line.includes('import-state'))).toHaveLength(1);
  }

  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await admin.deleteTopics({ topics: [topics.commands, topics.state] });
  const mended = await aggregatorOf(6);
  await mended.start();
  const { topics: made } = await admin.fetchTopicMetadata({ topics: [topics.commands, topics.state] });
  expect(made.map(({ partitions }) => partitions.length)).toEqual([6, 6]);
});
