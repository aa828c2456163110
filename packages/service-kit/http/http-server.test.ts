/** How long a request may take to come, over raw sockets. */

import { once } from 'node:events';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { expect, onTestFinished, test, vi } from 'vitest';
import { boundLingering, boundsItsOwnTime, createHttpServer, listen } from './http-server.ts';
import { answerProblems } from './problem.ts';

const REQUEST_MS = 300;

/** @param onGet counts the requests that are run */
async function startServer(onGet: () => void = () => undefined): Promise<number> {
  const app = express()
    .get('/counted/:number', (request, response) => {
      onGet();
      response.json(request.params.number);
    })
    .use(boundLingering)
    .post('/bodies', express.json(), (request, response) => {
      response.json(request.body);
    })
    .post('/unread', (_request, response) => {
      response.json('early');
    })
    .post('/long', (request, response) => {
      boundsItsOwnTime(request);
      request.resume().once('end', () => response.json('late'));
    })
    .use(answerProblems(silentLogger));
  const server = createHttpServer(app, REQUEST_MS);
  // As Socket.IO does: a listener of its own, which answers before the others see the request.
  const [listener] = server.listeners('request');
  server.removeAllListeners('request').on('request', (request, response) => {
    if (request.url === '/elsewhere') response.writeHead(400).end();
    else listener?.call(server, request, response);
  });
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  return listen(server, 0, '127.0.0.1');
}

const post = (path: string, length: number, body = '', type = 'application/json') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`;

test('a request whose body does not come is answered with 408, and its connection ends', async () => {
  const connection = sendRaw(await startServer(), post('/bodies', 20, '{"half":'));
  expect(await connection.ended).toMatch(
    /^HTTP\/1.1 408 .*Content-Type: application\/problem\+json.*Connection: close/is,
  );
  expect(await problemOn(connection)).toMatchObject({
    status: 408,
    code: 'request_timeout',
    retriable: true,
  });
});

const chunked =
  'POST /bodies HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

test.each([
  ['chunked', `${chunked}5\r\n{"a":`, [408]],
  ['still in its headers', 'POST /bodies HTTP/1.1\r\nHost: x\r\n', [408]],
  ['answered already', post('/unread', 20, '{'), [200]],
  ['answered by another listener', post('/elsewhere', 20, '{'), [400, 408]],
])('a request that is %s ends as well', async (_name, text, statuses) => {
  const connection = sendRaw(await startServer(), text);
  await once(connection.socket, 'close');
  expect(connection.statuses()).toEqual(statuses);
});

test('bytes that are not HTTP are answered with 400, and the connection ends', async () => {
  const connection = sendRaw(await startServer(), 'nonsense\r\n\r\n');
  await connection.ended;
  expect(connection.statuses()).toEqual([400]);
});

test('an unknown `Expect` is refused with the security headers of every other answer', async () => {
  const request = 'POST /bodies HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 200-ok\r\n\r\n{}';
  const answer = await sendRaw(await startServer(), request).ended;
  expect(answer).toMatch(/^HTTP\/1.1 417 /);
  expect(answer).toMatch(/Cache-Control: no-store\r\n/);
  expect(answer).toMatch(/X-Content-Type-Options: nosniff\r\n/);
});

test('a request that bounds its own time may take longer, and the next one on its connection is bounded again', async () => {
  const port = await startServer();
  const { socket, received, statuses, ended } = sendRaw(port, post('/long', 4, 'ab'));
  await sendRaw(port, post('/bodies', 20)).ended;
  await sendRaw(port, post('/bodies', 20)).ended;
  expect(received()).toBe('');
  socket.write('cd');
  await eventually(() => expect(received()).toContain('"late"'));
  socket.write(post('/bodies', 7, '{"a":1}'));
  await eventually(() => expect(received()).toContain('{"a":1}'));
  socket.write(post('/bodies', 7, '{'));
  await ended;
  expect(statuses()).toEqual([200, 200, 408]);
});

const get = (number: number) => `GET /counted/${number} HTTP/1.1\r\nHost: x\r\n\r\n`;

// Twenty thousand requests of 52 bytes, sent ahead on ten connections, were all run, one read's in one turn: nobody else was
// answered for a minute, also after their sender had gone.
test('requests that come far ahead of their answers end their connection, and are not run', async () => {
  let run = 0;
  const port = await startServer(() => {
    run += 1;
  });
  const { socket } = sendRaw(port, Array.from({ length: 5_000 }, (_, number) => get(number)).join(''));
  // Requests that are left unread may make a reset of the end.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  const { received } = sendRaw(port, get(7));
  await eventually(() => expect(received()).toContain('"7"'));
  expect(run).toBeLessThanOrEqual(8 + 1);
});

test('a few requests that come ahead are answered in their order, and then a few more', async () => {
  const { socket, received, statuses } = sendRaw(
    await startServer(),
    [0, 1, 2, 3, 4, 5, 6, 7].map(get).join(''),
  );
  await eventually(() => expect(statuses()).toHaveLength(8));
  socket.write([8, 9].map(get).join(''));
  await eventually(() => expect(statuses()).toHaveLength(10));
  expect([...received().matchAll(/"(\d)"/g)].map(([, number]) => Number(number))).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
});

// Of 6,000 clients that connected at once some were reset, and others heard nothing for more than a minute.
test('thousands of connections may wait to be taken', async () => {
  const server = createHttpServer(express());
  const listening = vi.spyOn(server, 'listen');
  onTestFinished(() => void server.close());
  await listen(server, 0, '127.0.0.1');
  expect(listening.mock.calls[0]?.[0]).toMatchObject({ backlog: 4_096 });
});
