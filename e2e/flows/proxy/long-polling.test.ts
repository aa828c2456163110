/** Socket.IO by long-polling, behind the real nginx and two hubs: a session stays with its hub. */
import { eventually } from '@tidings/testing/eventually.ts';
import { io, type Socket } from 'socket.io-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { shareProxiedStacks } from '../../test/proxied-stacks.ts';

const { proxied } = shareProxiedStacks({ SOCKET_TRANSPORTS: 'websocket,polling' });
const clients = Array.from({ length: 12 }, (_, number) => `203.0.113.${number + 1}`);

/** Opens a channel, and keeps the numbers that come on it. */
async function follow(address: string, transports: ('polling' | 'websocket')[]) {
  const received: unknown[] = [];
  const disconnects: string[] = [];
  const socket: Socket = io(proxied().url, {
    ...{ transports, forceNew: true, reconnection: false },
    extraHeaders: { 'X-Forwarded-For': address },
  });
  onTestFinished(() => void socket.disconnect());
  socket.on('notification', ({ data }: { data: unknown }) => received.push(data));
  socket.on('disconnect', (reason) => disconnects.push(reason));
  const { channelId } = (await socket.timeout(20_000).emitWithAck('channel:open', {})) as {
    channelId: string;
  };
  return { socket, channelId, received, disconnects };
}

/** Each stack has a log of its own: a notification comes from the one on which the client's session is. */
async function publish(port: number, channelId: string, data: unknown): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/channels/${channelId}/notifications`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${'p'.repeat(64)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ subject: 'job', type: 'job.done', data }),
  });
  expect(answer.status).toBe(202);
}

describe('behind two hubs', () => {
  test('sessions of many addresses stay with their hub, over any number of polls', async () => {
    const { stackPorts } = proxied();
    const followed = await Promise.all(clients.map((address) => follow(address, ['polling'])));
    for (let number = 0; number < 10; number += 1) {
      for (const { channelId } of followed)
        for (const port of stackPorts) await publish(port, channelId, { port, number });
    }
    const hubs = new Set<number>();
    for (const { received, disconnects } of followed) {
      await eventually(() => expect(received).toHaveLength(10));
      const [{ port = 0 } = {}] = received as { port: number }[];
      hubs.add(port);
      expect(received).toEqual(Array.from({ length: 10 }, (_, number) => ({ port, number })));
      expect(disconnects).toEqual([]);
    }
    expect([...hubs].sort()).toEqual([...stackPorts].sort());
  });

  test('a session that begins by polling goes on by WebSocket, on the same hub', async () => {
    const { stackPorts } = proxied();
    for (const address of clients.slice(0, 4)) {
      const { socket, channelId, received, disconnects } = await follow(address, ['polling', 'websocket']);
      await eventually(() => expect(socket.io.engine.transport.name).toBe('websocket'));
      for (const port of stackPorts) await publish(port, channelId, 'after the change');
      await eventually(() => expect(received).toEqual(['after the change']));
      expect(disconnects).toEqual([]);
    }
  });

  test('clients of a hub that is killed come to the other one', async () => {
    const [killed] = proxied().stacks;
    const [, other = 0] = proxied().stackPorts;
    await killed?.kill();
    onTestFinished(async () => killed?.start());
    for (const address of clients) {
      const { socket, channelId, received } = await follow(address, ['polling']);
      await publish(other, channelId, 'of the other');
      await eventually(() => expect(received).toEqual(['of the other']));
      socket.disconnect();
    }
  });
});
