import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisConnections } from '../redis/connections.ts';
import { at, describeHistory, recorded } from '../test/history-conformance.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import type { HistoryLimits } from './channel-history.ts';
import { RedisHistory } from './redis-history.ts';

const redis = useRedis();
const logger = silentLogger;
let connections: RedisConnections;
let histories = 0;

beforeAll(async () => {
  connections = connectRedis(redis.url, logger);
  await whenUp(connections);
});
afterAll(() => connections.close());

function createHistory(limits: Partial<HistoryLimits> = {}) {
  const clock = { now: 0 };
  histories += 1;
  const prefix = `history-${histories}`;
  return { history: new RedisHistory({ connections, limits, now: () => clock.now, prefix }), clock, prefix };
}

describeHistory('a history in Redis', createHistory);

describe('several hubs at once', () => {
  test('whatever they append, numbers are contiguous, and a record has one number for both', async () => {
    const other = redis.connect();
    await whenUp(other);
    const [one, two] = [connections, other].map(
      (its) => new RedisHistory({ connections: its, now: () => 0, prefix: 'races' }),
    );
    if (one === undefined || two === undefined) throw new Error('two histories were made');
    const limits = 200;
    // Both hubs append to one partition, as a hub does that has lost the partition and does not know it yet. Each also has a partition of its own.
    const append = async (history: RedisHistory, own: number) => {
      const shared = [];
      const alone = [];
      for (let offset = 0; offset < limits / 2; offset += 1) {
        shared.push(history.append('c', at(offset, 0), recorded()));
        if (offset < 28) alone.push(history.append('c', at(offset, own), recorded()));
        if (offset % 7 === own) await shared.at(-1);
      }
      return { shared: await Promise.all(shared), alone: await Promise.all(alone) };
    };
    const [first, second] = await Promise.all([append(one, 1), append(two, 2)]);
    const numbers = (appended: typeof first.shared) => appended.map((each) => each?.notification.seq);
    expect(numbers(first.shared)).toEqual(numbers(second.shared));
    const added = [...first.shared, ...first.alone, ...second.shared, ...second.alone].filter(
      (each) => each?.added,
    );
    expect(added).toHaveLength(156);
    expect(numbers(added).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 156 }, (_, index) => index + 1),
    );
    const inOrder = numbers(first.shared) as number[];
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(await one.open('c', null)).toEqual(await two.open('c', null));
    expect(new Set(added.map((each) => each?.notification.epoch)).size).toBe(1);
  });

  test('the newest progress wins, whoever brings it', async () => {
    const other = redis.connect();
    await whenUp(other);
    const both = [connections, other].map(
      (its) => new RedisHistory({ connections: its, now: () => 0, prefix: 'progress-races' }),
    );
    const versions = Array.from({ length: 200 }, (_, index) => ((index * 73) % 200) + 1);
    const kept = await Promise.all(
      versions.map((version, index) => both[index % 2]?.setProgress('c', recorded({ version }))),
    );
    expect(kept.filter((each) => each?.notification.version === 200)).toHaveLength(1);
    expect((await both[0]?.open('c', null))?.progress).toMatchObject([{ version: 200 }]);
  });
});

describe('many channels in one turn', () => {
  test('for any channels and repetitions, each has its own numbers in order, and its own progress', async () => {
    const channels = fc.array(fc.nat(5), { minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(channels, async (numbers) => {
        const { history } = createHistory();
        const records = numbers.map((number, offset) => ({
          channelId: `c${number}`,
          offset,
          record: recorded(),
        }));
        const append = (some: typeof records) =>
          Promise.all(
            some.map(({ channelId, offset, record }) => history.append(channelId, at(offset), record)),
          );
        const begun = await append(records.slice(0, 3));
        const appended = await append(records);
        expect(appended.slice(0, 3)).toEqual(begun.map((one) => ({ ...one, added: false })));
        const progress = await Promise.all(
          numbers.map((number, version) => history.setProgress(`c${number}`, recorded({ version }))),
        );
        for (const number of new Set(numbers)) {
          const own = numbers.flatMap((one, index) => (one === number ? [index] : []));
          const seqs = own.map((index) => appended[index]?.notification.seq);
          expect(seqs).toEqual(own.map((_, index) => index + 1));
          const opened = await history.open(`c${number}`, null);
          expect(opened.durable).toEqual(own.map((index) => appended[index]?.notification));
          expect(opened.progress).toEqual([progress[own.at(-1) ?? 0]?.notification]);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('what Redis keeps', () => {
  test('a channel that somebody listens to does not expire, and keeps its epoch', async () => {
    const { history, prefix } = createHistory({ maxAgeMs: 60_000 });
    const { epoch } = await history.open('c', null);
    const key = `${prefix}:{c}:meta`;
    await connections.commands.pexpire(key, 20_000);
    expect(await history.positionsOf(['c'])).toEqual([{ epoch, seq: 0 }]);
    expect(await connections.commands.pttl(key)).toBeGreaterThan(30_000);
  });

  test('every key of a channel expires after its last use, and all stand in one slot', async () => {
    const { history, prefix } = createHistory({ maxAgeMs: 60_000 });
    for (const channelId of ['support', 'with } and {braces}', '}']) {
      await history.append(channelId, at(1), recorded({ subject: 'a', version: 1, final: true }));
      await history.setProgress(channelId, recorded({ subject: 'b', version: 1 }));
      await history.open(channelId, null);
    }
    const keys = await connections.commands.keys(`${prefix}:*`);
    expect(keys).toHaveLength(15);
    for (const key of keys) {
      const remaining = await connections.commands.pttl(key);
      expect(remaining).toBeGreaterThan(0);
      expect(remaining).toBeLessThanOrEqual(63_750);
    }
    const tags = keys.map((key) => /\{([^}]+)\}/.exec(key)?.[1]);
    expect(new Set(tags).size).toBe(3);
    expect(tags).not.toContain(undefined);
  });

  test('a use renews the expiry of all keys together, and only where less than the largest age is left', async () => {
    const { history, prefix } = createHistory({ maxAgeMs: 60_000 });
    const { commands } = connections;
    await history.setProgress('c', recorded({ subject: 'a', version: 1 }));
    await history.setProgress('c', recorded({ subject: 'b', version: 1, final: true }));
    const keys = ['meta', 'values', 'live', 'ended'].map((name) => `${prefix}:{c}:${name}`);
    const left = () => Promise.all(keys.map((key) => commands.pexpiretime(key)));
    const before = await left();
    await history.setProgress('c', recorded({ subject: 'a', version: 2 }));
    expect(await left()).toEqual(before);
    for (const key of keys.slice(1)) await commands.pexpire(key, 20_000);
    await history.setProgress('c', recorded({ subject: 'a', version: 3 }));
    const after = await left();
    expect(new Set(after).size).toBe(1);
    expect(after[0]).toBeGreaterThanOrEqual(before[0] ?? 0);
  });

  test('a channel that begins expires', async () => {
    const { history, prefix } = createHistory({ maxAgeMs: 60_000 });
    await history.begin('c');
    expect(await connections.commands.keys(`${prefix}:*`)).toEqual([`${prefix}:{c}:meta`]);
    const remaining = await connections.commands.pttl(`${prefix}:{c}:meta`);
    expect(remaining).toBeGreaterThan(60_000);
    expect(remaining).toBeLessThanOrEqual(63_750);
  });

  test('a channel that has expired begins anew', async () => {
    const { history, prefix } = createHistory({ maxAgeMs: 50 });
    const { epoch } = await history.open('c', null);
    await eventually(async () => expect(await connections.commands.keys(`${prefix}:*`)).toEqual([]));
    const again = await history.open('c', { epoch, seq: 0 });
    expect(again.recovered).toBe(false);
    expect(again.epoch).not.toBe(epoch);
  });

  test('whichever key of a channel is evicted, positions are continued without a gap, or not at all', async () => {
    for (const name of ['meta', 'durable', 'values', 'live', 'ended']) {
      const { history, prefix } = createHistory();
      await history.setProgress('c', recorded({ subject: 'b', version: 1 }));
      await history.append('c', at(1), recorded({ subject: 'a', version: 1, final: true }));
      const before = await history.append('c', at(2), recorded());
      const epoch = before?.notification.epoch ?? '';
      await connections.commands.del(`${prefix}:{c}:${name}`);
      const opened = await history.open('c', { epoch, seq: 1 });
      const isHistoryLost = name === 'meta' || name === 'durable';
      expect([name, opened.recovered]).toEqual([name, !isHistoryLost]);
      expect(opened.durable).toHaveLength(isHistoryLost ? 0 : 1);
      expect(await history.append('c', at(3), recorded())).toMatchObject({ added: true });
      await history.setProgress('c', recorded({ subject: 'b', version: 2 }));
      expect((await history.open('c', null)).progress).toMatchObject([{ version: 2 }]);
    }
  });
});

describe('Redis away', () => {
  test('a Redis that is full sets nothing of many channels, and all of it when it has room', async () => {
    const its = redis.connect();
    const operator = redis.operator();
    await whenUp(its);
    histories += 1;
    const history = new RedisHistory({ connections: its, now: () => 0, prefix: `full-${histories}` });
    const channels = ['one', 'two', 'three'];
    for (const channelId of channels) await history.setProgress(channelId, recorded({ version: 1 }));
    const set = () =>
      Promise.allSettled(
        channels.map((channelId) => history.setProgress(channelId, recorded({ version: 2 }))),
      );
    await operator.config('SET', 'maxmemory-policy', 'noeviction');
    await operator.config('SET', 'maxmemory', '1');
    try {
      for (const outcome of await set())
        expect(outcome).toMatchObject({ status: 'rejected', reason: { retriable: true } });
    } finally {
      await operator.config('SET', 'maxmemory', '0');
    }
    await whenUp(its);
    for (const outcome of await set())
      expect(outcome).toMatchObject({ status: 'fulfilled', value: { notification: { version: 2 } } });
  });

  test('every call fails within its time as retriable, and no command is kept for later', async () => {
    const its = redis.connect({ commandTimeoutMs: 200 });
    await whenUp(its);
    const history = new RedisHistory({ connections: its, now: () => 0, prefix: 'away' });
    const unavailable = { code: 'history_unavailable', retriable: true };
    redis.server.pause();
    try {
      await expect(history.append('c', at(1), recorded())).rejects.toMatchObject(unavailable);
      await whenUp(its, false);
      const calls = Array.from({ length: 1000 }, () => history.open('c', null));
      for (const call of await Promise.allSettled(calls))
        expect(call).toMatchObject({ status: 'rejected', reason: unavailable });
    } finally {
      redis.server.resume();
    }
    await whenUp(its);
    expect(await history.append('c', at(1), recorded())).toMatchObject({ notification: { seq: 1 } });
    expect(await history.append('c', at(2), recorded())).toMatchObject({ notification: { seq: 2 } });
  });
});
