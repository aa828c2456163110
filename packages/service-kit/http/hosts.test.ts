import { request as httpRequest } from 'node:http';
import { networkInterfaces } from 'node:os';
import { silentLogger } from '@tidings/testing/logger.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { siteOf } from '../config/site-variables.ts';
import { createHealthRouter } from './health.ts';
import { createHttpApp } from './http-app.ts';
import { createHttpServer, listen } from './http-server.ts';
import { createRouter } from './router.ts';

interface Settings {
  readonly HOST: string;
  readonly PUBLIC_URL?: string;
  readonly ALLOWED_ORIGINS?: readonly string[];
  readonly ALLOWED_HOSTS?: readonly string[];
}

type Ask = (host: string | undefined, path?: string, address?: string) => Promise<number | undefined>;

/** A server as each service has it; `ask` resolves with the status of an answer. */
async function serve(settings: Settings): Promise<Ask> {
  const router = createRouter().get('/', (_request, response) => void response.send('ok'));
  const app = createHttpApp({
    logger: silentLogger,
    site: siteOf({ ALLOWED_ORIGINS: [], ALLOWED_HOSTS: [], ...settings }),
    trustedProxies: 1,
    routes: [createHealthRouter({}, async () => ''), router],
  });
  const server = createHttpServer(app);
  const port = await listen(server, 0, settings.HOST);
  onTestFinished(() => void server.close());
  return (host, path = '/', address = '127.0.0.1') =>
    new Promise((resolve, reject) => {
      const headers = { ...(host === undefined ? {} : { Host: host }), 'X-Forwarded-Host': 'localhost' };
      const request = httpRequest({ host: address, port, path, headers, agent: false, setHost: false });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
}

const settings = {
  PUBLIC_URL: 'https://Tidings.example:8443/app',
  ALLOWED_ORIGINS: ['https://shop.example'],
  ALLOWED_HOSTS: ['inside.example'],
};
const own = [
  '127.0.0.1:3000',
  'localhost:3000',
  'LOCALHOST',
  '[::1]:3000',
  'tidings.example',
  'TIDINGS.example:1',
];
const listed = ['shop.example:443', 'inside.example'];
const foreign = [
  'evil.example:3000',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'tidings.example.evil.example',
  'evil.tidings.example',
  'localhost@evil.example',
  'evil.example@localhost',
  'localhost/evil.example',
  'localhost:3000:3000',
  'localhost,evil.example',
  '203.0.113.7:3000',
  '[2001:db8::1]',
  '',
];

describe.each(['127.0.0.1', '0.0.0.0'])('a server on %s', (HOST) => {
  test('answers to its own names alone: a page whose name was rebound to it is not of our origin', async () => {
    const ask = await serve({ HOST, ...settings });
    for (const host of [...own, ...listed]) expect([host, await ask(host)]).toEqual([host, 200]);
    for (const host of foreign) expect([host, await ask(host)]).toEqual([host, 421]);
  });

  test('answers requests for health under any address, and under no foreign name', async () => {
    const ask = await serve({ HOST, ...settings });
    for (const path of ['/livez', '/readyz', '/metrics']) {
      for (const host of ['203.0.113.7:3000', '[2001:db8::1]:3000', 'localhost'])
        expect([host, await ask(host, path)]).toEqual([host, 200]);
      for (const host of ['evil.example', '203.0.113.7.evil.example'])
        expect([host, await ask(host, path)]).toEqual([host, 421]);
    }
  });

  test('knows its paths in their exact spelling alone', async () => {
    const ask = await serve({ HOST });
    for (const path of ['/METRICS', '/metrics/', '/Readyz', '/livez/', '//livez'])
      expect([path, await ask('localhost', path)]).toEqual([path, 404]);
  });
});

test('a server on every address of the machine answers to each address where it arrives', async () => {
  const ask = await serve({ HOST: '0.0.0.0' });
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
  for (const address of [...addresses, '127.0.0.9'])
    expect([address, await ask(`${address}:3000`, '/', address)]).toEqual([address, 200]);
  expect(await ask('127.0.0.9', '/', '127.0.0.8')).toBe(421);
});
