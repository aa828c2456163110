import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { afterEach, expect, test, vi } from 'vitest';
import { createHealthRouter, type ReadinessCheck } from './health.ts';
import { createHttpApp } from './http-app.ts';
import { createHttpServer } from './http-server.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function serve(checks: Readonly<Record<string, ReadinessCheck>>): Promise<string> {
  const routes = [createHealthRouter(checks, async () => 'some_metric 1\n')];
  const server = createHttpServer(
    createHttpApp({ logger: silentLogger, site: null, trustedProxies: 0, routes }),
  );
  const { url } = await startTestServer(server);
  return url;
}

test('a process that runs is alive, whatever its checks say', async () => {
  const url = await serve({ log: () => Promise.reject(new Error('away')) });
  const response = await fetch(`${url}/livez`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test('a service is ready when every check passes; otherwise the answer names each check that fails, and why', async () => {
  const checks: Record<string, ReadinessCheck> = {
    log: async () => 'any result',
    contacts: async () => undefined,
  };
  const url = await serve(checks);
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({
    status: 'ready',
    checks: [
      { name: 'log', ready: true },
      { name: 'contacts', ready: true },
    ],
  });
  checks.contacts = () => Promise.reject(new Error('the database is away'));
  const notReady = await fetch(`${url}/readyz`);
  expect(notReady.status).toBe(503);
  expect(await notReady.json()).toEqual({
    status: 'not_ready',
    checks: [
      { name: 'log', ready: true },
      { name: 'contacts', ready: false, reason: 'the database is away' },
    ],
  });
});

test('a check that does not answer in time counts as failed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let begun = false;
  const url = await serve({
    log: () => {
      begun = true;
      return new Promise(() => undefined);
    },
  });
  const answer = fetch(`${url}/readyz`).then((response) => response.json());
  // The request comes over a real socket, which fake timers do not touch.
  while (!begun) await new Promise(setImmediate);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await answer).toEqual({
    status: 'not_ready',
    checks: [{ name: 'log', ready: false, reason: 'no answer within 2000 ms' }],
  });
});

test('metrics are served as Prometheus reads them', async () => {
  const response = await fetch(`${await serve({})}/metrics`);
  expect(response.headers.get('Content-Type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toBe('some_metric 1\n');
});
