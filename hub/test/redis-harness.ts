/** For tests: one real Redis per test file, and connections to it. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { retryUntil } from '@tidings/failures/retry.ts';
import { type Engines, startEngines } from '@tidings/testing/engines/start-engines.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { connectRedis, type RedisConnections, type RedisTimes } from '../redis/connections.ts';

/** Reconnects soon, and gives commands long: a busy machine is no outage. */
const quickTimes: RedisTimes = {
  probeIntervalMs: 50,
  commandTimeoutMs: 10_000,
  firstReconnectMs: 5,
  longestReconnectMs: 50,
};

const logger = silentLogger;

export interface RedisForTests {
  readonly url: string;
  readonly server: Engines['redis'];
  /** Restarts the server, or starts one that was stopped. */
  restart(): Promise<void>;
  /** Copies the data of Redis. The returned function kills Redis and starts it on the copy: what it has acknowledged since is lost. */
  remember(): Promise<() => Promise<void>>;
  /** Connections that end with the test. @param port of a network in front of Redis; default Redis' own */
  connect(times?: Partial<RedisTimes>, port?: number): RedisConnections;
  /** A plain client for what an operator does; ends with the test. */
  operator(): Redis;
}

/** Call once, at the top of a test file. */
export function useRedis(): RedisForTests {
  let engines: Engines | undefined;
  const running = () => {
    if (engines === undefined) throw new Error('Redis has not been started');
    return engines;
  };
  beforeAll(async () => {
    engines = await startEngines({ redis: true });
  }, 120_000);
  afterAll(() => engines?.stop());
  return {
    get url() {
      return running().redisUrl;
    },
    get server() {
      return running().redis;
    },
    restart: () => restart(running().redis),
    remember: () => remember(running()),
    connect(times = {}, port = running().redis.port) {
      const url = new URL(running().redisUrl);
      url.port = String(port);
      const connections = connectRedis(url.href, logger, { ...quickTimes, ...times });
      onTestFinished(() => connections.close());
      return connections;
    },
    operator() {
      const client = new Redis(running().redisUrl);
      client.on('error', () => undefined);
      onTestFinished(() => client.disconnect());
      return client;
    },
  };
}

async function remember({ redis: server, redisUrl }: Engines): Promise<() => Promise<void>> {
  const client = new Redis(redisUrl);
  const [, directory = ''] = (await client.config('GET', 'dir')) as string[];
  client.disconnect();
  const [data, copy] = [join(directory, 'appendonlydir'), await mkdtemp(join(tmpdir(), 'tidings-redis-'))];
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(data, copy, { recursive: true });
  return async () => {
    await server.kill();
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    await restart(server);
  };
}

/** A killed server may keep its port for a moment, while one of its threads waits for the disk. */
function restart(server: Engines['redis']): Promise<void> {
  const isPortTaken = (error: unknown) =>
    error instanceof Error && /address already in use/i.test(error.message);
  return retryUntil(() => server.restart(), { attempts: 20, longestMs: 100, retriable: isPortTaken });
}

/** Resolves when the connections know that Redis is up, or, where `isUp` is false, that it is down. */
export function whenUp(connections: RedisConnections, isUp = true): Promise<void> {
  return new Promise((resolve) => {
    if (connections.isUp() === isUp) return resolve();
    const unsubscribe = connections.onChange((now) => {
      if (now !== isUp) return;
      unsubscribe();
      resolve();
    });
  });
}
