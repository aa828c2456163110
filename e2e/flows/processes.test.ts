/** Each service as a process of its own, without any engine: what is missing is named, what is away is waited for. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ServiceInstance, type ServiceName, serviceNames } from '../service-instance.ts';
import { findFreePorts } from '../services/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A start takes its time on a busy machine. */
const patiently = { timeout: 60_000 };

const secrets = { AUTH_SECRET: 'a'.repeat(32), SUPPORT_TOKEN: 's'.repeat(16) };
const needs: Readonly<Record<ServiceName, readonly string[]>> = {
  hub: ['AUTH_SECRET', 'SUPPORT_TOKEN', 'KAFKA_BROKERS', 'REDIS_URL'],
  'jobs-service': ['AUTH_SECRET', 'SUPPORT_TOKEN', 'KAFKA_BROKERS', 'DATABASE_URL'],
  importer: ['KAFKA_BROKERS', 'DATABASE_URL'],
  aggregator: ['KAFKA_BROKERS'],
  'reference-data': ['KAFKA_BROKERS'],
};

async function instanceOf(
  service: ServiceName,
  environment: Readonly<Record<string, string>>,
): Promise<ServiceInstance> {
  const [port = 0] = await findFreePorts(1);
  const instance = new ServiceInstance({ service, port, environment });
  onTestFinished(() => instance.kill());
  return instance;
}

/** Addresses on which nobody listens. */
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
    await expect.poll(() => instance.output(), patiently).toMatch(/waiting for \w/);
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

// npm runs a script by a shell, and a shell that waits for its child passes no signal on.
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
  await expect.poll(() => output, patiently).toContain('health is served');
  npm.kill('SIGTERM');
  // Closed by whoever held it last: not before the process has gone.
  await once(npm.stdout, 'close');
  expect(output).toContain('"msg":"stopped"');
});

test('a taken port is one clear line', async () => {
  const environment = { ...secrets, ...(await nobody()) };
  const first = await instanceOf('aggregator', environment);
  first.spawn();
  await expect.poll(() => first.readiness(), patiently).not.toBeNull();
  const second = new ServiceInstance({ service: 'hub', port: first.port, environment });
  onTestFinished(() => second.kill());
  second.spawn();
  expect(await second.exited()).toBe(1);
  expect(second.output()).toContain(`hub: Port ${first.port} on 127.0.0.1 is taken`);
});
