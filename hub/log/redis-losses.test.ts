import { openChannel } from '@tidings/client/index.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, type RunningHub, startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RedisPositions } from '../history/redis-positions.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();
const sequence = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function startSharedHub(log: EventLog) {
  const connections = redis.connect();
  const hub = await startHub({ log, redis: connections });
  await whenUp(connections);
  return { ...hub, redis: connections };
}

type Position = Awaited<ReturnType<WireClient['open']>>;

/** Publishes the numbers, one record each. */
async function tell(log: EventLog, channelId: string, from: number, to: number): Promise<void> {
  for (const data of sequence(from, to)) await publish(log, { channelId, data });
}

/** Resolves when the group has committed everything. */
function allCommitted(log: EventLog, topic = 'notifications'): Promise<void> {
  return eventually(async () => {
    const ends = await log.endOffsets(topic);
    const committed = await log.committedOffsets('hub', topic);
    expect(committed.map((offset) => offset ?? 0)).toEqual(ends);
  });
}

/** Opens a channel, again and again while the hub answers that trying again helps. */
function openSoon(client: WireClient, request: Parameters<WireClient['open']>[0]) {
  return eventually(() => client.open(request), { everyMs: 200 });
}

/** What a client knows that comes back with its position. */
async function comeBack(hub: RunningHub, { channelId, token, epoch }: Position, seq: number) {
  const client = new WireClient(hub.url);
  const opened = await openSoon(client, { channelId, token, epoch, seq });
  return {
    client,
    opened,
    data: () =>
      [...opened.snapshot.durable, ...client.notifications].flatMap((one) =>
        one.lane === 'durable' ? [one.data] : [],
      ),
  };
}

/** What the client library knows, which comes back whenever its connection ends. */
async function stayConnected(hub: RunningHub, { channelId, token }: Position) {
  const channel = openChannel({ url: hub.url, random: () => 0, channel: { channelId, token } });
  onTestFinished(() => channel.close());
  const known = { data: [] as unknown[], snapshots: 0 };
  channel.onSnapshot(({ durable }) => {
    known.snapshots += 1;
    known.data = durable.map(({ data }) => data);
  });
  channel.onNotification(({ data }) => known.data.push(data), { lane: 'durable' });
  await channel.ready();
  return known;
}

describe('Redis comes back with less than it had acknowledged', () => {
  test('20 messages, 10 that Redis forgets, 20 while it is down: no client misses one without a snapshot', async () => {
    const log = await openTestLog();
    const [one, two] = [await startSharedHub(log), await startSharedHub(log)];
    const hubs = [one, two];
    const first = await new WireClient(one.url).open();
    const { channelId } = first;
    const staying = [await stayConnected(one, first), await stayConnected(two, first)];
    await tell(log, channelId, 1, 20);
    await allCommitted(log);
    const goBack = await redis.remember();
    await tell(log, channelId, 21, 30);
    for (const known of staying) await eventually(() => expect(known.data).toEqual(sequence(1, 30)));
    await allCommitted(log);
    const away = redis.server.kill();
    await tell(log, channelId, 31, 50);
    await away;
    await goBack();
    for (const hub of hubs) {
      const { opened, data } = await comeBack(hub, first, 30);
      expect(opened.recovered).toBe(false);
      expect(opened.epoch).not.toBe(first.epoch);
      await eventually(() => expect(data()).toEqual(sequence(1, 50)));
    }
    for (const known of staying)
      await eventually(() => expect(known).toEqual({ data: sequence(1, 50), snapshots: 2 }));
    // Both hubs have found the loss, and one of them has begun the new generation.
    const losses = hubs.map((hub) => hub.metric('tidings_hub_history_losses_total', { extent: 'some' }));
    expect((await Promise.all(losses)).sort()).toEqual([0, 1]);
    await tell(log, channelId, 51, 51);
    for (const known of staying) await eventually(() => expect(known.data).toEqual(sequence(1, 51)));
  });

  test('lost notifications are restored in both lanes, also where no newer one follows', async () => {
    const log = await openTestLog();
    const hub = await startSharedHub(log);
    const first = await new WireClient(hub.url).open();
    const { channelId } = first;
    await tell(log, channelId, 1, 3);
    await publish(log, { channelId, lane: 'progress', subject: 'a', version: 1 });
    await allCommitted(log);
    const goBack = await redis.remember();
    await tell(log, channelId, 4, 6);
    await publish(log, { channelId, lane: 'progress', subject: 'a', version: 2, data: 'newest' });
    await eventually(async () =>
      expect(await hub.metric('tidings_hub_notifications_received_total', { outcome: 'accepted' })).toBe(8),
    );
    await allCommitted(log);
    await allCommitted(log, 'progress');
    await goBack();
    const { opened, data } = await comeBack(hub, first, 6);
    expect(opened).toMatchObject({ recovered: false, seq: 6, snapshot: { progress: [{ data: 'newest' }] } });
    expect(data()).toEqual(sequence(1, 6));
  });

  test('the first hub to start finds a loss from before', async () => {
    const log = await openTestLog();
    const before = await startSharedHub(log);
    const first = await new WireClient(before.url).open();
    await tell(log, first.channelId, 1, 5);
    await allCommitted(log);
    const goBack = await redis.remember();
    await tell(log, first.channelId, 6, 9);
    await allCommitted(log);
    await before.stop();
    await goBack();
    const hub = await startSharedHub(log);
    const { opened, data } = await comeBack(hub, first, 9);
    expect(opened.recovered).toBe(false);
    expect(data()).toEqual(sequence(1, 9));
  });

  test('a channel that is opened before the loss is found waits for that, and is not recovered', async () => {
    const store = await openTestLog();
    let open = () => {};
    let gate: Promise<void> | null = null;
    const asked: Promise<void>[] = [];
    // The test holds the answer about committed offsets back.
    const log: EventLog = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === 'committedOffsets')
          return async (...words: [string, string]) => {
            if (gate !== null) asked.push(gate);
            await gate;
            return target.committedOffsets(...words);
          };
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const hub = await startSharedHub(log);
    const first = await new WireClient(hub.url).open();
    await tell(log, first.channelId, 1, 5);
    await allCommitted(log);
    const goBack = await redis.remember();
    await tell(log, first.channelId, 6, 9);
    await allCommitted(log);
    gate = new Promise((resolve) => {
      open = resolve;
    });
    await goBack();
    await eventually(() => expect(asked).not.toEqual([]));
    expect(hub.hub.isReady()).toBe(false);
    const { channelId, token, epoch } = first;
    const opening = new WireClient(hub.url).open({ channelId, token, epoch, seq: 4 });
    open();
    gate = null;
    expect(await opening).toMatchObject({ recovered: false, seq: 9 });
  });

  test('while the connections stay open, no number is given twice', async () => {
    const log = await openTestLog();
    const hub = await startSharedHub(log);
    const first = await new WireClient(hub.url).open();
    await tell(log, first.channelId, 1, 5);
    await allCommitted(log);
    const { commands } = redis.connect();
    await eventually(() => expect(commands.status).toBe('ready'));
    const keys = await commands.keys('*');
    const copies = await Promise.all(keys.map((key) => commands.dumpBuffer(key)));
    await tell(log, first.channelId, 6, 9);
    await allCommitted(log);
    const steps = commands.multi().flushall();
    for (const [index, key] of keys.entries()) steps.restore(key, 0, copies[index] ?? '');
    await steps.exec();
    await tell(log, first.channelId, 10, 11);
    await allCommitted(log);
    const { opened, data } = await comeBack(hub, first, 9);
    expect(opened.recovered).toBe(false);
    expect(data()).toEqual(sequence(1, 11));
  });
});

test('a position that is written during a probe is no loss', async () => {
  const connections = redis.connect();
  await whenUp(connections);
  const positions = new RedisPositions(connections, 'probed');
  await positions.beginGeneration(await positions.read(), 'one', new Map());
  positions.adopt('one', new Set(['partition']));
  const read = positions.read.bind(positions);
  vi.spyOn(positions, 'read').mockImplementation(async () => {
    const state = await read();
    await positions.advance('partition', { from: 0, next: 1 }, connections.period);
    return state;
  });
  expect(await positions.areHeld()).toBe(true);
  expect(positions.expected).toEqual(new Map([['partition', 1]]));
});
