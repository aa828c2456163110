import type { EventEmitter } from 'node:events';
import { type Channel, type ChannelState, openChannel } from '@tidings/client/index.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { publish, type RunningHub, startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import type { RedisTimes } from './connections.ts';

const redis = useRedis();
const degraded = expect.objectContaining({ reason: 'history_unavailable' });

async function startSharedHub(log: EventLog, times: Partial<RedisTimes> = {}) {
  const connections = redis.connect(times);
  const hub = await startHub({ log, redis: connections });
  return { ...hub, redis: connections };
}

type SharedHub = Awaited<ReturnType<typeof startSharedHub>>;

/** Two hubs that are up. */
async function startTwo(log: EventLog, times?: Partial<RedisTimes>): Promise<[SharedHub, SharedHub]> {
  const hubs: [SharedHub, SharedHub] = [await startSharedHub(log, times), await startSharedHub(log, times)];
  for (const { redis: connections } of hubs) await whenUp(connections);
  return hubs;
}

/** What the client library knows of a channel. */
function follow(hub: RunningHub) {
  const channel = openChannel({ url: hub.url, random: () => 0 });
  onTestFinished(() => channel.close());
  const known = {
    data: [] as unknown[],
    snapshots: 0,
    states: [] as ChannelState[],
    degraded: [] as boolean[],
  };
  channel.onSnapshot(({ durable }) => {
    known.snapshots += 1;
    known.data = durable.map(({ data }) => data);
  });
  channel.onNotification(({ data }) => known.data.push(data), { lane: 'durable' });
  channel.onState((state) => known.states.push(state));
  channel.onDegraded((notice) => known.degraded.push(notice !== null));
  return { channel, known };
}

async function committed(log: EventLog): Promise<number> {
  const offsets = await log.committedOffsets('hub', 'notifications');
  return offsets.reduce<number>((sum, offset) => sum + (offset ?? 0), 0);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

function channelIdOf(channel: Channel): string {
  return channel.credentials?.channelId ?? '';
}

describe('Redis down', () => {
  test('from the start: hubs are not ready, refuse with a retriable code, and begin when Redis comes up', async () => {
    const log = await openTestLog();
    await redis.server.stop();
    const hub = await startSharedHub(log);
    const { channel, known } = follow(hub);
    const client = new WireClient(hub.url);
    const answer = await client.ask({});
    expect(answer).toMatchObject({ error: { code: 'unavailable', retriable: true } });
    expect(client.states).toEqual([degraded]);
    expect(hub.hub.isReady()).toBe(false);
    expect((await fetch(`${hub.url}/channels`, { method: 'POST' })).status).toBe(503);
    await publish(log, { channelId: 'early', data: 'early' });
    await redis.restart();
    await channel.ready();
    expect(hub.hub.isReady()).toBe(true);
    await eventually(() => expect(client.states).toEqual([degraded, null]));
    await publish(log, { channelId: channelIdOf(channel), data: 'later' });
    await eventually(() => expect(known.data).toEqual(['later']));
    await eventually(async () => expect(await committed(log)).toBe(2));
  });

  test('killed and started again: clients are notified, notifications wait in the log, and arrive in order', async () => {
    const log = await openTestLog();
    const hubs = await startTwo(log);
    const followed = [...hubs, ...hubs, ...hubs].map((hub) => follow(hub));
    for (const { channel } of followed) await channel.ready();
    const tell = (data: number) =>
      publish(log, ...followed.map(({ channel }) => ({ channelId: channelIdOf(channel), data })));
    for (const data of range(0, 5)) await tell(data);
    await redis.server.kill();
    for (const { known } of followed) await eventually(() => expect(known.degraded).toEqual([true]));
    for (const data of range(5, 30)) await tell(data);
    expect(await committed(log)).toBeLessThan(30 * followed.length);
    for (const hub of hubs) expect(hub.hub.isReady()).toBe(false);
    await redis.restart();
    for (const { known } of followed) {
      await eventually(() => expect(known.data).toEqual(range(0, 30)));
      await eventually(() => expect(known.degraded).toEqual([true, false]));
      // No client had to reconnect.
      expect(known).toMatchObject({ snapshots: 1, states: ['live'] });
    }
    await eventually(async () => expect(await committed(log)).toBe(30 * followed.length));
  });

  test('paused, with its connections open: the same, and requests are answered meanwhile', async () => {
    const log = await openTestLog();
    const hubs = await startTwo(log, { commandTimeoutMs: 300 });
    const followed = hubs.map((hub) => follow(hub));
    for (const { channel } of followed) await channel.ready();
    const tell = (data: number) =>
      publish(log, ...followed.map(({ channel }) => ({ channelId: channelIdOf(channel), data })));
    await tell(0);
    redis.server.pause();
    try {
      const asked = Array.from({ length: 50 }, (_, index) => new WireClient(hubs[index % 2]?.url ?? ''));
      for (const answer of await Promise.all(asked.map((client) => client.ask({}))))
        expect(answer).toMatchObject({ error: { code: 'unavailable', retriable: true } });
      for (const data of range(1, 20)) await tell(data);
      for (const { known } of followed) await eventually(() => expect(known.degraded.at(-1)).toBe(true));
      // No command piles up over many attempts to connect and to deliver.
      await Promise.all(
        hubs.flatMap(({ redis: connections }) => [
          attempts(connections.commands, 4),
          attempts(connections.subscriber, 4),
        ]),
      );
      for (const { redis: connections } of hubs) {
        expect(connections.isUp()).toBe(false);
        for (const connection of [connections.commands, connections.subscriber])
          expect(pendingCommands(connection)).toBeLessThan(10);
      }
    } finally {
      redis.server.resume();
    }
    for (const { known } of followed) {
      await eventually(() => expect(known.data).toEqual(range(0, 20)));
      expect(known.snapshots).toBe(1);
    }
  });
});

// The probe under way ended at it, and no other one began: Redis was down for this hub from then on.
test('where one listener fails the others hear of Redis all the same, and Redis is probed on', async () => {
  const connections = redis.connect();
  const heard: boolean[] = [];
  connections.onChange(() => {
    throw new Error('no listener');
  });
  connections.onChange((isUp) => void heard.push(isUp));
  await eventually(() => expect(heard).toEqual([true]));
  await redis.server.kill();
  await eventually(() => expect(heard).toEqual([true, false]));
  await redis.restart();
  await eventually(() => expect(heard).toEqual([true, false, true]));
});

describe('Redis flushed', () => {
  test('clients get a new epoch, and a snapshot of what was there and what came since', async () => {
    const log = await openTestLog();
    const hubs = await startTwo(log);
    const followed = hubs.map((hub) => follow(hub));
    for (const { channel } of followed) await channel.ready();
    const tell = (data: number) =>
      publish(log, ...followed.map(({ channel }) => ({ channelId: channelIdOf(channel), data })));
    for (const data of range(0, 3)) await tell(data);
    for (const { known } of followed) await eventually(() => expect(known.data).toEqual([0, 1, 2]));
    const before = followed.map(({ channel }) => channel.position);
    await hubs[0].redis.commands.flushall();
    for (const [index, { channel }] of followed.entries()) {
      const client = new WireClient(hubs[index]?.url ?? '');
      const opened = await client.open({ ...channel.credentials, ...before[index] } as Parameters<
        typeof client.open
      >[0]);
      expect(opened).toMatchObject({ recovered: false, seq: 3 });
      expect(opened.snapshot.durable.map(({ data }) => data)).toEqual([0, 1, 2]);
      expect(opened.epoch).not.toBe(before[index]?.epoch);
    }
    for (const data of range(3, 6)) await tell(data);
    for (const { channel, known } of followed) {
      await eventually(() => expect(known).toMatchObject({ data: range(0, 6), snapshots: 2 }));
      expect(channel.state).toBe('live');
    }
  });

  test('while a hub could not hear: its clients begin anew, also where nothing follows', async () => {
    const log = await openTestLog();
    const hub = await startSharedHub(log);
    await whenUp(hub.redis);
    const { channel, known } = follow(hub);
    await channel.ready();
    await publish(log, { channelId: channelIdOf(channel), data: 'before' });
    await eventually(() => expect(known.data).toEqual(['before']));
    await hub.redis.commands.flushall();
    hub.redis.subscriber.disconnect(true);
    await eventually(() => expect(known).toMatchObject({ data: ['before'], snapshots: 2 }));
    expect(await hub.metric('tidings_hub_gaps_healed_total', { outcome: 'lost' })).toBe(1);
    expect(await hub.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
  });
});

/** Resolves when a connection has reconnected this often. */
function attempts(connection: EventEmitter, count: number): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    connection.on('reconnecting', () => {
      seen += 1;
      if (seen === count) resolve();
    });
  });
}

/** Commands without an answer, and commands kept for later. */
function pendingCommands(connection: object): number {
  const queues = connection as { commandQueue?: { length: number }; offlineQueue?: { length: number } };
  return (queues.commandQueue?.length ?? 0) + (queues.offlineQueue?.length ?? 0);
}
