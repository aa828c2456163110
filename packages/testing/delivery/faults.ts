/** The faults that break something while notifications flow. When a fault resolves, all that it broke works again. */

import { Redis } from 'ioredis';
import type { Distributed } from '../stack/distributed.ts';
import type { ServiceInstance } from '../stack/service-instance.ts';
import type { Publisher } from './publisher.ts';

/** Notifications that are sent while something is broken. */
const MEANWHILE = 60;

export interface FaultParts {
  readonly system: Distributed;
  readonly publisher: Publisher;
  readonly random: () => number;
}

type Fault = (parts: FaultParts) => Promise<void>;

export const faults: Readonly<Record<string, Fault>> = {
  'a hub is killed': async ({ system, publisher, random }) => {
    const hub = hubOf(system, random() < 0.5 ? 0 : 1);
    await hub.kill();
    await publisher.more(MEANWHILE);
    await hub.start();
  },
  'both hubs are killed': async ({ system, publisher }) => {
    const { hub } = system.processes;
    await Promise.all(hub.map((one) => one.kill()));
    await publisher.more(MEANWHILE);
    await Promise.all(hub.map((one) => one.start()));
  },
  'the hubs are replaced one after another': async ({ system }) => {
    for (const hub of system.processes.hub) await hub.restart();
  },
  'a hub stands still': async ({ system, publisher }) => {
    const hub = hubOf(system, 1);
    hub.pause();
    await publisher.more(MEANWHILE);
    hub.resume();
  },
  'Redis is killed': async ({ system, publisher }) => {
    const { redis } = system.engines;
    await redis.kill();
    await publisher.more(MEANWHILE);
    await redis.restart();
  },
  'Redis stands still': async ({ system, publisher }) => {
    const { redis } = system.engines;
    redis.pause();
    await publisher.more(MEANWHILE);
    redis.resume();
  },
  'Redis is full': ({ system, publisher }) =>
    withRedis(system, async (redis) => {
      await redis.config('SET', 'maxmemory', '1');
      await publisher.more(MEANWHILE);
      await redis.config('SET', 'maxmemory', '0');
    }),
  'Redis loses everything': ({ system }) => withRedis(system, async (redis) => void (await redis.flushall())),
  'Redis loses everything while a hub is killed': async (parts) => {
    const hub = hubOf(parts.system, 0);
    await hub.kill();
    await withRedis(parts.system, async (redis) => void (await redis.flushall()));
    await parts.publisher.more(MEANWHILE);
    await hub.start();
  },
};

function hubOf({ processes }: Distributed, number: 0 | 1): ServiceInstance {
  const hub = processes.hub[number];
  if (hub === undefined) throw new Error('two hubs are needed');
  return hub;
}

async function withRedis(system: Distributed, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(system.engines.redisUrl);
  redis.on('error', () => undefined);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}
