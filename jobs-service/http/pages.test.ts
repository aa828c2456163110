import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import express from 'express';
import { expect, test } from 'vitest';
import { createPages, createUnknownPage } from './pages.ts';

const PAGE = '<!doctype html><title>Tidings</title>';
const ASSET = 'export {};';
const OTHERWISE = 'not a page';
const UNKNOWN = '/foo/bar';

/** The pages of a folder, and behind them a handler that takes every other request but one. */
async function start() {
  const directory = await temporaryFolder();
  await mkdir(join(directory, 'assets'));
  await mkdir(join(directory, '.vite'));
  const words = { 'words-zh.js': { file: 'assets/words-zh-4711.js', name: 'words-zh' } };
  await writeFile(join(directory, '.vite', 'manifest.json'), JSON.stringify(words));
  await writeFile(join(directory, 'index.html'), PAGE);
  await writeFile(join(directory, 'index.html.br'), brotliCompressSync(PAGE));
  await writeFile(join(directory, 'index.html.gz'), gzipSync(PAGE));
  await writeFile(join(directory, 'favicon.svg'), '<svg/>');
  await writeFile(join(directory, 'assets', 'main-4711.js'), ASSET);
  await writeFile(join(directory, 'assets', 'main-4711.js.br'), brotliCompressSync(ASSET));
  await mkdir(join(directory, 'embed', 'assets'), { recursive: true });
  await writeFile(join(directory, 'embed', 'tidings-import.js'), ASSET);
  await writeFile(join(directory, 'embed', 'tidings-import.js.br'), brotliCompressSync(ASSET));
  await writeFile(join(directory, 'embed', 'assets', 'part-4711.js'), ASSET);
  const app = express()
    .use(createPages(directory), (request, response, next) =>
      request.path === UNKNOWN ? next() : void response.send(OTHERWISE),
    )
    .use(createUnknownPage(directory))
    .use(answerProblems(silentLogger));
  const server = createHttpServer(app);
  const { url, port } = await startTestServer(server);
  const get = async (path: string, accept = 'text/html', encoding = 'identity', language = 'en') => {
    const headers = { Accept: accept, 'Accept-Encoding': encoding, 'Accept-Language': language };
    const response = await fetch(`${url}${path}`, { headers });
    return { response, text: await response.text() };
  };
  return { port, get };
}

test('every page is one document, which is asked for each time', async () => {
  const { get } = await start();
  for (const path of ['/', '/contacts', '/support', '/support/imports/0198c0de', '/support/dead-letters']) {
    const { response, text } = await get(path);
    expect([path, response.status, text]).toEqual([path, 200, PAGE]);
    expect(response.headers.get('Cache-Control')).toBeNull();
    expect(response.headers.get('ETag')).not.toBeNull();
  }
});

// A page in another language was drawn a round of the network later than one in English.
test('a page names the words of the language that the client prefers, where they are a file', async () => {
  const { get } = await start();
  const linkOf = async (path: string, language: string) =>
    (await get(path, 'text/html', 'identity', language)).response.headers.get('Link');
  const words = '</assets/words-zh-4711.js>; rel=modulepreload';
  expect(await linkOf('/', 'zh-CN,zh;q=0.9,en;q=0.8')).toBe(words);
  expect(await linkOf(UNKNOWN, 'zh-TW')).toBe(words);
  expect(await linkOf('/', 'en-GB,zh;q=0.5')).toBeNull();
  expect(await linkOf('/', 'de')).toBeNull();
  const { response } = await get('/');
  expect(response.headers.get('Vary')).toContain('Accept-Language');
  expect((await get('/.vite/manifest.json')).text).toBe(OTHERWISE);
});

test('the contacts are a page for a client that prefers HTML, and else a resource', async () => {
  const { get } = await start();
  expect((await get('/contacts', 'application/json')).text).toBe(OTHERWISE);
  expect((await get('/contacts', '*/*')).text).toBe(OTHERWISE);
  const { response } = await get('/contacts', 'text/html,application/xhtml+xml,*/*;q=0.8');
  expect(response.headers.get('Vary')).toContain('Accept');
});

// A mistyped address answered with raw JSON, and the page that says so could not be reached.
test('an address that nothing answers is a page for a client that prefers HTML, and a problem for others', async () => {
  const { get } = await start();
  const { response, text } = await get(UNKNOWN, 'text/html,application/xhtml+xml,*/*;q=0.8', 'br');
  expect([response.status, text]).toEqual([404, PAGE]);
  expect(response.headers.get('Content-Security-Policy')).not.toBeNull();
  expect(response.headers.get('Content-Encoding')).toBe('br');
  const problem = await get(UNKNOWN, '*/*');
  expect(problem.response.status).toBe(404);
  expect(problem.text).not.toContain('<!doctype');
});

test('an asset is kept for ever, and any other file is asked for each time', async () => {
  const { get } = await start();
  const asset = await get('/assets/main-4711.js', '*/*');
  expect(asset.text).toBe(ASSET);
  expect(asset.response.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
  const icon = await get('/favicon.svg', '*/*');
  expect(icon.response.headers.get('Cache-Control')).toBe('public, no-cache');
});

test('the script of the element may be run by pages of any origin: it is asked for each time, its parts are kept for ever', async () => {
  const { get } = await start();
  for (const [path, encoding, cacheControl] of [
    ['/embed/tidings-import.js', 'br', 'public, no-cache'],
    ['/embed/assets/part-4711.js', 'br', 'public, max-age=31536000, immutable'],
  ] as const) {
    const { response, text } = await get(path, '*/*', encoding);
    expect([path, response.status, text]).toEqual([path, 200, ASSET]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': cacheControl,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(response.headers.get('ETag')).not.toBeNull();
  }
  const { response } = await get('/assets/main-4711.js', '*/*');
  expect(response.headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
});

test.each([
  { takes: 'gzip, deflate, br', page: 'br', asset: 'br' },
  { takes: 'gzip', page: 'gzip', asset: null },
  { takes: 'identity', page: null, asset: null },
])('a client that takes $takes gets what the build has compressed for it', async ({ takes, page, asset }) => {
  const { get } = await start();
  const answers = [
    {
      ...(await get('/contacts', 'text/html', takes)),
      expected: page,
      content: PAGE,
      vary: ['Accept', 'Accept-Encoding'],
    },
    {
      ...(await get('/assets/main-4711.js', '*/*', takes)),
      expected: asset,
      content: ASSET,
      vary: ['Accept-Encoding'],
    },
  ];
  for (const { response, text, expected, content, vary } of answers) {
    expect([response.headers.get('Content-Encoding'), text]).toEqual([expected, content]);
    expect(response.headers.get('Vary')?.split(', ')).toEqual(expect.arrayContaining(vary));
    expect(response.headers.get('Content-Type')).toMatch(/^text\/(html|javascript); charset=utf-8$/i);
  }
});

test('a request for neither a page nor a file is left to the next handlers', async () => {
  const { get } = await start();
  for (const path of ['/imports', '/contacts/4711', '/assets/', '/assets/other.js', '/Support', '/support/'])
    expect([path, (await get(path)).text]).toEqual([path, OTHERWISE]);
});

test('a page may load from its own origin alone, and opens sockets to its own host', async () => {
  const { port, get } = await start();
  const policy = (await get('/')).response.headers.get('Content-Security-Policy');
  expect(policy?.split(';').map((directive) => directive.trim())).toEqual([
    "default-src 'self'",
    "base-uri 'none'",
    `connect-src 'self' ws://127.0.0.1:${port} wss://127.0.0.1:${port}`,
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "object-src 'none'",
  ]);
});

test('an address that cannot be read is refused with a problem document, also where no file could be meant', async () => {
  const { get } = await start();
  for (const path of ['/%ff', '/assets/%E0%A4', '/requests/%/list'])
    expect(await get(path)).toMatchObject({ response: { status: 400 }, text: /invalid_request/ });
});
