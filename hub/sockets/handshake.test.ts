/** Refused upgrades. A proxy that gets no answer takes the instance for broken, and sends nobody there. */

import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { type RunningHub, siteWith, startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { describe, expect, test } from 'vitest';

const handshake = '/socket.io/?EIO=4&transport=websocket';

/** A request for an upgrade, with more bytes behind it than the hub reads. */
function upgrade(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n${'x'.repeat(100_000)}`;
}

async function expectAnswer(hub: RunningHub, request: string, status: number, code: string): Promise<void> {
  const connection = sendRaw(hub.port, request);
  expect(await problemOn(connection)).toMatchObject({ status, code });
  const answer = await connection.ended;
  expect(connection.statuses()).toEqual([status]);
  expect(answer).toMatch(/\r\nConnection: close\r\n/);
  expect(answer).toMatch(/\r\nCache-Control: no-store\r\n/);
  expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/);
}

describe('a refused upgrade is answered, then its connection ends', () => {
  test.each<[string, number, string, string, Record<string, string>?]>([
    ['at another address', 404, 'not_found', '/channels'],
    ['below the address', 404, 'not_found', '/socket.io/below?EIO=4&transport=websocket'],
    ['in another case', 404, 'not_found', '/SOCKET.IO/?EIO=4&transport=websocket'],
    ['under another name', 421, 'host_unknown', handshake, { Host: 'evil.example' }],
    ['of a foreign page', 403, 'origin_forbidden', handshake, { Origin: 'https://evil.example' }],
    ['to another protocol', 400, 'invalid_request', handshake, { Upgrade: 'h2c' }],
    ['of another version', 400, 'invalid_request', '/socket.io/?EIO=3&transport=websocket'],
    ['of another transport', 400, 'invalid_request', '/socket.io/?EIO=4&transport=polling'],
    ['without anything', 400, 'invalid_request', '/socket.io/'],
    ['of a session', 400, 'invalid_request', `${handshake}&sid=nothing`],
    ['of another version of WebSocket', 400, 'invalid_request', handshake, { 'Sec-WebSocket-Version': '7' }],
    ['without a key', 400, 'invalid_request', handshake, { 'Sec-WebSocket-Key': 'x' }],
    ['with a body', 400, 'invalid_request', handshake, { 'Content-Length': '100000' }],
    ['with chunks', 400, 'invalid_request', handshake, { 'Transfer-Encoding': 'chunked' }],
    ['of a former session', 400, 'invalid_request', `${handshake}&sid=`],
  ])('%s → %d %s', async (_name, status, code, path, headers) => {
    const hub = await startHub({ log: await openTestLog() });
    await expectAnswer(hub, upgrade(path, headers), status, code);
    await new WireClient(hub.url).open();
  });

  // The answer came in the midst of the WebSocket.
  test('not where its connection waits for another answer: it ends', async () => {
    const hub = await startHub({ log: await openTestLog() });
    const connection = sendRaw(
      hub.port,
      `POST /channels HTTP/1.1\r\nHost: localhost\r\n\r\n${upgrade(handshake)}`,
    );
    // What the hub has not read resets the connection.
    await new Promise((resolve) => connection.socket.once('close', resolve));
    expect(connection.statuses()).not.toContain(101);
  });

  test('by a hub that drains', async () => {
    const hub = await startHub({ log: await openTestLog() });
    await hub.hub.drain();
    await expectAnswer(hub, upgrade(handshake), 503, 'unavailable');
  });

  test('also where the client goes on sending', async () => {
    const hub = await startHub({ log: await openTestLog() });
    const client = connect({ port: hub.port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined).on('data', () => undefined);
    const timer = setInterval(() => client.write('x'.repeat(1_000)), 20);
    client.once('close', () => clearInterval(timer));
    client.write(upgrade('/'));
    await once(client, 'end');
    expect(await hub.connections()).toBe(1);
    await eventually(async () => expect(await hub.connections()).toBe(0));
  });
});

describe('origins', () => {
  /** The status of the answer to an upgrade: 101 where it is accepted. */
  function statusOfUpgrade(port: number, origin: string | undefined): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        port,
        host: '127.0.0.1',
        path: '/socket.io/?EIO=4&transport=websocket',
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...(origin === undefined ? {} : { Origin: origin }),
        },
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
  }

  test.each<[string, number, (port: number) => string | undefined]>([
    ['none, of a client that is no browser', 101, () => undefined],
    ['the hub’s own', 101, (port) => `http://127.0.0.1:${port}`],
    ['a listed one', 101, () => 'https://app.example.org'],
    ['a foreign one', 403, () => 'https://evil.example'],
    ['null', 403, () => 'null'],
    ['an empty one', 403, () => ''],
    ['one that begins like the hub’s', 403, (port) => `http://127.0.0.1:${port}.evil.example`],
    ['one that begins like a listed one', 403, () => 'https://app.example.org.evil.example'],
    ['one that ends like a listed one', 403, () => 'https://evilapp.example.org'],
    ['another port of the hub’s host', 403, () => 'http://127.0.0.1:1'],
    ['a listed host by another scheme', 403, () => 'http://app.example.org'],
    ['one with the hub’s as a user name', 403, (port) => `http://127.0.0.1:${port}@evil.example`],
    ['one with a path', 403, (port) => `http://127.0.0.1:${port}/page`],
    ['another scheme', 403, (port) => `ftp://127.0.0.1:${port}`],
  ])('%s → %d', async (_name, status, origin) => {
    const hub = await startHub({ log: await openTestLog(), site: siteWith(['https://app.example.org']) });
    const answered = await statusOfUpgrade(hub.port, origin(hub.port));
    expect(answered).toBe(status);
    expect(await hub.metric('tidings_hub_origins_refused_total')).toBe(status === 101 ? 0 : 1);
  });
});
