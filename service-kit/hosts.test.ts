import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { expectedHosts, requireHost, requireHostOfUpgrades } from './hosts.ts';

async function serve(
  hosts: ReadonlySet<string> | null,
): Promise<(headers: Record<string, string>) => Promise<string>> {
  const app = express().use(requireHost(hosts), (_request, response) => void response.send('ok'));
  const server = createServer(app);
  requireHostOfUpgrades(server, hosts);
  server.on(
    'upgrade',
    (_request, socket) => socket.writable && socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return (headers) =>
    new Promise((resolve) => {
      const request = httpRequest({ host: '127.0.0.1', port, headers, agent: false });
      request.on('response', (response) => {
        response.resume();
        resolve(String(response.statusCode));
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(String(response.statusCode));
      });
      request.on('error', () => resolve('cut'));
      request.end();
    });
}

const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket' };

test('on a loopback address, only its own names are answered to: a page whose name was rebound to it is not of our origin', async () => {
  const ask = await serve(expectedHosts('127.0.0.1', 'https://tidings.example'));
  for (const host of ['127.0.0.1:3000', 'localhost:3000', 'LOCALHOST', '[::1]:3000', 'tidings.example']) {
    expect([host, await ask({ Host: host })]).toEqual([host, '200']);
    expect([host, await ask({ Host: host, ...upgrade })]).toEqual([host, '101']);
  }
  for (const host of ['evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example']) {
    expect(await ask({ Host: host })).not.toBe('200');
    expect(await ask({ Host: host, ...upgrade })).toBe('cut');
  }
});

test('on an address that is open to a network, any name is answered to', async () => {
  const ask = await serve(expectedHosts('0.0.0.0', undefined));
  expect(await ask({ Host: 'any.example' })).toBe('200');
});
