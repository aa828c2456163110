/**
 * Packets that no handler of messages sees. 200,000 CONNECT packets, 1.6 MB, kept the hub from everybody else for half a minute, and as
 * many pings of a WebSocket for six seconds: nobody counted them.
 */
import { once } from 'node:events';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { expect, test } from 'vitest';
import { connect, frame, join, PING, PONG, TEXT } from '../test/raw-client.ts';

const MESSAGES = 5;

const start = async () =>
  startHub({ log: await openTestLog(), limits: { messagesPerSocketMinute: MESSAGES } });

test.each([
  ['CONNECT', connect, frame(TEXT, '40'), 17],
  ['CONNECT to an unknown namespace', join, frame(TEXT, '40/unknown,'), 17],
  ['answers to nothing', join, frame(TEXT, '430[]'), 20 * MESSAGES],
  ['answers to heartbeats', join, frame(TEXT, '3'), 20 * MESSAGES + 1],
  ['pings of the WebSocket', join, frame(PING, ''), 20 * MESSAGES],
  // Nobody counted pongs: a connection kept the hub busy with pongs for as long as it liked.
  ['pongs that nobody has asked for', join, frame(PONG, ''), 20 * MESSAGES + 1],
  // The first one closes the connection, but a client that does not close it sent on for half a minute.
  ['messages that are no packets', join, frame(TEXT, ''), 20 * MESSAGES],
])('%s: too many end the connection, and others are served', async (_name, begin, packet, times) => {
  const { port, url, metric } = await start();
  const { socket } = await begin(port);
  const closed = once(socket, 'close');
  socket.write(Buffer.concat(Array.from({ length: times }, () => packet)));
  await closed;
  expect(await metric('tidings_hub_floods_closed_total')).toBe(1);
  await eventually(async () => expect(await metric('tidings_hub_sockets')).toBe(0));
  expect(await new WireClient(url).code({})).toBeNull();
});

test('a client that joins, answers heartbeats, pings and asks stays', async () => {
  const { socket, received } = await join((await start()).port);
  const heartbeats = Array.from({ length: 10 * MESSAGES }, () => frame(TEXT, '3'));
  socket.write(Buffer.concat([...heartbeats, frame(PING, ''), frame(TEXT, '421["channel:open",{}]')]));
  await eventually(() => expect(received()).toContain('431[{"channelId"'));
});

test('a connection that the engine has closed ends, although its client does not close it', async () => {
  const log = await openTestLog();
  const { port, connections } = await startHub({ log, limits: { closingMs: 50 } });
  const { socket } = await join(port);
  socket.write(frame(TEXT, ''));
  await eventually(async () => expect(await connections()).toBe(0));
});
