import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createHttpApp } from './http-app.ts';
import { createHttpServer } from './http-server.ts';
import { readsQuery } from './query.ts';
import { createLenientRouter, createRouter } from './router.ts';

const querySchema = z.object({ status: z.string().optional(), limit: z.coerce.number().optional() });

async function startServer(): Promise<string> {
  const router = createRouter();
  const refuse = () => Promise.reject(new Error('nobody may get here'));
  router.get(
    '/list',
    readsQuery(querySchema, (query, _request, response) => void response.json(query)),
  );
  router.get('/one', (_request, response) => void response.json({}));
  router.post('/one', [refuse]);
  router.delete('/one', refuse);
  const page = createLenientRouter().get('/page', (_request, response) => void response.json({}));
  const routes = [router, page];
  const server = createHttpServer(
    createHttpApp({ logger: silentLogger, site: null, trustedProxies: 0, routes }),
  );
  const { url } = await startTestServer(server);
  return url;
}

async function ask(method: string, address: string): Promise<unknown> {
  const response = await fetch(`${await startServer()}${address}`, { method });
  return response.json();
}

// What nobody read was passed over: who had asked for `?stauts=failed` got every import, and `DELETE …?dryRun=true` deleted.
test.each([
  ['GET', '/list?stauts=failed', 'stauts', /The nearest is `status`; there are `status`, `limit`\.$/],
  ['GET', '/list?status=failed&Limit=5', 'Limit', /The nearest is `limit`/],
  ['GET', '/list?status=failed&since=yesterday', 'since', /there are `status`, `limit`/],
  ['GET', '/list?status[]=failed', 'status[]', /The nearest is `status`/],
  ['GET', '/list?constructor=1', 'constructor', /is no parameter of this address/],
  ['GET', '/list?=1', '', /is no parameter of this address/],
  ['GET', `/list?${'%F0%9F%98%80'.repeat(300)}%00=1`, expect.stringMatching(/^😀{99,100}…?$/u), /^`😀/],
  ['GET', '/one?verbose=true', 'verbose', /is no parameter of this address, which has none\.$/],
  ['POST', '/one?dryRun=true', 'dryRun', /which has none: a field belongs into the body\.$/],
  ['DELETE', '/one?dryRun=true', 'dryRun', /which has none/],
])(
  'a parameter that the route does not know is refused before anything else: %s %s',
  async (method, address, field, words) => {
    expect(await ask(method, address)).toMatchObject({
      ...{ status: 400, code: 'invalid_request', field },
      detail: expect.stringMatching(words),
    });
  },
);

test.each([
  '_=1700000000&_dc=5',
  'utm_source=mail&UTM_Campaign=x&gclid=1&fbclid=1&msclkid=1',
  'apikey=k&api_key=k&api-key=k&subscription-key=k&key=k',
  'X-Amz-Signature=k&x-goog-date=1',
  't=1&ts=1&v=2&nocache=1&no-cache=1&cb=1&cachebuster=1',
])('what gateways, trackers and those who go round caches add is passed over: %s', async (added) => {
  expect(await ask('GET', `/list?status=failed&${added}&limit=5`)).toEqual({ status: 'failed', limit: 5 });
  expect(await ask('GET', `/one?${added}`)).toEqual({});
});

test('pages take whatever stands in their addresses', async () => {
  expect(await ask('GET', '/page?stauts=failed')).toEqual({});
});
