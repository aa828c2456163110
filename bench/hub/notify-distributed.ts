/**
 * Measures notifications on Kafka, Redis and PostgreSQL. Publish → client: from `append` on Kafka to a client of a hub, whichever hub
 * consumes the record. The baseline, in the same run, is a bare emit on one Socket.IO node to a client of another one through the
 * Redis adapter. Chunk committed → client: during a real import through the proxy.
 */
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { openChannel } from '@tidings/client/index.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { pause } from '@tidings/failures/retry.ts';
import { listen } from '@tidings/service-kit/http/http-server.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { numberOption } from '../measure.ts';
import {
  compareWithBareEmit,
  makeEvent,
  nextOn,
  reportImport,
  timeOneByOne,
  watchImport,
} from './notifications.ts';

/** `--messages 1000`, `--rounds 3`, `--rows 1000000`: prints p50 and p99 of each, and the ratio to the bare emit. */
export async function runDistributed(words: readonly string[]): Promise<void> {
  const rows = numberOption(words, 'rows', 1_000_000);
  const system = await startDistributed({ onProgress: console.log });
  const brokers = system.engines.kafkaBrokers.split(',');
  const log = await openKafkaLog({ brokers, clientId: 'bench', replication: 1 });
  try {
    await compareWithBareEmit({
      rounds: numberOption(words, 'rounds', 3),
      messages: numberOption(words, 'messages', 1_000),
      bareName: 'bare Socket.IO emit → client on another node',
      publishedName: 'publish on Kafka → client on a hub',
      timeBareEmit: (count) => timeBareEmit(system.engines.redisUrl, count),
      timePublish: (count) => timePublish(system, log, count),
    });
    await reportImport(log, await watchImport(system.url, rows));
  } finally {
    await log.close();
    await system.stop();
  }
}

export async function timeBareEmit(redisUrl: string, count: number): Promise<number[]> {
  const connections = Array.from({ length: 4 }, () => new Redis(redisUrl));
  const node = (number: number) => {
    const http = createServer();
    const [publisher, subscriber] = connections.slice(number * 2);
    const server = new Server(http, {
      transports: ['websocket'],
      perMessageDeflate: false,
      adapter: createAdapter(publisher, subscriber),
    });
    return { http, server };
  };
  const [sender, receiver] = [node(0), node(1)];
  receiver.server.on('connection', (socket) => void socket.join('room'));
  const port = await listen(receiver.http, 0, '127.0.0.1');
  const client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
  await new Promise<void>((resolve) => client.once('connect', resolve));
  // Whatever a node emits before the other one has subscribed at Redis is lost.
  const isHeard = new Promise<true>((resolve) => client.once('begin', () => resolve(true)));
  while (!(await Promise.race([isHeard, pause(20).then(() => false)])))
    sender.server.to('room').emit('begin');
  const arrived = () => new Promise((resolve) => client.once('notification', resolve));
  const times = await timeOneByOne(
    count,
    (index) => sender.server.to('room').emit('notification', makeEvent(index)),
    arrived,
  );
  client.disconnect();
  await Promise.all([receiver.server.close(), sender.server.close()]);
  for (const connection of connections) connection.disconnect();
  return times;
}

async function timePublish(system: Distributed, log: EventLog, count: number): Promise<number[]> {
  const channel = openChannel({ url: system.processes.hub[1]?.url });
  await channel.ready();
  const key = channel.credentials?.channelId ?? '';
  const send = (index: number) =>
    void log.append([{ topic: topics.notifications, key, value: encodeEvent(makeEvent(index)) }]);
  const times = await timeOneByOne(count, send, () => nextOn(channel));
  channel.close();
  return times;
}
