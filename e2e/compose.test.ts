/** What `docker compose up` is told: by the published schema, and against what the services, the image and the proxy really are. */
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DCLinter } from 'dclint';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readAggregatorConfig } from '../aggregator/config.ts';
import { readHubConfig } from '../hub/config.ts';
import { readImporterConfig } from '../importer/config.ts';
import { readEnginesConfig, readJobsServiceConfig } from '../jobs-service/config.ts';
import { readReferenceDataConfig } from '../reference-data/config.ts';
import { loginVariables } from '../service-kit/auth-variables.ts';
import { buildServices } from '../service-kit/build-services.mjs';
import { renderProxyConfiguration } from './reverse-proxy.ts';
import { nodeArguments, serviceNames } from './service-instance.ts';

beforeAll(buildServices);

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  cpu_shares: z.number().default(1024),
  deploy: z.object({ replicas: z.number() }).optional(),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }),
});
const compose = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));

/** As compose reads it: `${NAME:-default}`, and `${NAME:?message}` for what `.env` must hold. */
function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+):([-?])([^}]*)\}/g, (_whole, name: string, kind: string, rest: string) => {
    const value = environment[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name}: ${rest}`);
    return value;
  });
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

describe('docker-compose.yml', () => {
  test('keeps to the published schema of compose files, and to what a linter asks for', () => {
    // The order of keys is ours: what a reader wants to know first stands first.
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
      expect(['--enable-source-maps', ...(service?.command ?? [])]).toEqual(nodeArguments(name));
      expect(service?.deploy?.replicas).toBe(name === 'reference-data' ? undefined : 2);
      expect(service?.healthcheck.test?.join(' ')).toContain('/readyz');
    }
    const programs = Object.values(compose.services)
      .filter(({ image }) => image === 'tidings:local')
      .map(({ command }) => command?.at(-1) ?? '');
    expect(programs).toContain('dist/prepare-engines.mjs');
    expect(programs.filter((program) => !existsSync(path(program)))).toEqual([]);
  });

  test('lets what carries files give way, as those processes do by themselves', () => {
    const giving = serviceNames.filter((name) => (compose.services[name]?.cpu_shares ?? 1024) < 1024);
    expect(giving).toEqual(
      serviceNames.filter((name) => read(`${name}/main.ts`).includes('await giveWay();')),
    );
    expect(giving).toEqual(['jobs-service', 'importer']);
  });

  test('runs the same by hand', () => {
    for (const name of serviceNames) {
      const { scripts } = JSON.parse(read(`${name}/package.json`));
      const command = nodeArguments(name).join(' ').replace(' dist/', ' ../dist/');
      expect(scripts.start).toBe(`node ../service-kit/build-services.mjs && exec node ${command}`);
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
    ['prepare', readEnginesConfig],
  ] as const)('gives %s settings that it takes, and none that it does not know', (name, readConfig) => {
    const environment = environmentOf(name);
    const config = readConfig(environment);
    const optional = [...Object.keys(loginVariables), 'PUBLIC_URL'];
    expect(Object.keys(environment).filter((each) => !(each in config) && !optional.includes(each))).toEqual(
      [],
    );
    expect(config.KAFKA_BROKERS).toEqual(['kafka:9092']);
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
    const rendered = renderProxyConfiguration(proxy?.environment ?? {});
    const code = rendered.replaceAll(/^\s*#.*$/gm, '');
    expect(code).not.toMatch(/\$\{/);
    expect(code).toContain('server hub:3000 ');
    expect(code).toContain('server jobs-service:3000 ');
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const build = dockerfile.slice(dockerfile.indexOf('AS build'), dockerfile.indexOf('AS runtime'));
  const runtime = dockerfile.slice(dockerfile.indexOf('AS runtime'));

  test('builds from every folder that a service or a page imports from', () => {
    const copied = [...build.matchAll(/^COPY ([\w-]+) \1$/gm)].map(([, folder = '']) => folder);
    const programs = [
      ...serviceNames.map((name) => `${name}/main.ts`),
      'jobs-service/prepare-engines.ts',
      'web-client/main.tsx',
    ];
    const folders = new Set(withImports(programs).map((file) => file.slice(0, file.indexOf('/'))));
    expect([...folders].sort()).toEqual(copied.sort());
    for (const folder of copied) expect(read('.dockerignore')).toContain(`!${folder}\n`);
  });

  test('runs what was built, as a user who is not root', () => {
    expect(runtime).toMatch(/^USER node$/m);
    expect(runtime).toContain('COPY --from=build /app/dist dist');
    expect(runtime).toContain('ENTRYPOINT ["node", "--enable-source-maps"]');
    expect(read('package.json')).toMatch(/"dependencies": \{[^}]*"esbuild"/);
  });
});

/** The programs and all that they import, directly or not, as paths from the root. */
function withImports(programs: readonly string[]): string[] {
  const files = new Set(programs);
  for (const file of files) {
    for (const [, target = ''] of read(file).matchAll(/(?:from |import |import\()'(\.[^']+\.tsx?)'/g))
      files.add(posix.join(posix.dirname(file), target));
  }
  return [...files];
}
