/** The real nginx with the configuration of compose, in front of two real processes: strangers cannot take it down. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { provision } from '@tidings/testing/engines/provision.ts';
import { problemOn, sendRaw } from '@tidings/testing/raw-connection.ts';
import { createChannel, problemOf } from '@tidings/testing/requests.ts';
import { type ReverseProxy, startReverseProxy } from '@tidings/testing/stack/reverse-proxy.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

const site = { PUBLIC_URL: 'https://tidings.example', ALLOWED_HOSTS: 'inside.example, other.example' };

let program: string;
let directory: string;
let stacks: Stack[] = [];
let proxy: ReverseProxy;

beforeAll(async () => {
  const { nginx } = await provision(
    { kafka: undefined, redis: false, postgres: false, nginx: true },
    () => undefined,
  );
  if (nginx === undefined) throw new Error('nginx was asked for, and must be there');
  program = nginx;
  directory = await mkdtemp(join(tmpdir(), 'tidings-proxy-'));
  const [port = 0, ...ports] = await findFreePorts(3);
  stacks = await Promise.all(
    ports.map((each) =>
      startStack({ ...site, AUTH_SECRET: 'a'.repeat(64), TRUST_PROXY: '1', PORT: String(each) }),
    ),
  );
  proxy = await startReverseProxy({
    program: nginx,
    directory,
    port,
    hubPorts: ports,
    jobsServicePorts: ports,
    publicUrl: site.PUBLIC_URL,
    allowedHosts: site.ALLOWED_HOSTS,
  });
});
afterAll(async () => {
  await proxy?.stop();
  await Promise.all(stacks.map((stack) => stack.dispose()));
  await rm(directory, { recursive: true, force: true });
});

const portOf = (url: string) => Number(new URL(url).port);

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request on a connection of its own, and returns the answer without its body. */
function ask({ method = 'GET', path = '/', headers = {} }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const port = portOf(proxy.url);
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
    request.on('response', (response) => resolve(response.resume()));
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response);
    });
    request.on('error', reject);
    request.end();
  });
}

const webSocket = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const handshake = '/socket.io/?EIO=4&transport=websocket';

const openPage = () => ask({ path: '/', headers: { Accept: 'text/html' } });
const openSocket = () => ask({ path: handshake, headers: webSocket });

describe('an instance that closes without an answer, or is made to refuse, is not taken for dead', () => {
  /** Opens pages and sockets one after another until the attack is over, and counts the answers by status. */
  async function countAnswers(attack: Promise<unknown>): Promise<{ pages: number[]; sockets: number[] }> {
    let isOver = false;
    const pages = new Set<number>();
    const sockets = new Set<number>();
    const over = attack.finally(() => {
      isOver = true;
    });
    for (let count = 0; !isOver || count < 20; count += 1) {
      pages.add((await openPage()).statusCode ?? 0);
      sockets.add((await openSocket()).statusCode ?? 0);
    }
    await over;
    return { pages: [...pages], sockets: [...sockets] };
  }

  test('while clients ask for upgrades on addresses without sockets', async () => {
    const attack = async () => {
      const statuses = new Set<number | undefined>();
      for (let count = 0; count < 40; count += 1) {
        for (const path of [
          '/channels',
          '/',
          '/imports',
          '/socket.io/',
          '/socket.io/?EIO=3&transport=polling',
          `${handshake}&sid=x`,
        ])
          statuses.add((await ask({ path, headers: webSocket })).statusCode);
        statuses.add(
          (await ask({ path: handshake, headers: { ...webSocket, Origin: 'https://evil.example' } }))
            .statusCode,
        );
      }
      return [...statuses].sort();
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([200, 400, 401, 403, 404]);
  });

  test('while clients send requests that every service refuses', async () => {
    const large = {
      headers: {
        'X-Large': 'x'.repeat(7_000),
        'X-Larger': 'x'.repeat(7_000),
        'X-Largest': 'x'.repeat(7_000),
      },
    };
    const attack = async () => {
      const statuses = new Set<number | undefined>();
      for (let count = 0; count < 40; count += 1) {
        statuses.add((await ask(large)).statusCode);
        statuses.add(
          (await ask({ ...large, path: handshake, headers: { ...large.headers, ...webSocket } })).statusCode,
        );
        statuses.add((await ask({ path: '/', method: 'BREW' })).statusCode);
      }
      return [...statuses].sort();
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([400, 431]);
  });

  test('while uploads fall silent', async () => {
    const attack = async () => {
      const head =
        'POST /imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n';
      const uploads = Array.from({ length: 4 }, () => sendRaw(portOf(proxy.url), head));
      // The service itself ends each upload after ten seconds without a file.
      await vi.waitFor(
        () => expect(uploads.map(({ received }) => received()).filter(Boolean)).toHaveLength(4),
        {
          timeout: 60_000,
          interval: 50,
        },
      );
      return uploads.map(({ statuses }) => statuses());
    };
    const attacking = attack();
    expect(await countAnswers(attacking)).toEqual({ pages: [200], sockets: [101] });
    expect(await attacking).toEqual([[400], [400], [400], [400]]);
  });

  test('while an instance that has ended gets no requests, and the other one answers', async () => {
    const [first] = stacks;
    await first?.kill();
    onTestFinished(async () => first?.start());
    for (let count = 0; count < 20; count += 1) {
      expect((await openPage()).statusCode).toBe(200);
      expect((await openSocket()).statusCode).toBe(101);
    }
  });
});

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
    const connection = sendRaw(portOf(proxy.url), 'GET / HTTP/1.0\r\n\r\n');
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
    const response = await fetch(`${proxy.url}/channels`, { method: 'POST', body: 'x'.repeat(600_000) });
    expect(response.status).toBe(413);
    await ownProblem(response, 'invalid_request');
  });

  test('for an address that is hidden', async () => {
    const response = await fetch(`${proxy.url}/metrics`);
    expect(response.status).toBe(404);
    await ownProblem(response, 'not_found');
  });

  test('for a name that is not ours', async () => {
    const connection = sendRaw(portOf(proxy.url), 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    expect(await problemOn(connection)).toMatchObject({ status: 421, code: 'host_unknown' });
  });

  test('for headers that are too large', async () => {
    const header = `X: ${'x'.repeat(40_000)}`;
    const connection = sendRaw(portOf(proxy.url), `GET / HTTP/1.1\r\nHost: localhost\r\n${header}\r\n\r\n`);
    expect(await problemOn(connection)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('while no service runs, and then it says when to try again', async () => {
    const [port = 0, nobody = 0] = await findFreePorts(2);
    const folder = await temporaryFolder();
    const lonely = await startReverseProxy({
      ...{ program, directory: folder, port, hubPorts: [nobody], jobsServicePorts: [nobody] },
    });
    onTestFinished(() => lonely.stop());
    const response = await fetch(`${lonely.url}/imports`);
    expect([response.status, response.headers.get('Retry-After')]).toEqual([502, '2']);
    await ownProblem(response, 'unavailable');
  });
});

// The proxy's limit was once 64 KiB, and the service takes 256 KiB for a change of a contact.
test('a change of a contact passes up to what the service takes, and the service refuses a larger one', async () => {
  const headers = {
    Authorization: `Bearer ${(await createChannel(proxy.url)).token}`,
    'Content-Type': 'application/json',
  };
  const path = '/contacts/018f0000-0000-7000-8000-000000000000';
  const change = (bytes: number) => {
    const names = Array.from({ length: bytes / 8_192 }, (_, index) => `notes ${index}`);
    const attributes = Object.fromEntries(names.map((name) => [name, 'x'.repeat(8_192)]));
    return fetch(`${proxy.url}${path}`, { method: 'PATCH', headers, body: JSON.stringify({ attributes }) });
  };
  const code = async (bytes: number) => (await problemOf(await change(bytes))).code;
  expect([await code(200 * 1024), await code(300 * 1024)]).toEqual(['not_found', 'invalid_request']);
});

test('what the proxy answers by itself is not kept, and what a service answers says so once', async () => {
  const large = await fetch(`${proxy.url}/channels`, { method: 'POST', body: 'x'.repeat(600_000) });
  expect(large.status).toBe(413);
  const missing = await fetch(`${proxy.url}/nothing`);
  expect(await problemOf(missing)).toMatchObject({ code: 'not_found' });
  for (const { headers } of [large, missing]) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  const page = await (await fetch(proxy.url, { headers: { Accept: 'text/html' } })).text();
  const [asset = ''] = /\/assets\/[\w.-]+\.js/.exec(page) ?? [];
  const script = await fetch(`${proxy.url}${asset}`);
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
  expect((await createChannel(proxy.url)).token).toBeTruthy();
});
