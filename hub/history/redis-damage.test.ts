/**
 * Another program has written into the keys of a channel. One such value failed every script that met it, so the partition of the log
 * that held a record of the channel stood still, with all other channels in it, until somebody found the value.
 */

import { silentLogger } from '@tidings/testing/logger.ts';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectRedis, type RedisConnections } from '../redis/connections.ts';
import { at, recorded } from '../test/history-conformance.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import { BulkAppend } from './redis-bulk-append.ts';
import { RedisHistory } from './redis-history.ts';
import { RedisPositions } from './redis-positions.ts';

const redis = useRedis();
let connections: RedisConnections;
let histories = 0;

beforeAll(async () => {
  connections = connectRedis(redis.url, silentLogger);
  await whenUp(connections);
});
afterAll(() => connections.close());

/** What a foreign program does to a key, which is none of the list, hash or sorted set that we wrote. */
const damages: Readonly<Record<string, (client: Redis, tag: string) => Promise<unknown>>> = {
  'a text in the place of meta': (client, tag) => client.set(`${tag}:meta`, 'foreign'),
  'a text in the place of durable': (client, tag) => client.set(`${tag}:durable`, 'foreign'),
  'a text in the place of values': (client, tag) => client.set(`${tag}:values`, 'foreign'),
  'a text in the place of live': (client, tag) => client.set(`${tag}:live`, 'foreign'),
  'a text in the place of ended': (client, tag) => client.set(`${tag}:ended`, 'foreign'),
  'a seq that is no number': (client, tag) => client.hset(`${tag}:meta`, 'seq', 'foreign'),
  'a seq that is not a number to Lua': (client, tag) => client.hset(`${tag}:meta`, 'seq', 'nan'),
  'a tick that is no number': (client, tag) => client.hset(`${tag}:meta`, 'tick', 'foreign'),
  'an entry that is none': (client, tag) => client.rpush(`${tag}:durable`, 'foreign'),
  'an entry without JSON': (client, tag) => client.rpush(`${tag}:durable`, '0 7 partition foreign'),
  'an entry that is no notification': (client, tag) => client.rpush(`${tag}:durable`, '0 7 partition {}'),
  'progress that is none': (client, tag) => client.hset(`${tag}:values`, 'sjob', 'foreign'),
  'progress without JSON': (client, tag) => client.hset(`${tag}:values`, 'sjob', '1 0 foreign'),
};

function create() {
  histories += 1;
  const prefix = `damaged-${histories}`;
  let damaged = 0;
  const onDamage = (channels: number) => {
    damaged += channels;
  };
  const common = { connections, now: () => 0, prefix, onDamage };
  const positions = new RedisPositions(connections, prefix);
  const bulk = new BulkAppend({ ...common, positions });
  return { history: new RedisHistory(common), bulk, prefix, damaged: () => damaged };
}

describe.each(Object.entries(damages))('%s', (_, damage) => {
  test('drops that channel alone: whatever comes goes on, no opening has a gap, and it is counted', async () => {
    const { history, bulk, prefix, damaged } = create();
    const channels = ['one', 'wrong', 'other'];
    const before = new Map<string, string>();
    for (const channelId of channels) {
      await history.setProgress(channelId, recorded({ version: 1 }));
      await history.append(channelId, at(0), recorded({ subject: 'ended', version: 1, final: true }));
      before.set(channelId, (await history.open(channelId, null)).epoch);
    }
    const spoil = async (name: string) => {
      const key = `${prefix}:{wrong}`;
      const [, place = ''] = /place of (\w+)/.exec(name) ?? [];
      if (place !== '') await connections.commands.del(`${key}:${place}`);
      await damage(connections.commands, key);
    };
    for (const work of ['append', 'progress', 'bulk', 'positions']) {
      await spoil(_);
      const offset = ['append', 'progress', 'bulk', 'positions'].indexOf(work) + 1;
      const end = recorded({ subject: `end-${offset}`, version: offset, final: true });
      if (work === 'append')
        await Promise.all(channels.map((channelId) => history.append(channelId, at(offset), end)));
      if (work === 'progress')
        await Promise.all(
          channels.map((channelId) => history.setProgress(channelId, recorded({ version: offset }))),
        );
      if (work === 'bulk') {
        const kept = channels.map((channelId) => ({ channelId, offset, recorded: end }));
        await bulk.append(at(0, 1), { from: 0, next: offset + 1 }, kept);
      }
      if (work === 'positions') expect(await history.positionsOf(channels)).toHaveLength(3);
    }
    for (const channelId of channels) {
      const epoch = before.get(channelId) ?? '';
      const opened = await history.open(channelId, { epoch, seq: 1 });
      expect([channelId, opened.recovered]).toEqual([channelId, channelId !== 'wrong']);
      expect((await history.open(channelId, null)).durable.map(({ seq }) => seq)).toEqual(
        Array.from({ length: opened.seq }, (_one, index) => index + 1),
      );
    }
    expect((await history.open('one', null)).seq).toBe(3);
    expect(damaged()).toBeGreaterThan(0);
    expect(await history.append('wrong', at(9), recorded())).toMatchObject({ added: true });
  });
});
