/**
 * Measures what sockets cost on Kafka, Redis and PostgreSQL, for the sizing in docs/running-at-scale.md: how fast one hub opens channels,
 * how much memory the hub and Redis hold for each, and how fast notifications reach all of them. One client process opens the channels
 * on the same machine, so the speeds are lower bounds.
 */

import type { OpenChannelAnswer } from '@tidings/contracts/notifications/socket-events.ts';
import { encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import { Redis } from 'ioredis';
import { io, type Socket } from 'socket.io-client';
import { cpuSeconds, numberOption, residentBytes } from '../measure.ts';
import { makeEvent } from './notifications.ts';

/** Channels opened at once, as many as a hub gets after an outage. */
const AT_ONCE = 200;

interface Listener {
  readonly socket: Socket;
  readonly channelId: string;
}

/** `--sockets 5000`: prints what each costs. */
export async function run(words: string[]): Promise<void> {
  const count = numberOption(words, 'sockets', 5_000);
  const system = await startDistributed({ instances: 1, onProgress: console.log });
  const brokers = system.engines.kafkaBrokers.split(',');
  const log = await openKafkaLog({ brokers, clientId: 'bench', replication: 1 });
  const redis = new Redis(system.engines.redisUrl);
  const listeners: Listener[] = [];
  try {
    await measureOpening(system, redis, count, listeners);
    await measureNotifying(system, log, listeners);
  } finally {
    for (const { socket } of listeners) socket.disconnect();
    redis.disconnect();
    await log.close();
    await system.stop();
  }
}

async function measureOpening(
  system: Distributed,
  redis: Redis,
  count: number,
  listeners: Listener[],
): Promise<void> {
  const { pid, url } = hubOf(system);
  const before = { memory: residentBytes(pid), cpu: cpuSeconds(pid), redis: await usedMemory(redis) };
  const start = performance.now();
  for (let first = 0; first < count; first += AT_ONCE) {
    const wave = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, index) => first + index);
    listeners.push(...(await Promise.all(wave.map((number) => openListener(url, number)))));
  }
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuSeconds(pid) - before.cpu;
  const kilobytes = (residentBytes(pid) - before.memory) / count / 1000;
  const redisKilobytes = ((await usedMemory(redis)) - before.redis) / count / 1000;
  console.log(
    `${count} sockets, a new channel each: ${(count / seconds).toFixed(0)} opened/s, ${((cpu * 1000) / count).toFixed(2)} ms CPU of ` +
      `the hub each; ${kilobytes.toFixed(1)} KB of the hub each, ${redisKilobytes.toFixed(2)} KB of Redis each`,
  );
}

/** Appends one notification for each channel, and waits until the last has arrived. */
async function measureNotifying(
  system: Distributed,
  log: EventLog,
  listeners: readonly Listener[],
): Promise<void> {
  const { pid } = hubOf(system);
  const arrived = listeners.map(
    ({ socket }) => new Promise<void>((resolve) => socket.once('notification', () => resolve())),
  );
  const cpuBefore = cpuSeconds(pid);
  const start = performance.now();
  const records = listeners.map(({ channelId }, index) => ({
    topic: topics.notifications,
    key: channelId,
    value: encodeEvent(makeEvent(index)),
  }));
  await log.append(records);
  await Promise.all(arrived);
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuSeconds(pid) - cpuBefore;
  console.log(
    `a durable notification to each: ${(listeners.length / seconds).toFixed(0)} a second, ` +
      `${((cpu * 1000) / listeners.length).toFixed(2)} ms CPU of the hub each`,
  );
}

function hubOf(system: Distributed): { readonly pid: number; readonly url: string } {
  const [hub] = system.processes.hub;
  if (hub === undefined) throw new Error('no hub');
  return hub;
}

/** Opens each channel from an address of its own, as a proxy would name it: opens are bounded by address. */
async function openListener(url: string, number: number): Promise<Listener> {
  const address = `10.0.${number >> 8}.${number & 0xff}`;
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { 'X-Forwarded-For': address },
  });
  const opened: OpenChannelAnswer = await socket.timeout(60_000).emitWithAck('channel:open', {});
  if (!('channelId' in opened)) throw new Error(`not opened: ${JSON.stringify(opened)}`);
  return { socket, channelId: opened.channelId };
}

async function usedMemory(redis: Redis): Promise<number> {
  const [, bytes] = /^used_memory:(\d+)/m.exec(await redis.info('memory')) ?? [];
  return Number(bytes);
}
