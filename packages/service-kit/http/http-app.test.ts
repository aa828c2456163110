import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, test } from 'vitest';
import { createHttpApp } from './http-app.ts';
import { createHttpServer } from './http-server.ts';
import { createRouter } from './router.ts';

// `fetch`, in browsers and in Node.js, sends `Cache-Control: no-cache` with each condition of its caller.
test('a condition that fetch sends is heeded: 304 where the answer is the one that the client knows', async () => {
  let number = 1;
  const routes = [createRouter().get('/number', (_request, response) => void response.json({ number }))];
  const app = createHttpApp({ logger: silentLogger, site: null, trustedProxies: 0, routes });
  const server = createHttpServer(app);
  const { url } = await startTestServer(server);
  const ask = (headers: Record<string, string> = {}) => fetch(`${url}/number`, { headers });
  const known = { 'If-None-Match': String((await ask()).headers.get('ETag')) };
  expect((await ask(known)).status).toBe(304);
  number = 2;
  expect(await (await ask(known)).json()).toEqual({ number: 2 });
});

test.each([
  ['Bearer session', 'tidings-support=a.b.c', 'Bearer a.b.c'],
  ['Bearer session', 'theme=dark; tidings-support=a.b.c; x=y', 'Bearer a.b.c'],
  ['Bearer session', 'not-tidings-support=a.b.c', 'Bearer session'],
  // The cookie alone is nothing: a foreign page could make a browser send it, and has no way to send the header.
  [undefined, 'tidings-support=a.b.c', undefined],
  ['Bearer another', 'tidings-support=a.b.c', 'Bearer another'],
])(
  'a request is of support’s session only where it says so and has its cookie: %s, %s',
  async (authorization, cookie, read) => {
    const routes = [
      createRouter().get('/', ({ headers }, response) => void response.json([headers.authorization ?? null])),
    ];
    const app = createHttpApp({ logger: silentLogger, site: null, trustedProxies: 0, routes });
    const server = createHttpServer(app);
    const { url } = await startTestServer(server);
    const headers = {
      Cookie: cookie,
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    };
    const answer = await fetch(`${url}/`, { headers });
    expect(await answer.json()).toEqual([read ?? null]);
  },
);
