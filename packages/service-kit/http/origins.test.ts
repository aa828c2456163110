import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test } from 'vitest';
import { siteOf } from '../config/site-variables.ts';
import { createHttpApp } from './http-app.ts';
import { createHttpServer } from './http-server.ts';
import { createRouter } from './router.ts';

const LISTED = 'https://shop.example';

/** A server as each service has it, which lists one origin. */
async function serve(): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const routes = createRouter()
    .get('/thing', (_request, response) => void response.set('Retry-After', '3').json({ read: true }))
    .post('/thing', (_request, response) => void response.status(201).json({ written: true }));
  const site = siteOf({ HOST: '127.0.0.1', ALLOWED_ORIGINS: [LISTED], ALLOWED_HOSTS: [] });
  const server = createHttpServer(
    createHttpApp({ logger: silentLogger, site, trustedProxies: 0, routes: [routes] }),
  );
  const { url } = await startTestServer(server);
  return (path, init) => fetch(`${url}${path}`, init);
}

const crossSite = (origin: string) => ({ Origin: origin, 'Sec-Fetch-Site': 'cross-site' });

test('a page of a listed origin may read answers, also refusals, and without cookies', async () => {
  const ask = await serve();
  for (const [path, method, status] of [
    ['/thing', 'GET', 200],
    ['/thing', 'POST', 201],
    ['/nothing', 'GET', 404],
  ] as const) {
    const { status: answered, headers } = await ask(path, { method, headers: crossSite(LISTED) });
    expect([path, answered, headers.get('Access-Control-Allow-Origin')]).toEqual([path, status, LISTED]);
    expect(headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull();
    expect(headers.get('Vary')).toContain('Origin');
  }
});

test('a browser that asks leave for such a page gets it, with the headers that the client library sends', async () => {
  const ask = await serve();
  const headers = {
    ...crossSite(LISTED),
    'Access-Control-Request-Method': 'PATCH',
    'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key',
  };
  const leave = await ask('/thing', { method: 'OPTIONS', headers });
  expect(leave.status).toBe(204);
  expect(leave.headers.get('Access-Control-Allow-Methods')).toContain('PATCH');
  for (const name of ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'Prefer'])
    expect(leave.headers.get('Access-Control-Allow-Headers')).toContain(name);
});

test.each(['https://evil.example', 'https://shop.example.evil.example', 'http://shop.example', 'null'])(
  'a page of %s reads nothing, and gets no leave',
  async (origin) => {
    const ask = await serve();
    const asked = { ...crossSite(origin), 'Access-Control-Request-Method': 'POST' };
    for (const [method, headers] of [
      ['GET', crossSite(origin)],
      ['OPTIONS', asked],
      ['POST', crossSite(origin)],
    ] as const) {
      const answer = await ask('/thing', { method, headers });
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull();
      expect(answer.headers.get('Access-Control-Allow-Methods')).toBeNull();
      if (method === 'POST') expect(answer.status).toBe(403);
    }
  },
);
