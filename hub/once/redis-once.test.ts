import { silentLogger } from '@tidings/testing/logger.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRedis, type RedisConnections } from '../redis/connections.ts';
import { describeOnce } from '../test/once-conformance.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import { RedisOnce } from './redis-once.ts';

const redis = useRedis();
let connections: RedisConnections;
let engines = 0;

beforeAll(async () => {
  connections = connectRedis(redis.url, silentLogger);
  await whenUp(connections);
});
afterAll(() => connections.close());

function create(maxKeys?: number) {
  const clock = { now: 0 };
  engines += 1;
  const prefix = `once-${engines}`;
  return { once: new RedisOnce({ connections, now: () => clock.now, prefix, maxKeys }), clock, prefix };
}

describeOnce('once only, in Redis', () => create());

test('of two hubs, one does the work', async () => {
  const { once, prefix } = create();
  const other = redis.connect();
  await whenUp(other);
  const there = new RedisOnce({ connections: other, now: () => 0, prefix });
  const begun = await Promise.all(
    [once, there, once, there].map((each) => each.begin('key', 'work', 60_000)),
  );
  expect(begun.toSorted()).toEqual(['new', 'running', 'running', 'running']);
  await there.finish('key');
  expect(await once.begin('key', 'work', 60_000)).toBe('done');
});

test('a key is known for its time from the first call on, and nothing stays for ever', async () => {
  const { once, clock, prefix } = create();
  const operator = redis.operator();
  await once.begin('key', 'work', 600_000);
  const [name = ''] = await operator.keys(`${prefix}:{once}:*`);
  await operator.pexpire(name, 300_000);
  clock.now += 60_000;
  await once.begin('key', 'work', 600_000);
  await once.finish('key');
  const left = await operator.pttl(name);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(300_000);
  await operator.del(name);
  await once.finish('key');
  expect(await operator.exists(name)).toBe(0);
});

test('a key that has expired is begun anew, and is known again', async () => {
  const { once, clock, prefix } = create();
  const operator = redis.operator();
  await once.begin('key', 'work', 60_000);
  await operator.del(await operator.keys(`${prefix}:{once}:*`));
  clock.now += 60_001;
  expect(await once.begin('key', 'other work', 60_000)).toBe('new');
  expect(await once.begin('key', 'other work', 60_000)).toBe('running');
});

test('with too many keys, those go that would expire first, and what has expired goes by itself', async () => {
  const { once, clock, prefix } = create(5);
  const operator = redis.operator();
  const names = async () => [
    await operator.zcard(`${prefix}:{once}`),
    (await operator.keys(`${prefix}:{once}:*`)).length,
  ];
  await once.begin('ticket', 'work', 60_000);
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    clock.now += 1;
    await once.begin(key, 'work', 600_000);
  }
  expect(await names()).toEqual([5, 5]);
  expect(await once.begin('b', 'work', 600_000)).toBe('running');
  expect(await once.begin('ticket', 'work', 60_000)).toBe('new');
  await once.forget('ticket');
  expect(await names()).toEqual([4, 4]);
  clock.now += 700_000;
  await once.begin('later', 'work', 600_000);
  expect(await names()).toEqual([1, 1]);
});

test('while Redis is down, a call says so', async () => {
  const closed = redis.connect();
  await whenUp(closed);
  closed.close();
  const once = new RedisOnce({ connections: closed });
  await expect(once.begin('key', 'work', 1000)).rejects.toMatchObject({ retriable: true });
});
