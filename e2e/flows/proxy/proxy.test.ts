/** The real nginx with the configuration of compose, in front of two real processes: what it passes on, and what it answers by itself. */
import { createHash } from 'node:crypto';
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { importPreviewSchema } from '@tidings/contracts/schemas/files/preview.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { createChannel, postPreview, problemOf } from '@tidings/testing/connections/requests.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { startReverseProxy } from '@tidings/testing/stack/reverse-proxy.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { handshake, shareProxiedStacks, webSocket } from '../../test/proxied-stacks.ts';

const { proxied, ask } = shareProxiedStacks();

test('no request but a socket’s reaches a service as an upgrade', async () => {
  const { headers, statusCode } = await ask({ path: '/', headers: { ...webSocket, Accept: 'text/html' } });
  expect([statusCode, headers.upgrade]).toEqual([200, undefined]);
  const created = await ask({
    method: 'POST',
    path: '/channels',
    headers: { Connection: 'Upgrade', Upgrade: 'h2c' },
  });
  expect(created.statusCode).toBe(201);
});

test('the documents of the API come through, with the policy of the pages', async () => {
  const page = await ask({ path: '/docs' });
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  for (const path of ['/docs/openapi.json', '/docs/asyncapi.json', '/docs/style.css'])
    expect((await ask({ path })).statusCode, path).toBe(200);
});

test('a file that is only looked at comes through, though it is longer than a body of another route may be', async () => {
  const file = `email\n${'somebody@proxy.example\n'.repeat(60_000)}`;
  const response = await postPreview(proxied().url, { file });
  expect(response.status).toBe(200);
  const { truncated, estimatedRows } = importPreviewSchema.parse(await response.json());
  expect([truncated, Math.round((estimatedRows ?? 0) / 1_000)]).toEqual([true, 60]);
});

describe('names', () => {
  const own = [
    'localhost',
    '127.0.0.1',
    '[::1]:3000',
    'tidings.example',
    'TIDINGS.example:8443',
    'inside.example',
    'other.example',
  ];
  const foreign = [
    'evil.example',
    'tidings.example.evil.example',
    'evil.tidings.example',
    'localhost.evil.example',
    'https',
    'example',
    'inside.example,other.example',
    'a,,a',
    '203.0.113.7',
  ];

  test.each(own)('%s is answered to, by pages and sockets', async (Host) => {
    expect((await ask({ headers: { Host } })).statusCode).toBe(200);
    expect((await ask({ path: handshake, headers: { ...webSocket, Host } })).statusCode).toBe(101);
  });

  test.each(foreign)('%s is not', async (Host) => {
    for (const path of ['/', '/contacts', '/livez', '/socket.io/']) {
      const { statusCode, headers } = await ask({ path, headers: { Host } });
      expect([path, statusCode]).toEqual([path, 421]);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    }
  });

  test('a request without a name is not answered to', async () => {
    const connection = sendRaw(proxied().port, 'GET / HTTP/1.0\r\n\r\n');
    await connection.ended;
    expect(connection.statuses()).toEqual([421]);
  });
});

test.each([
  '/livez',
  '/readyz',
  '/metrics',
  '/METRICS',
  '/metrics/',
  '/Readyz',
  '/LIVEZ/x',
  '//metrics',
  '/%6detrics',
  '/x/../metrics',
  '/metrics?x',
])('health and metrics are hidden: %s', async (path) => {
  const { statusCode, headers } = await ask({ path });
  expect(statusCode).toBe(404);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
});

/** Expects the answer of the proxy itself. */
async function ownProblem(response: Response, code: ProblemCode) {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8');
  const { title, retriable } = problemKinds[code];
  const detail = expect.stringMatching(/\.$/);
  expect(await problemOf(response)).toEqual({
    ...{ type: 'about:blank', status: response.status, code, title, retriable, detail },
  });
}

describe('what the proxy answers by itself is a problem document', () => {
  test('for a body that no service takes', async () => {
    const response = await fetch(`${proxied().url}/channels`, { method: 'POST', body: 'x'.repeat(600_000) });
    expect(response.status).toBe(413);
    await ownProblem(response, 'request_too_large');
  });

  test('for an address that is hidden', async () => {
    const response = await fetch(`${proxied().url}/metrics`);
    expect(response.status).toBe(404);
    await ownProblem(response, 'not_found');
  });

  test('for a name that is not ours', async () => {
    const connection = sendRaw(proxied().port, 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    expect(await problemOn(connection)).toMatchObject({ status: 421, code: 'host_unknown' });
  });

  // Such requests have no address, which nginx needs for a named location: nginx answered 500 with a page.
  test.each([
    ['bytes that are not HTTP', '\x16\x03\x01\x02\x00 \r\n\r\n', 400],
    ['an address that is none', 'GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['an address above the first', 'GET /../../etc HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['an address that is too long', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 414],
    ['another version', 'GET / HTTP/3.0\r\nHost: localhost\r\n\r\n', 505],
  ])('%s: the answer is a problem document', async (_name, text, status) => {
    const connection = sendRaw(proxied().port, text);
    expect(await problemOn(connection)).toMatchObject({ status, code: 'invalid_request' });
    expect(connection.statuses()).toEqual([status]);
  });

  test('for headers that are too large', async () => {
    const header = `X: ${'x'.repeat(40_000)}`;
    const connection = sendRaw(proxied().port, `GET / HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
    expect(await problemOn(connection)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('while no service runs, and then it says when to try again', async () => {
    const [port = 0, nobody = 0] = await findFreePorts(2);
    const folder = await temporaryFolder();
    const lonely = await startReverseProxy({
      ...{
        program: proxied().program,
        directory: folder,
        port,
        hubPorts: [nobody],
        jobsServicePorts: [nobody],
      },
    });
    onTestFinished(() => lonely.stop());
    const response = await fetch(`${lonely.url}/imports`);
    expect([response.status, response.headers.get('Retry-After')]).toEqual([502, '2']);
    await ownProblem(response, 'unavailable');
    // Whoever opened a page read the problem document.
    const page = await fetch(`${lonely.url}/contacts`, { headers: { Accept: 'text/html,*/*;q=0.8' } });
    expect(page.status).toBe(502);
    expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain('<h1>Tidings is not available at the moment</h1>');
    // The page runs this script alone, or no script where a word of it was changed.
    const [, script = ''] = /<script>(.*)<\/script>/.exec(text) ?? [];
    const hash = createHash('sha256').update(script).digest('base64');
    expect(page.headers.get('Content-Security-Policy')).toContain(`script-src 'sha256-${hash}'`);
  });
});

// The proxy's limit was once 64 KiB, and the service takes 256 KiB for a change of a contact.
test('a change of a contact passes up to what the service takes, and the service refuses a larger one', async () => {
  const headers = {
    Authorization: `Bearer ${(await createChannel(proxied().url)).token}`,
    'Content-Type': 'application/json',
  };
  const path = '/contacts/018f0000-0000-7000-8000-000000000000';
  const change = (bytes: number) => {
    const names = Array.from({ length: bytes / 8_192 }, (_, index) => `notes ${index}`);
    const attributes = Object.fromEntries(names.map((name) => [name, 'x'.repeat(8_192)]));
    return fetch(`${proxied().url}${path}`, {
      method: 'PATCH',
      headers,
      body: JSON.stringify({ attributes }),
    });
  };
  const code = async (bytes: number) => (await problemOf(await change(bytes))).code;
  expect([await code(200 * 1024), await code(300 * 1024)]).toEqual(['not_found', 'request_too_large']);
});

test('a batch of notifications passes up to the 1 MiB that the hub takes, and the hub refuses a larger one', async () => {
  const { channelId } = await createChannel(proxied().url);
  const publish = (items: number, blanks = 0) =>
    fetch(`${proxied().url}/channels/${channelId}/notifications`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${proxied().stacks[0]?.apiKey}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(
        Array.from({ length: items }, () => ({
          subject: 'job',
          type: 'job.changed',
          data: 'x'.repeat(8_190),
        })),
      ).padEnd(blanks),
    });
  const taken = await publish(100);
  expect(taken.status).toBe(202);
  expect(await taken.json()).toMatchObject({
    eventIds: Array.from({ length: 100 }, () => expect.any(String)),
  });
  const refused = await publish(1, 1024 * 1024 + 1);
  expect([refused.status, (await problemOf(refused)).code]).toEqual([413, 'request_too_large']);
});

test('what the proxy answers by itself is not kept, and what a service answers says so once', async () => {
  const large = await fetch(`${proxied().url}/channels`, { method: 'POST', body: 'x'.repeat(600_000) });
  expect(large.status).toBe(413);
  const missing = await fetch(`${proxied().url}/nothing`);
  expect(await problemOf(missing)).toMatchObject({ code: 'not_found' });
  for (const { headers } of [large, missing]) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  const page = await (await fetch(proxied().url, { headers: { Accept: 'text/html' } })).text();
  const [asset = ''] = /\/assets\/[\w.-]+\.js/.exec(page) ?? [];
  const script = await fetch(`${proxied().url}${asset}`);
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test('a page behind TLS, which ends in front, may change what is ours; one of another origin may not', async () => {
  const headers = { Host: 'inside.example', 'X-Forwarded-Proto': 'https' };
  const post = (Origin: string) =>
    ask({ method: 'POST', path: '/channels', headers: { ...headers, Origin } });
  for (const origin of ['https://inside.example', 'https://tidings.example', 'http://inside.example'])
    expect([origin, (await post(origin)).statusCode]).toEqual([origin, 201]);
  for (const origin of [
    'https://evil.example',
    'https://inside.example.evil.example',
    'http://tidings.example',
    'null',
  ])
    expect([origin, (await post(origin)).statusCode]).toEqual([origin, 403]);
  expect((await createChannel(proxied().url)).token).toBeTruthy();
});
