/** Checks `docker-compose.yml` against the published schema, and against the real services, image and proxy. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAggregatorConfig } from '@tidings/aggregator/config.ts';
import { readHubConfig } from '@tidings/hub/config.ts';
import { readImporterConfig } from '@tidings/importer/config.ts';
import { readEnginesConfig, readJobsServiceConfig } from '@tidings/jobs-service/config.ts';
import { requestVariables } from '@tidings/jobs-service/requests/request-settings.ts';
import { readReferenceDataConfig } from '@tidings/reference-data/config.ts';
import { buildServices } from '@tidings/service-kit/build-services.mjs';
import { loginVariables, publisherVariables } from '@tidings/service-kit/config/auth-variables.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { programs, serviceNames } from '@tidings/service-kit/programs.mjs';
import { provision } from '@tidings/testing/engines/provision.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { renderProxyConfiguration } from '@tidings/testing/stack/reverse-proxy.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { readWebhooksConfig } from '@tidings/webhooks/config.ts';
import { DCLinter } from 'dclint';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

beforeAll(buildServices);

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  cpu_shares: z.number().default(1024),
  mem_limit: z.string(),
  pids_limit: z.number(),
  networks: z.array(z.string()),
  secrets: z.array(z.string()).default([]),
  deploy: z.object({ replicas: z.number() }).optional(),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }),
});
const compose = z
  .object({
    services: z.record(z.string(), serviceSchema),
    networks: z.record(z.string(), z.object({ internal: z.boolean() }).nullable()),
    secrets: z.record(z.string(), z.object({ environment: z.string() })),
  })
  .parse(parse(read('docker-compose.yml'), { merge: true }));

/** Replaces variables as compose does: `${NAME:-default}`, also one inside another, and `${NAME:?message}` for what `.env` must hold. */
function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  const innermost = /\$\{(\w+):([-?])([^{}]*)\}/g;
  const read = text.replaceAll(innermost, (_whole, name: string, kind: string, rest: string) => {
    const value = environment[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name}: ${rest}`);
    return value;
  });
  return read === text ? text.replaceAll('$$', '$') : interpolate(read, environment);
}

const dotenv = {
  AUTH_SECRET: 'a'.repeat(64),
  SUPPORT_TOKEN: 's'.repeat(32),
  POSTGRES_PASSWORD: 'p'.repeat(32),
  REDIS_PASSWORD: 'r'.repeat(32),
};

function environmentOf(service: string, values: Readonly<Record<string, string>> = dotenv) {
  const variables = compose.services[service]?.environment ?? {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, text]) => [name, interpolate(text, values)]),
  );
}

/** The environment that the image gives to every process. */
function imageEnvironment(): Record<string, string> {
  const [, line = ''] = /^ENV (.*)$/m.exec(read('Dockerfile')) ?? [];
  return Object.fromEntries(line.split(' ').map((pair) => pair.split('=')));
}

describe('docker-compose.yml', () => {
  test('keeps to the published schema of compose files, and to what a linter asks for', () => {
    // We order the keys ourselves: what a reader wants to know first stands first.
    const order = ['service-keys-order', 'services-alphabetical-order', 'top-level-properties-order'];
    const rules = Object.fromEntries(order.map((name) => [name, 0 as const]));
    const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
    const results = linter.lintFiles([path('docker-compose.yml')], false);
    expect(results).toHaveLength(1);
    expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  });

  test('runs two of every service that may have two, and each by a program that exists', () => {
    for (const name of serviceNames) {
      const service = compose.services[name];
      expect(service?.command).toEqual([name]);
      expect(service?.deploy?.replicas).toBe(name === 'reference-data' ? undefined : 2);
      expect(service?.healthcheck.test?.join(' ')).toContain('/readyz');
    }
    const started = Object.values(compose.services)
      .filter(({ image }) => image === 'tidings:local')
      .map(({ command }) => command?.join(' '));
    expect(started.sort()).toEqual(Object.keys(programs).sort());
  });

  test('runs the same by hand', () => {
    for (const name of serviceNames) {
      const { scripts } = JSON.parse(read(`${name}/package.json`));
      expect(scripts.start).toBe(
        `node ../packages/service-kit/build-services.mjs && exec ../dist/run ${name}`,
      );
    }
  });

  test('pins every image, and opens one port, on this machine alone', () => {
    const images = Object.values(compose.services).map(({ image }) => image);
    expect(
      images.filter((image) => image !== 'tidings:local' && !/:\d+(\.\d+){1,2}(-\w+)?$/.test(image)),
    ).toEqual([]);
    const ports = Object.values(compose.services).flatMap((service) => service.ports);
    expect(ports.map((port) => interpolate(port, {}))).toEqual(['127.0.0.1:3000:8080']);
  });

  test.each([
    ['hub', readHubConfig],
    ['jobs-service', readJobsServiceConfig],
    ['importer', readImporterConfig],
    ['aggregator', readAggregatorConfig],
    ['reference-data', readReferenceDataConfig],
    ['webhooks', readWebhooksConfig],
    ['prepare', readEnginesConfig],
  ] as const)('gives %s settings that it takes, and none that it does not know', (name, readConfig) => {
    const environment = environmentOf(name);
    const config = readConfig({ ...imageEnvironment(), ...environment });
    const optional = Object.keys({ ...loginVariables, ...publisherVariables, ...requestVariables });
    expect(Object.keys(environment).filter((each) => !(each in config) && !optional.includes(each))).toEqual(
      [],
    );
    expect(config.KAFKA_BROKERS).toEqual(['kafka:9092']);
  });

  test.each([
    ['hub', readHubConfig],
    ['jobs-service', readJobsServiceConfig],
    ['importer', readImporterConfig],
    ['webhooks', readWebhooksConfig],
  ] as const)(
    'passes every setting of %s on from `.env`, but those of engines and ports',
    (name, readConfig) => {
      const fixed =
        /^(PORT|HOST|HEALTH_PORT|SHUTDOWN_TIMEOUT_MS|KAFKA_.*|TOPIC_REPLICATION|REDIS_URL|DATABASE_URL)$/;
      const settings = Object.keys(readConfig({ ...imageEnvironment(), ...environmentOf(name) }));
      const passed = compose.services[name]?.environment ?? {};
      expect(settings.filter((each) => !fixed.test(each) && !passed[each]?.includes(`\${${each}`))).toEqual(
        [],
      );
    },
  );

  test('answers to the address that it opens, and to whichever other one `.env` names', () => {
    const siteIn = (dotenvMore: Readonly<Record<string, string>>) =>
      (['hub', 'jobs-service'] as const).map((name) => {
        const environment = { ...imageEnvironment(), ...environmentOf(name, { ...dotenv, ...dotenvMore }) };
        return siteOf(name === 'hub' ? readHubConfig(environment) : readJobsServiceConfig(environment));
      });
    for (const { hosts, origins, isHttps } of siteIn({ PORT: '8000' })) {
      expect([...hosts]).toEqual(['localhost', '127.0.0.1', '[::1]']);
      expect([[...origins], isHttps]).toEqual([['http://127.0.0.1:8000'], false]);
    }
    const more = { PUBLIC_URL: 'https://tidings.example.org', ALLOWED_HOSTS: 'inside.example.org' };
    for (const { hosts, isHttps } of siteIn(more)) {
      expect([...hosts]).toEqual(expect.arrayContaining(['tidings.example.org', 'inside.example.org']));
      expect(isHttps).toBe(true);
    }
    expect(environmentOf('proxy', { ...dotenv, ...more })).toMatchObject(more);
  });

  test('lets nobody in without a login once `.env` says so', () => {
    for (const readConfig of [readHubConfig, readJobsServiceConfig]) {
      const name = readConfig === readHubConfig ? 'hub' : 'jobs-service';
      const environment = {
        ...imageEnvironment(),
        ...environmentOf(name, { ...dotenv, ALLOW_ANYONE: 'false' }),
      };
      expect(() => readConfig(environment)).toThrow(/HOST 0\.0\.0\.0 is open to a network/);
      expect(readConfig({ ...environment, USER_JWT_SECRET: 'u'.repeat(32) }).ALLOW_ANYONE).toBe('false');
    }
  });

  test('keeps the proxy from the engines, and the engines from everybody else', () => {
    const members = (network: string) =>
      Object.keys(compose.services).filter((name) => compose.services[name]?.networks.includes(network));
    const own = Object.keys(compose.services).filter(
      (name) => compose.services[name]?.image === 'tidings:local',
    );
    expect(Object.keys(compose.networks)).toEqual(['proxy', 'services', 'engines']);
    expect(members('proxy')).toEqual(['proxy']);
    expect(members('services').sort()).toEqual(['hub', 'jobs-service', 'proxy', 'webhooks']);
    expect(members('engines').sort()).toEqual([...own, 'kafka', 'postgres', 'redis'].sort());
    expect(compose.networks.engines).toEqual({ internal: true });
  });

  test('bounds the memory and the processes of each', () => {
    for (const [name, { mem_limit, pids_limit }] of Object.entries(compose.services)) {
      expect([name, mem_limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
      expect(pids_limit).toBeGreaterThan(0);
    }
  });

  test('names what `.env` must hold', () => {
    for (const name of Object.keys(dotenv)) {
      const others = Object.fromEntries(Object.entries(dotenv).filter(([each]) => each !== name));
      const missing = Object.keys(compose.services).filter((service) => {
        try {
          environmentOf(service, others);
          return false;
        } catch (error) {
          return (error as Error).message.startsWith(`${name}: `);
        }
      });
      expect(missing.length, name).toBeGreaterThan(0);
      expect(read('docs/running-at-scale.md')).toContain(`${name}=`);
    }
  });

  test('gives the proxy every value that its configuration asks for', () => {
    const { proxy } = compose.services;
    expect(proxy?.volumes.some((volume) => volume.startsWith('./nginx.conf.template:'))).toBe(true);
    expect(proxy?.volumes).toContain('./nginx.main.conf:/etc/nginx/nginx.conf:ro');
    const rendered = renderProxyConfiguration(environmentOf('proxy'));
    const code = rendered.replaceAll(/^\s*#.*$/gm, '');
    expect(code).not.toMatch(/\$\{/);
    expect(code).toContain('server hub:3000 ');
    expect(code).toContain('server jobs-service:3000 ');
  });
});

describe('the Redis of docker-compose.yml', () => {
  const { redis } = compose.services;

  /** A shell script of the image, with paths of this machine in place of the image's. */
  function localised(script: string, program: string, directory: string): string {
    return interpolate(script, {})
      .replaceAll('/run/secrets/', `${directory}/`)
      .replace(
        'docker-entrypoint.sh redis-server',
        `${program} --port 0 --unixsocket ${directory}/socket --dir ${directory}`,
      )
      .replaceAll('redis-cli ping', `redis-cli -s ${directory}/socket ping`);
  }

  test('wants a password that no command line tells', async () => {
    const directory = await temporaryFolder();
    const needs = { kafka: undefined, redis: true, postgres: false };
    const { redis: program = '' } = await provision(needs, () => undefined);
    const [secret = ''] = redis?.secrets ?? [];
    expect(compose.secrets[secret]).toEqual({ environment: 'REDIS_PASSWORD' });
    writeFileSync(join(directory, secret), dotenv.REDIS_PASSWORD);
    const [shell = '', flag = '', script = ''] = redis?.command ?? [];
    const server = spawn(shell, [flag, localised(script, program, directory)], { stdio: 'ignore' });
    onTestFinished(() => void server.kill('SIGKILL'));
    const [kind, check = ''] = redis?.healthcheck.test ?? [];
    expect(kind).toBe('CMD-SHELL');
    const healthy = () => spawnSync('sh', ['-c', localised(check, program, directory)]).status === 0;
    await eventually(() => expect(healthy()).toBe(true), { withinMs: 30_000, everyMs: 50 });
    const unasked = spawnSync('redis-cli', ['-s', `${directory}/socket`, 'get', 'x'], { encoding: 'utf8' });
    expect(unasked.stdout).toContain('NOAUTH');
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    expect(commandLine).toContain('redis-server');
    expect(commandLine).not.toContain(dotenv.REDIS_PASSWORD);
    expect(JSON.stringify(redis)).not.toContain('REDIS_PASSWORD');
  });
});
