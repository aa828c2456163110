/** The rows of Redis's client and adapter in “Libraries we lean on” of ARCHITECTURE, on a real Redis. */
import { once } from 'node:events';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Engines, startEngines } from '../engines/start-engines.ts';
import { eventually } from '../eventually.ts';
import { recordCalls } from './recorded-calls.ts';

let engines: Engines;

beforeAll(async () => {
  engines = await startEngines({ redis: true });
});
afterAll(() => engines?.stop());

describe('@socket.io/redis-adapter', () => {
  test('of its clients it uses publish, subscribe, psubscribe, unsubscribe, punsubscribe and events, and it publishes within serverSideEmit', async () => {
    const used = new Set<string | symbol>();
    const [publisher, subscriber] = [connectRedis(), connectRedis()];
    const server = new Server();
    const published: [string, string][] = [];
    const adapter = createAdapter(
      recordCalls(publisher, used, (name, [channel, message]) => {
        if (name === 'publish') published.push([String(channel), String(message)]);
      }),
      recordCalls(subscriber, used),
      { key: 'leaning' },
    );
    server.adapter(adapter);
    await whenSubscribed('leaning', 1);
    server.serverSideEmit('notifications', [['c', '{}']]);
    expect(published).toHaveLength(1);
    const [channel, message] = published[0] ?? ['', ''];
    expect(channel).toBe('leaning-request#/#');
    expect(JSON.parse(message)).toMatchObject({
      uid: expect.any(String),
      type: 6,
      data: ['notifications', [['c', '{}']]],
    });
    await closeAdapters('leaning', [server]);
    const ours = ['publish', 'subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'];
    const events = ['on', 'off', 'removeListener', 'listenerCount'];
    const called = [...used].filter((name) => !events.includes(String(name)) && name !== 'pSubscribe');
    expect(called.filter((name) => !ours.includes(String(name)))).toEqual([]);
    expect(called).toEqual(expect.arrayContaining(['publish', 'subscribe', 'psubscribe']));
  });

  test('it hears another server by messageBuffer, and emits the event on the server', async () => {
    const servers = [new Server(), new Server()];
    const subscribers = [connectRedis(), connectRedis()];
    for (const [index, server] of servers.entries())
      server.adapter(createAdapter(connectRedis(), subscribers[index], { key: 'hearing' }));
    const heard = new Promise((resolve) => servers[1]?.on('notifications', resolve));
    const messages = once(subscribers[1] ?? new Redis(), 'messageBuffer');
    await whenSubscribed('hearing', 2);
    servers[0]?.serverSideEmit('notifications', 'payload');
    expect(await heard).toBe('payload');
    expect(String((await messages)[0])).toBe('hearing-request#/#');
    await closeAdapters('hearing', servers);
  });
});

describe('ioredis', () => {
  test('an error reply is a ReplyError whose message begins with the code, also from a script', async () => {
    const redis = connectRedis();
    redis.defineCommand('leaningFailure', { numberOfKeys: 0, lua: "return redis.error_reply('STALE any')" });
    const failing = Reflect.get(redis, 'leaningFailure') as () => Promise<unknown>;
    await expect(failing.call(redis)).rejects.toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(/^STALE any/),
    });
    await redis.set('text', 'any');
    await expect(redis.lpush('text', 'any')).rejects.toMatchObject({
      name: 'ReplyError',
      message: expect.stringMatching(/^WRONGTYPE /),
    });
  });

  test('tests read the queues of a connection, and the local port of its stream', async () => {
    const redis = connectRedis();
    await redis.ping();
    expect(redis).toMatchObject({
      commandQueue: { length: 0 },
      offlineQueue: { length: 0 },
      stream: { localPort: expect.any(Number) },
    });
  });
});

/** Resolves when this many adapters hear each other. */
async function whenSubscribed(key: string, count: number): Promise<void> {
  const redis = connectRedis();
  const channels = ['request', 'response'].map((name) => `${key}-${name}#/#`);
  await eventually(async () =>
    expect(await redis.pubsub('NUMSUB', ...channels)).toEqual(channels.flatMap((name) => [name, count])),
  );
  await eventually(async () => expect(await redis.pubsub('NUMPAT')).toBe(Math.min(count, 1)));
}

/** Their connections must last until they have unsubscribed: the adapter handles no rejection. */
async function closeAdapters(key: string, servers: readonly Server[]): Promise<void> {
  for (const server of servers) server.of('/').adapter.close();
  await whenSubscribed(key, 0);
}

function connectRedis(): Redis {
  const redis = new Redis(engines.redisUrl);
  onTestFinished(() => redis.disconnect());
  return redis;
}
