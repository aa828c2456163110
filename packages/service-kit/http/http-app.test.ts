import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpApp } from './http-app.ts';
import { close, createHttpServer, listen } from './http-server.ts';
import { createRouter } from './router.ts';

// `fetch`, in browsers and in Node.js, sends `Cache-Control: no-cache` with each condition of its caller.
test('a condition that fetch sends is heeded: 304 where the answer is the one that the client knows', async () => {
  let number = 1;
  const routes = [createRouter().get('/number', (_request, response) => void response.json({ number }))];
  const app = createHttpApp({ logger: silentLogger, site: null, trustedProxies: 0, routes });
  const server = createHttpServer(app);
  const port = await listen(server, 0, '127.0.0.1');
  onTestFinished(() => close(server, 0));
  const ask = (headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}/number`, { headers });
  const known = { 'If-None-Match': String((await ask()).headers.get('ETag')) };
  expect((await ask(known)).status).toBe(304);
  number = 2;
  expect(await (await ask(known)).json()).toEqual({ number: 2 });
});
