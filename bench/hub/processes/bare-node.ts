/**
 * The baseline as a process of its own: a Socket.IO node without a hub, which puts a client into the room that it asks for, and emits what
 * its parent tells it to. Arguments: `pubsub` or `streams`, the address of Redis, the port.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createAdapter as createStreamsAdapter } from '@socket.io/redis-streams-adapter';
import { listen } from '@tidings/service-kit/http/http-server.ts';
import { Redis } from 'ioredis';
import { Server, type ServerOptions } from 'socket.io';

import type { SentNotification } from './nodes.ts';

/** Emits in a turn of the loop, so that the node also reads and writes. */
const EMITS_PER_TURN = 50;

const [kind, redisUrl = '', port] = process.argv.slice(2);
const connections = [new Redis(redisUrl), new Redis(redisUrl)] as const;
const adapter: Partial<ServerOptions> =
  kind === 'streams'
    ? { adapter: createStreamsAdapter(connections[0]), connectionStateRecovery: {} }
    : { adapter: createAdapter(...connections) };
const http = createServer();
const server = new Server(http, {
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  ...adapter,
});
server.on('connection', (socket) => {
  socket.on('channel:open', async ({ channelId = randomUUID() }, answer) => {
    await socket.join(channelId);
    answer({ channelId });
  });
});
process.on('message', (notifications: SentNotification[]) => void emit(notifications));
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => process.exit(0));
await listen(http, Number(port), '127.0.0.1');
process.send?.('ready');

/** Resolves when all that was on its way to Redis has arrived, sessions included. */
async function stop(): Promise<never> {
  await server.close();
  await Promise.all(connections.map((connection) => connection.quit().catch(() => undefined)));
  process.exit(0);
}

async function emit(notifications: readonly SentNotification[]): Promise<void> {
  for (const [index, { channelId, ...event }] of notifications.entries()) {
    server.to(channelId).emit('notification', event);
    if (index % EMITS_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(() => resolve()));
  }
}
