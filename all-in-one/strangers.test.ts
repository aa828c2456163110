/** Finds every route that changes something, and tries that a page of another origin cannot use it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ProblemDocument } from '@tidings/contracts/http.ts';
import { planTopics, topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { createHub } from '@tidings/hub/app.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { siteOf } from '@tidings/service-kit/config/site-variables.ts';
import { createHttpApp } from '@tidings/service-kit/http/http-app.ts';
import { close, createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import type { Router } from 'express';
import { beforeAll, describe, expect, test } from 'vitest';

const LISTED = 'https://shop.example';
const supportToken = 's'.repeat(32);

interface Route {
  readonly method: string;
  readonly path: string;
}

/** The parts of a router of Express that the test reads. */
interface Layer {
  readonly route?: {
    readonly path: string | readonly string[];
    readonly methods: Readonly<Record<string, boolean>>;
  };
  readonly handle: { readonly stack?: readonly Layer[] };
}

function unsafeRoutes(router: { readonly stack?: readonly Layer[] }): Route[] {
  return (router.stack ?? []).flatMap(({ route, handle }) => {
    if (route === undefined) return unsafeRoutes(handle);
    // A route for every method takes the unsafe ones too.
    const methods =
      route.methods._all === true ? ['post', 'put', 'patch', 'delete'] : Object.keys(route.methods);
    return methods
      .filter((method) => !['get', 'head', 'options'].includes(method))
      .flatMap((method) => [route.path].flat().map((path) => ({ method: method.toUpperCase(), path })));
  });
}

interface Server {
  readonly port: number;
  readonly routes: readonly Route[];
  /** A new one each time: a token may send 60 requests a minute, and there are more routes than that. */
  newToken(): Promise<string>;
  /** A value that differs after every write. */
  written(): Promise<unknown>;
}

let server: Server;
beforeAll(async () => {
  const started = await startServer();
  server = started.server;
  return started.stop;
});

/** Both services' routers, behind the checks that every setup has. */
async function startServer(): Promise<{ server: Server; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-strangers-'));
  const log = await openEmbeddedLog({ directory });
  const plans = planTopics(1);
  await log.ensureTopics(plans);
  const ownerTokens = await openOwnerTokens(log);
  const tokens = createTokenAuthority({ authSecret: 'a'.repeat(32), supportToken }, ownerTokens);
  const logger = silentLogger;
  const registry = createRegistry({ processMetrics: false });
  const site = siteOf({ HOST: '127.0.0.1', ALLOWED_ORIGINS: [LISTED], ALLOWED_HOSTS: [] });
  const { contactStore, calls } = recordingStore();
  const jobsService = await startJobsService({
    ...{ log, contactStore, tokens, ownerTokens, logger, registry },
    uploadMaxBytes: 1_000,
    abortReceivingAtStart: false,
  });
  const hub = createHub({ log, tokens, logger, registry, site });
  await hub.start();
  const routers: Router[] = [hub.router, jobsService.router];
  const http = createHttpServer(createHttpApp({ logger, site, trustedProxies: 0, routes: routers }));
  const port = await listen(http, 0, '127.0.0.1');
  // The jobs service puts what it does every so often onto its schedule, a moment after it has started.
  await eventually(async () => expect(await log.endOffsets(topics.schedule)).toEqual([1]));
  return {
    server: {
      port,
      routes: routers.flatMap((router) => unsafeRoutes(router as unknown as Layer['handle'])),
      newToken: () => tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner: 'default' }),
      written: async () => [
        ...(await Promise.all(plans.map(({ name }) => log.endOffsets(name)))),
        calls.length,
      ],
    },
    stop: async () => {
      await close(http, 0);
      await Promise.all([hub.stop(), jobsService.stop()]);
      await ownerTokens.close();
      await log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A store without contacts that counts every call that might change something. */
function recordingStore(): { contactStore: ContactStore; calls: string[] } {
  const calls: string[] = [];
  const answers: Partial<ContactStore> = {
    listImports: async () => [],
    getImport: async () => null,
    listMenders: async () => [],
    restsOf: async () => [],
    // Nobody asks for it: it goes on by itself.
    indexContacts: async () => null,
  };
  const contactStore = new Proxy(answers, {
    get: (target, name: keyof ContactStore) =>
      target[name] ??
      (async () => {
        calls.push(name);
        return null;
      }),
  });
  return { contactStore: contactStore as ContactStore, calls };
}

const own = () => `http://127.0.0.1:${server.port}`;

async function send({ method, path }: Route, headers: Readonly<Record<string, string>>): Promise<Response> {
  const address = path.replaceAll(/:\w+/g, '0190163d-8694-739b-aea5-966c26f8ad91');
  const token = path.startsWith('/owners') ? supportToken : await server.newToken();
  const form = new FormData();
  form.append('file', new Blob(['email\nwritten@example.org\n']), 'a.csv');
  const isUpload = method === 'POST' && path === '/imports';
  const json = { 'Content-Type': 'application/json' };
  return fetch(`${own()}${address}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(isUpload ? {} : json), ...headers },
    body: isUpload ? form : '{}',
  });
}

async function expectForbidden(route: Route, headers: Readonly<Record<string, string>>): Promise<void> {
  const response = await send(route, headers);
  const seen = {
    ...route,
    headers,
    status: response.status,
    code: ((await response.json()) as ProblemDocument).code,
  };
  expect(seen).toEqual({ ...route, headers, status: 403, code: 'origin_forbidden' });
}

test('the routes that change something are found', () => {
  expect(server.routes).toEqual(
    expect.arrayContaining([
      { method: 'POST', path: '/channels' },
      { method: 'POST', path: '/imports' },
      { method: 'PATCH', path: '/contacts/:contactId' },
      { method: 'DELETE', path: '/contacts/:contactId' },
      { method: 'DELETE', path: '/owners/:owner/tokens' },
    ]),
  );
});

describe('a request that changes something', () => {
  test.each<[string, () => Record<string, string>]>([
    ['of a foreign page', () => ({ Origin: 'https://evil.example' })],
    ['of a page without an origin', () => ({ Origin: 'null' })],
    ['of an empty origin', () => ({ Origin: '' })],
    ['of one that begins like ours', () => ({ Origin: `${own()}.evil.example` })],
    ['of one that has ours as a user name', () => ({ Origin: `${own()}@evil.example` })],
    ['of one that begins like a listed one', () => ({ Origin: `${LISTED}.evil.example` })],
    ['of one that ends like a listed one', () => ({ Origin: 'https://evilshop.example' })],
    ['of a listed host by another scheme', () => ({ Origin: 'http://shop.example' })],
    ['of another port of ours', () => ({ Origin: 'http://127.0.0.1:1' })],
    ['of another site, as the browser says', () => ({ 'Sec-Fetch-Site': 'cross-site' })],
    ['of another origin of our site', () => ({ 'Sec-Fetch-Site': 'same-site' })],
    ['of another site, under our origin', () => ({ Origin: own(), 'Sec-Fetch-Site': 'cross-site' })],
    ['of two origins', () => ({ Origin: `${own()}, https://evil.example` })],
  ])('%s is forbidden on every route, and nothing is written', async (_name, headers) => {
    const before = await server.written();
    for (const route of server.routes) await expectForbidden(route, headers());
    await expectForbidden({ method: 'PUT', path: '/no/route/yet' }, headers());
    expect(await server.written()).toEqual(before);
  });

  test.each<[string, () => Record<string, string>]>([
    ['of a client that is no browser', () => ({})],
    ['of our own page', () => ({ Origin: own(), 'Sec-Fetch-Site': 'same-origin' })],
    ['of a person', () => ({ Origin: own(), 'Sec-Fetch-Site': 'none' })],
    ['of a listed page', () => ({ Origin: LISTED, 'Sec-Fetch-Site': 'cross-site' })],
  ])('%s passes on every route', async (_name, headers) => {
    for (const route of server.routes) expect((await send(route, headers())).status).not.toBe(403);
  });
});

test('what changes nothing may be asked for from anywhere', async () => {
  const { status } = await fetch(`${own()}/imports`, {
    headers: { Authorization: `Bearer ${await server.newToken()}`, Origin: 'https://evil.example' },
  });
  expect(status).toBe(200);
});

test('what a listed page, or our own, has sent is written', async () => {
  const before = await server.written();
  await send({ method: 'POST', path: '/imports' }, { Origin: LISTED });
  expect(await server.written()).not.toEqual(before);
});

test.each(['/imports', '/nothing', '/contacts'])(
  'the answer of %s is not to be kept, or taken for something else',
  async (path) => {
    for (const Authorization of [`Bearer ${await server.newToken()}`, 'Bearer nonsense', '']) {
      const { headers } = await fetch(`${own()}${path}`, { headers: { Authorization } });
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  },
);

test.each(['/IMPORTS', '/imports/', '/Contacts', '/contacts/'])(
  'no route has the address %s',
  async (path) => {
    const { status } = await fetch(`${own()}${path}`, {
      headers: { Authorization: `Bearer ${await server.newToken()}` },
    });
    expect(status).toBe(404);
  },
);
