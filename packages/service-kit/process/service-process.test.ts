import { Failure } from '@tidings/failures/failure.ts';
import { pause } from '@tidings/failures/retry.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { siteOf } from '../config/site-variables.ts';
import { createRouter } from '../http/router.ts';
import { createRegistry, Gauge } from './metrics.ts';
import {
  type RunningService,
  type ServiceContext,
  type ServicePlan,
  ServiceProcess,
} from './service-process.ts';

const config = { PORT: 0, HOST: '127.0.0.1', LOG_LEVEL: 'info', SHUTDOWN_TIMEOUT_MS: 1_000 } as const;
type Config = typeof config & { readonly HEALTH_PORT?: number };
const away = () => new Failure('engine_away', 'The engine is away.', { retriable: true });
const idle: RunningService = { checks: {}, stop: async () => undefined };

/** A service that is stopped with the test; its name stands in no log of the run. */
function prepare(
  plan: Partial<ServicePlan<Config>> & Pick<ServicePlan<Config>, 'start'>,
  settings: Config = config,
) {
  const { logger, lines } = recordingLogger();
  const service = new ServiceProcess(
    {
      name: 'test',
      readConfig: () => settings,
      site: ({ HOST }) => siteOf({ HOST, ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] }),
      ...plan,
    },
    settings,
    logger,
  );
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= service.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { service, lines, stop };
}

/** Starts it, and tells the port as soon as it listens: its start may be waiting for an engine. */
async function portOf({ service, lines }: ReturnType<typeof prepare>) {
  const started = service.start();
  started.catch(() => undefined);
  const { port } = await eventually(() => {
    const line = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg.startsWith('health is served'));
    expect(line).toBeDefined();
    return line;
  });
  return { url: `http://127.0.0.1:${port}`, started };
}

async function readiness(url: string): Promise<{ status: string; checks: readonly object[] }> {
  return JSON.parse(await (await fetch(`${url}/readyz`)).text());
}

test('while an engine is away health is served and names it, routes answer 503, and the start goes on by itself', async () => {
  let isAway = true;
  const prepared = prepare({
    async start({ waitFor }: ServiceContext<Config>) {
      await waitFor('the engine', async () => {
        if (isAway) throw away();
      });
      return {
        ...idle,
        router: createRouter().get('/hello', (_request, response) => void response.send('hi')),
      };
    },
  });
  const { url, started } = await portOf(prepared);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  await eventually(async () =>
    expect(await readiness(url)).toEqual({
      status: 'not_ready',
      checks: [
        { name: 'started', ready: false, reason: 'the service is starting' },
        { name: 'the engine', ready: false, reason: 'The engine is away.' },
      ],
    }),
  );
  const early = await fetch(`${url}/hello`);
  expect(early.headers.get('Retry-After')).toBe('1');
  expect(await early.json()).toMatchObject({ status: 503, code: 'unavailable', retriable: true });
  isAway = false;
  await started;
  expect(await readiness(url)).toEqual({ status: 'ready', checks: [] });
  expect(await (await fetch(`${url}/hello`)).text()).toBe('hi');
});

// A person who opened a page in that time was left with a problem document, which asks nobody again.
test('what needs no engine is served during the start, and afterwards by the service alone', async () => {
  let begin = () => undefined as unknown;
  const isOver = new Promise<unknown>((resolve) => {
    begin = () => resolve(null);
  });
  const prepared = prepare({
    whileStarting: createRouter().get('/page', (_request, response) => void response.send('page')),
    async start() {
      await isOver;
      return {
        ...idle,
        router: createRouter().get('/page', (_request, response) => void response.send('of the service')),
      };
    },
  });
  const { url, started } = await portOf(prepared);
  expect(await (await fetch(`${url}/page`)).text()).toBe('page');
  expect((await fetch(`${url}/hello`)).status).toBe(503);
  begin();
  await started;
  expect(await (await fetch(`${url}/page`)).text()).toBe('of the service');
});

test('what waiting cannot mend ends the start with that failure', async () => {
  const { service } = prepare({
    start: ({ waitFor }) => waitFor('the topics', () => Promise.reject(new Failure('topic_mismatch', 'No.'))),
  });
  await expect(service.start()).rejects.toMatchObject({ code: 'topic_mismatch' });
});

test('a taken port is named with its variable', async () => {
  const first = await prepare({ start: async () => idle }).service.start();
  const second = prepare({ start: async () => idle }, { ...config, PORT: first.port as 0 });
  await expect(second.service.start()).rejects.toMatchObject({
    code: 'listen_failed',
    message: expect.stringContaining('or set PORT to another one'),
  });
});

test('a stop drains, lets requests end, finishes the work, and closes the engines last, the newest first', async () => {
  const steps: string[] = [];
  const step = (name: string) => async () => void steps.push(name);
  let answer = (): void => undefined;
  const prepared = prepare({
    async start({ closeAtEnd }) {
      closeAtEnd(step('database closed'));
      closeAtEnd(step('log closed'));
      const router = createRouter().get('/slow', async (_request, response) => {
        await new Promise<void>((resolve) => {
          answer = resolve;
          steps.push('request came');
        });
        response.send('done');
      });
      return { router, checks: {}, drain: step('drained'), stop: step('work finished') };
    },
  });
  const { url, started } = await portOf(prepared);
  await started;
  const slow = fetch(`${url}/slow`).then((response) => response.text());
  await eventually(() => expect(steps).toEqual(['request came']));
  const stopped = prepared.stop();
  await eventually(() => expect(steps).toContain('drained'));
  answer();
  expect(await slow).toBe('done');
  await stopped;
  expect(steps).toEqual(['request came', 'drained', 'work finished', 'log closed', 'database closed']);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

// The first failure ended the stop: work in hand was cut off, and the log was never closed.
test('what fails in a stop keeps nothing behind it from its turn, and is passed on in the end', async () => {
  const steps: string[] = [];
  const failing = (name: string) => async () => {
    steps.push(name);
    throw new Error(`not ${name}`);
  };
  const { logger, lines } = recordingLogger();
  const service = new ServiceProcess<Config>(
    {
      name: 'test',
      readConfig: () => config,
      site: ({ HOST }) => siteOf({ HOST, ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [] }),
      async start({ closeAtEnd }) {
        closeAtEnd(async () => void steps.push('database closed'));
        closeAtEnd(failing('log closed'));
        return { checks: {}, drain: failing('drained'), stop: failing('work finished') };
      },
    },
    config,
    logger,
  );
  const { port } = await service.start();
  await expect(service.stop()).rejects.toThrow('not drained');
  expect(steps).toEqual(['drained', 'work finished', 'log closed', 'database closed']);
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  const told = lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg.startsWith('a step of stopping'));
  expect(told).toHaveLength(3);
});

test('a stop in the middle of a start ends the waiting and closes what was opened', async () => {
  const steps: string[] = [];
  const prepared = prepare({
    async start({ waitFor, closeAtEnd }) {
      closeAtEnd(async () => void steps.push('opened, and closed'));
      return waitFor('the engine', () => Promise.reject(away()));
    },
  });
  const { url, started } = await portOf(prepared);
  await eventually(async () => expect((await readiness(url)).checks).toHaveLength(2));
  await prepared.stop();
  await started;
  expect(steps).toEqual(['opened, and closed']);
});

test('a stop in the middle of a start aborts its signal, which ends any other wait', async () => {
  const reasons: unknown[] = [];
  const prepared = prepare({
    async start({ signal }) {
      await pause(3_600_000, signal).catch((reason: unknown) => reasons.push(reason));
      return idle;
    },
  });
  const { started } = await portOf(prepared);
  await prepared.stop();
  await started;
  expect(reasons).toEqual([expect.objectContaining({ message: 'the service is stopping' })]);
});

test('health on a port of its own stands on no other one, and answers until the engines are closed', async () => {
  const registry = createRegistry({ processMetrics: false });
  new Gauge({ name: 'tidings_test', help: 'x', registers: [registry] }).set(7);
  let healthUrl = '';
  const during: number[] = [];
  const prepared = prepare(
    {
      async start({ closeAtEnd }) {
        closeAtEnd(async () => void during.push((await fetch(`${healthUrl}/readyz`)).status));
        return { ...idle, metrics: () => registry.metrics() };
      },
    },
    { ...config, HEALTH_PORT: 0 },
  );
  const { port, healthPort } = await prepared.service.start();
  healthUrl = `http://127.0.0.1:${healthPort}`;
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(404);
  const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
  expect(metrics).toContain('tidings_test 7');
  expect(metrics).toContain('process_cpu_seconds_total');
  await prepared.stop();
  expect(during).toEqual([503]);
});

test('at a terminal, sentences for a person replace the lines of the log', async () => {
  const told: (string | number)[] = [];
  const { service, lines, stop } = prepare({
    start: async () => idle,
    terminal: () => ({ ready: (port) => void told.push(port), stopping: () => void told.push('stopping') }),
  });
  const { port } = await service.start();
  await stop();
  expect(told).toEqual([port, 'stopping']);
  expect(lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 30)).toEqual([]);
});
