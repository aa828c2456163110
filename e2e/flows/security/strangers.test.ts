/** Pages of other sites in a real browser, against the real server without a login: they can change nothing, and read nothing. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page as ListPage } from '@tidings/contracts/http.ts';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { createChannel, getJson } from '@tidings/testing/connections/requests.ts';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startFileStackAndBrowser } from '../../test/file-stack.ts';

const [stack, browser] = await startFileStackAndBrowser({ PUBLIC_URL: '', ALLOWED_HOSTS: '' });

/** A browser finds every name under `localhost` on this machine, and takes each for a site of its own. */
async function openForeignPage(html: string, host = 'evil.localhost'): Promise<Page> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const page = await openPage();
  await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
  return page;
}

async function openPage(): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context.newPage();
}

async function importsOf(): Promise<string[]> {
  const { token } = await createChannel(stack.url);
  const { items } = await getJson<ListPage<ImportState>>(`${stack.url}/imports`, token);
  return items.map(({ importId }) => importId);
}

// Another port of `localhost` is the same site, and still another origin.
describe.each(['evil.localhost', 'localhost', '127.0.0.1'])('a page of %s', (host) => {
  test('imports nothing by a form', async () => {
    const page = await openForeignPage(
      `<form method="post" action="${stack.url}/imports" enctype="multipart/form-data">
         <input type="file" name="file"><button>Win a prize</button>
       </form>`,
      host,
    );
    const buffer = Buffer.from('email\nforged@example.org\n');
    await page.locator('input').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer });
    const [answer] = await Promise.all([
      page.waitForResponse(`${stack.url}/imports`),
      page.locator('button').click(),
    ]);
    expect(answer.status()).toBe(403);
    expect(await importsOf()).toEqual([]);
  });

  test('imports nothing by a request that no browser asks leave for', async () => {
    const page = await openForeignPage('<p>A prize</p>', host);
    const sent = page.waitForResponse(`${stack.url}/imports`);
    await page.evaluate(async (url) => {
      const form = new FormData();
      form.append('file', new Blob(['email\nforged@example.org\n']), 'a.csv');
      await fetch(url, { method: 'POST', mode: 'no-cors', body: form });
    }, `${stack.url}/imports`);
    expect((await sent).status()).toBe(403);
    expect(await importsOf()).toEqual([]);
  });

  test('opens no socket', async () => {
    const page = await openForeignPage('<p>A prize</p>', host);
    const address = `${stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const outcome = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        }),
      address,
    );
    expect(outcome).toBe('refused');
  });
});

test('a page whose name was changed to lead here sees nothing', async () => {
  const page = await openPage();
  const { port } = new URL(stack.url);
  for (const path of ['', 'contacts', 'support', 'readyz']) {
    const answer = await page.goto(`http://rebound.localhost:${port}/${path}`);
    expect([path, answer?.status()]).toEqual([path, 421]);
  }
});

test('our own page may connect to its own server, and to no other', async () => {
  const page = await openPage();
  const answer = await page.goto(stack.url);
  const { host } = new URL(stack.url);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain(`connect-src 'self' ws://${host} wss://${host};`);
  expect(answer?.headers()).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(answer?.headers()).not.toHaveProperty('strict-transport-security');
  const outcome = await page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
          resolve(effectiveDirective),
        );
        new WebSocket('ws://127.0.0.1:1/');
      }),
  );
  expect(outcome).toBe('connect-src');
});
