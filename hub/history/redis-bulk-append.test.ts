import { silentLogger } from '@tidings/testing/logger.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRedis, type RedisConnections } from '../redis/connections.ts';
import { at, recorded } from '../test/history-conformance.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import type { HistoryLimits } from './channel-history.ts';
import { BulkAppend, type KeptRecord } from './redis-bulk-append.ts';
import { RedisHistory } from './redis-history.ts';
import { partitionIdOf, RedisPositions } from './redis-positions.ts';

const redis = useRedis();
let connections: RedisConnections;
let histories = 0;
const { offset: _offset, ...partition } = at(0);

beforeAll(async () => {
  connections = connectRedis(redis.url, silentLogger);
  await whenUp(connections);
});
afterAll(() => connections.close());

async function create(limits: Partial<HistoryLimits> = {}) {
  histories += 1;
  const prefix = `bulk-${histories}`;
  const now = () => 0;
  const positions = new RedisPositions(connections, prefix);
  await positions.beginGeneration(await positions.read(), 'generation', new Map());
  positions.adopt('generation', new Set([partitionIdOf(partition)]));
  const bulk = new BulkAppend({ connections, positions, now, limits, prefix });
  return { bulk, positions, history: new RedisHistory({ connections, positions, now, limits, prefix }) };
}

type Created = Awaited<ReturnType<typeof create>>;

/** All that the channels hold, but for their epochs and what is random in events of progress. */
async function contentOf({ history }: Created, channels: readonly string[]) {
  const opened = await Promise.all(channels.map((channelId) => history.open(channelId, null)));
  return opened.map(({ seq, durable, progress }) => ({
    seq,
    durable: durable.map(({ epoch, ...rest }) => rest),
    progress: progress.map(({ subject, version }) => ({ subject, version })),
  }));
}

test('for any records, and any that stand there already, channels hold what they hold where each is appended alone', async () => {
  const channels = ['one', 'with } and {braces}', '}'];
  const one = fc.record({
    channelId: fc.constantFrom(...channels),
    subject: fc.constantFrom('a', 'a subject of words', ' '),
    version: fc.option(fc.nat(4), { nil: undefined }),
    final: fc.boolean(),
    isThere: fc.boolean(),
  });
  const anyRecords = fc.array(one, { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(anyRecords, fc.integer({ min: 1, max: 12 }), async (records, perScript) => {
      const limits = { durablePerChannel: 5, subjectsPerChannel: 2 };
      const [alone, together] = [await create(limits), await create(limits)];
      const kept: KeptRecord[] = records.map(({ channelId, subject, version, final }, offset) => {
        const fields = { subject, final, ...(version === undefined ? {} : { version }) };
        return { channelId, offset, recorded: recorded(fields) };
      });
      for (const { history } of [alone, together])
        for (const channelId of channels)
          await history.setProgress(channelId, recorded({ subject: 'a', version: 2, at: 0 }));
      for (const { channelId, offset, recorded: each } of kept)
        await alone.history.append(channelId, at(offset), each);
      // Redis holds more of some channels than the position says: a batch was under way when Redis was saved.
      const there = kept.filter((_, index) => index < perScript && records[index]?.isThere === true);
      const lastThere = new Map(there.map(({ channelId, offset }) => [channelId, offset]));
      const isThere = ({ channelId, offset }: KeptRecord) => offset <= (lastThere.get(channelId) ?? -1);
      for (const each of kept.filter(isThere))
        await together.history.append(each.channelId, at(each.offset), each.recorded);
      let added = 0;
      for (let from = 0; from < kept.length; from += perScript) {
        const batch = kept.slice(from, from + perScript);
        added += await together.bulk.append(partition, { from, next: from + batch.length }, batch);
      }
      expect(added).toBe(kept.length - kept.filter(isThere).length);
      expect(await contentOf(together, channels)).toEqual(await contentOf(alone, channels));
      const { applied } = await together.positions.read();
      expect(applied.get(partitionIdOf(partition))).toBe(kept.length);
    }),
    { numRuns: 60 },
  );
});

test('a script behind one that failed is refused, and one that another hub has done adds nothing', async () => {
  const { bulk, history } = await create();
  const kept = [0, 1].map((offset) => ({ channelId: 'c', offset, recorded: recorded() }));
  const [first, second] = [kept.slice(0, 1), kept.slice(1)];
  await expect(bulk.append(partition, { from: 1, next: 2 }, second)).rejects.toMatchObject({
    code: 'history_unavailable',
    cause: { message: expect.stringContaining('STALE') },
  });
  await whenUp(connections);
  expect(await bulk.append(partition, { from: 0, next: 1 }, first)).toBe(1);
  expect(await bulk.append(partition, { from: 0, next: 1 }, first)).toBe(0);
  expect(await bulk.append(partition, { from: 1, next: 2 }, second)).toBe(1);
  expect(await history.open('c', null)).toMatchObject({ seq: 2, durable: [{ seq: 1 }, { seq: 2 }] });
});

test('where another generation was begun, nothing is appended', async () => {
  const { bulk, positions } = await create();
  await positions.beginGeneration(await positions.read(), 'next', new Map());
  const kept = [{ channelId: 'c', offset: 0, recorded: recorded() }];
  await expect(bulk.append(partition, { from: 0, next: 1 }, kept)).rejects.toMatchObject({ retriable: true });
  await whenUp(connections);
  expect((await positions.read()).applied.size).toBe(0);
});
