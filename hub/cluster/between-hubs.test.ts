import { openChannel } from '@tidings/client/index.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import {
  publish,
  type RunningHub,
  startHub,
  startNetwork,
  supportToken,
  WireClient,
} from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HubOptions } from '../app.ts';
import { RedisUnavailableError } from '../redis/errors.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';
import { HubLink } from './between-hubs.ts';

const redis = useRedis();

/** A hub with connections to Redis of its own, as in a process of its own. */
async function startSharedHub(log: EventLog, options: Partial<HubOptions> = {}): Promise<RunningHub> {
  const connections = redis.connect();
  const hub = await startHub({ log, redis: connections, ...options });
  await whenUp(connections);
  return hub;
}

function sequence(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe('two hubs', () => {
  test('whichever hub reads a record, the sockets of both get it, each once and in order', async () => {
    const log = await openTestLog();
    const hubs = [await startSharedHub(log), await startSharedHub(log)];
    const listening = [];
    for (let number = 0; number < 12; number += 1) {
      const client = new WireClient(hubs[number % 2]?.url ?? '');
      listening.push({ client, ...(await client.open()) });
    }
    for (let number = 0; number < 30; number += 1)
      await publish(log, ...listening.map(({ channelId }) => ({ channelId, data: number })));
    for (const { client, channelId, epoch } of listening) {
      await eventually(() => expect(client.seqs()).toEqual(sequence(1, 30)));
      expect(client.notifications.map(({ data }) => data)).toEqual(sequence(0, 29));
      for (const notification of client.notifications)
        expect(notification).toMatchObject({ channelId, epoch });
    }
    // Both hubs have read records.
    for (const hub of hubs)
      expect(
        await hub.metric('tidings_hub_notifications_received_total', { outcome: 'accepted' }),
      ).toBeGreaterThan(0);
  });

  test('one channel on both hubs has the same numbers, and progress, on both', async () => {
    const log = await openTestLog();
    const [one, two] = [await startSharedHub(log), await startSharedHub(log)];
    const clients = [new WireClient(one.url), new WireClient(two.url)];
    const request = { channelId: 'support', token: supportToken };
    for (const client of clients) await client.open(request);
    for (let number = 1; number <= 20; number += 1) {
      await publish(log, { channelId: 'support', subject: 'a', version: number * 2 });
      await publish(log, {
        channelId: 'support',
        lane: 'progress',
        subject: 'b',
        version: number * 2 + 1,
      });
    }
    for (const client of clients) {
      await eventually(() => expect(client.seqs()).toHaveLength(20));
      await eventually(() => expect(newestProgress(client.notifications)).toBe(41));
    }
    const [here, there] = clients.map((client) =>
      client.notifications.filter(({ lane }) => lane === 'durable'),
    );
    expect(here).toEqual(there);
    for (const { eventId, correlationId, causationId } of here ?? []) {
      expect(eventId).toMatch(/^[0-9a-f-]{36}$/);
      expect([correlationId, causationId]).toEqual([eventId, eventId]);
    }
  });

  test('when a hub stops, the other one goes on for its clients and with its partitions', async () => {
    const log = await openTestLog();
    const [one, two] = [await startSharedHub(log), await startSharedHub(log)];
    const client = new WireClient(two.url);
    const { channelId, token, epoch } = await client.open();
    await publish(log, { channelId, data: 0 });
    await eventually(() => expect(client.seqs()).toEqual([1]));
    const stopped = two.stop();
    for (let number = 1; number < 20; number += 1) await publish(log, { channelId, data: number });
    await stopped;
    const again = new WireClient(one.url);
    const opened = await again.open({ channelId, token, epoch, seq: client.seqs().at(-1) ?? 0 });
    expect(opened).toMatchObject({ recovered: true, epoch });
    await publish(log, { channelId, data: 20 });
    await eventually(() => expect(again.notifications.at(-1)?.data).toBe(20));
    expect([...new Set([...client.seqs(), ...again.seqs()])]).toEqual(sequence(1, 21));
  });

  test('channels opened while records are published have no gap and no reordering, on either hub', async () => {
    const log = await openTestLog();
    const limits = { messagesPerSocketMinute: 10_000 };
    const hubs = [await startSharedHub(log, { limits }), await startSharedHub(log, { limits })];
    const first = new WireClient(hubs[0]?.url ?? '');
    const { channelId, token, epoch } = await first.open();
    const total = 240;
    const openings = [];
    for (let number = 0; number < 24; number += 1) {
      const publishing = (async () => {
        for (let index = 0; index < 10; index += 1) await publish(log, { channelId, data: number });
      })();
      const known = Math.max(0, (first.seqs().at(-1) ?? 0) - (number % 7));
      const client = new WireClient(hubs[number % 2]?.url ?? '');
      const opened = await client.open({ channelId, token, epoch, seq: known });
      expect(opened.recovered).toBe(true);
      openings.push({ client, known });
      await publishing;
    }
    for (const { client, known } of openings) {
      await eventually(() => expect(client.seqs().at(-1) ?? known).toBe(total));
      expect(client.seqs()).toEqual(sequence(known + 1, total));
    }
  });

  test('a client on the other hub that does not read gets only the newest progress', async () => {
    const log = await openTestLog();
    const [one, two] = [await startSharedHub(log), await startSharedHub(log)];
    const network = await startNetwork(two.port);
    const client = new WireClient(network.url);
    const { channelId } = await client.open();
    network.holdAnswers();
    const data = 'x'.repeat(8_000);
    let version = 0;
    const conflated = () => two.metric('tidings_hub_progress_conflated_total');
    while ((await conflated()) < 50) {
      version += 1;
      await publish(log, { channelId, lane: 'progress', version, data });
    }
    network.pass();
    await eventually(() => expect(newestProgress(client.notifications)).toBe(version));
    expect(client.notifications.length).toBeLessThan(version - 40);
    expect(await two.metric('tidings_hub_slow_readers_closed_total')).toBe(0);
    expect(await one.metric('tidings_hub_sockets')).toBe(0);
  });
});

describe('notifications that could not be published', () => {
  test('are published again in both lanes, also where no newer one follows', async () => {
    const log = await openTestLog();
    const hubs = [await startSharedHub(log), await startSharedHub(log)];
    // The connections hold, so that no hub catches up from the history. Each partition of each lane fails once. A Redis that refuses
    // a message refuses the probes of the connections, too, so that only the hub's own call can fail alone.
    const failure = new RedisUnavailableError('not published');
    const publishing = vi.spyOn(HubLink.prototype, 'publish');
    onTestFinished(() => publishing.mockRestore());
    for (let number = 0; number < 4; number += 1) publishing.mockRejectedValueOnce(failure);
    const clients = Array.from({ length: 12 }, (_, index) => new WireClient(hubs[index % 2]?.url ?? ''));
    const opened = await Promise.all(clients.map((client) => client.open()));
    for (const lane of ['durable', 'progress'] as const)
      await publish(log, ...opened.map(({ channelId }) => ({ channelId, lane, subject: lane, version: 1 })));
    for (const client of clients) {
      await eventually(() => expect(client.seqs()).toEqual([1]));
      await eventually(() => expect(newestProgress(client.notifications)).toBe(1));
    }
    for (const hub of hubs)
      expect(await hub.metric('tidings_hub_gaps_healed_total', { outcome: 'continued' })).toBe(0);
  });
});

describe('notifications that a hub did not receive from another', () => {
  test('are read from the history when the next number shows the gap', async () => {
    const log = await openTestLog();
    const connections = redis.connect();
    const one = await startSharedHub(log);
    const two = await startHub({ log, redis: connections });
    await whenUp(connections);
    // Enough channels for both hubs to read some of the records.
    const clients = Array.from({ length: 12 }, () => new WireClient(two.url));
    const opened = await Promise.all(clients.map((client) => client.open()));
    // The hub hears nothing and does not notice, as behind a connection that is half open.
    await connections.subscriber.unsubscribe('tidings-request#/#');
    const accepted = (hub: RunningHub) =>
      hub.metric('tidings_hub_notifications_received_total', { outcome: 'accepted' });
    let rounds = 0;
    // The hub that hears nothing may read all records itself, as long as the other one has no partition yet.
    do {
      await publish(log, ...opened.map(({ channelId }) => ({ channelId })));
      rounds += 1;
      await eventually(async () =>
        expect((await accepted(one)) + (await accepted(two))).toBe(rounds * clients.length),
      );
    } while ((await accepted(one)) === 0);
    await connections.subscriber.subscribe('tidings-request#/#');
    await publish(log, ...opened.map(({ channelId }) => ({ channelId })));
    for (const client of clients)
      await eventually(() => expect(client.seqs()).toEqual(sequence(1, rounds + 1)));
    expect(await two.metric('tidings_hub_gaps_healed_total', { outcome: 'continued' })).toBeGreaterThan(0);
  });

  test('are read from the history soon, also where nothing follows and no connection is lost', async () => {
    const log = await openTestLog();
    const limits = { comparisonMs: 20 };
    const connections = [redis.connect(), redis.connect()];
    const hubs = [];
    for (const its of connections) hubs.push(await startHub({ log, redis: its, limits }));
    for (const its of connections) await whenUp(its);
    const [one, two] = hubs.map(({ url }) => new WireClient(url));
    if (one === undefined || two === undefined) throw new Error('two hubs have started');
    const clients = [one, two];
    // No other test of this Redis has told the channel anything, and each hub has one listener.
    const { channelId, token } = await one.open();
    await two.open({ channelId, token });
    // Whichever hub reads the record, the other one hears nothing of it, and does not notice.
    for (const { subscriber } of connections) await subscriber.unsubscribe('tidings-request#/#');
    await publish(log, { channelId, data: 'the last' });
    for (const client of clients)
      await eventually(() =>
        expect(client.notifications).toMatchObject([{ lane: 'durable', data: 'the last' }]),
      );
    const healed = hubs.map((hub) => hub.metric('tidings_hub_gaps_healed_total', { outcome: 'continued' }));
    expect((await Promise.all(healed)).sort()).toEqual([0, 1]);
    expect(clients.map(({ disconnects }) => disconnects)).toEqual([[], []]);
  });

  test('are read from the history after a lost connection, also where no newer one follows', async () => {
    const log = await openTestLog();
    const connections = redis.connect({ firstReconnectMs: 300, longestReconnectMs: 300 });
    const one = await startSharedHub(log);
    const two = await startHub({ log, redis: connections });
    await whenUp(connections);
    const client = new WireClient(two.url);
    const channels = await Promise.all(Array.from({ length: 8 }, () => client.open()));
    connections.subscriber.disconnect(true);
    await whenUp(connections, false);
    await publish(log, ...channels.map(({ channelId }) => ({ channelId })));
    await eventually(() =>
      expect(client.states).toEqual([expect.objectContaining({ reason: 'history_unavailable' }), null]),
    );
    await eventually(() => expect(client.notifications).toHaveLength(8));
    expect(client.seqs()).toEqual(Array.from(channels, () => 1));
    expect(await one.metric('tidings_hub_sockets')).toBe(0);
  });
});

test('a hub dies between the append to the history and the emit: another one emits, under the same numbers', async () => {
  const log = await openTestLog();
  const network = await startNetwork(Number(new URL(redis.url).port));
  const connections = redis.connect({}, network.port);
  const dying = await startHub({ log, redis: connections });
  await whenUp(connections);
  // The comparison with the history would find what was not emitted, too.
  const living = await startSharedHub(log, { limits: { comparisonMs: 3_600_000 } });
  const client = new WireClient(living.url);
  const channels = await Promise.all(Array.from({ length: 12 }, () => client.open()));
  // Redis does what this hub asks, and the hub does not hear of it.
  network.holdAnswers();
  await publish(log, ...channels.map(({ channelId }) => ({ channelId })));
  const { commands } = redis.connect();
  await eventually(() => expect(commands.status).toBe('ready'));
  const whenAppended = channels.map(({ channelId }) =>
    eventually(async () => expect(await commands.llen(`tidings:{${channelId}}:durable`)).toBe(1)),
  );
  await Promise.all(whenAppended);
  expect(client.notifications.length).toBeLessThan(channels.length);
  connections.close();
  await dying.stop();
  await eventually(() => expect(client.notifications).toHaveLength(channels.length));
  await publish(log, ...channels.map(({ channelId }) => ({ channelId })));
  await eventually(() => expect(client.notifications).toHaveLength(2 * channels.length));
  for (const { channelId, epoch } of channels) {
    const its = client.notifications.filter((one) => one.channelId === channelId);
    expect(its).toMatchObject([
      { epoch, seq: 1 },
      { epoch, seq: 2 },
    ]);
  }
});

describe('the client library', () => {
  test('moves from hub to hub and misses nothing', async () => {
    const log = await openTestLog();
    const [one, two] = [
      await startSharedHub(log),
      await startSharedHub(log, { limits: { drainRetryMs: 1 } }),
    ];
    const channel = openChannel({ url: two.url, random: () => 0 });
    const received: unknown[] = [];
    channel.onNotification(({ data }) => received.push(data));
    const credentials = await channel.ready();
    for (let number = 0; number < 10; number += 1)
      await publish(log, { channelId: credentials.channelId, data: number });
    await eventually(() => expect(received).toHaveLength(10));
    const { position } = channel;
    channel.close();
    for (let number = 10; number < 15; number += 1)
      await publish(log, { channelId: credentials.channelId, data: number });
    const moved = openChannel({ url: one.url, channel: credentials, ...(position && { position }) });
    moved.onNotification(({ data }) => received.push(data));
    await moved.ready();
    await eventually(() => expect(received).toEqual(sequence(0, 14)));
    moved.close();
  });
});

// Redis sends each message also to the hub that has published it, which read all of it before it ignored it.
test('a hub does not read its own messages, and reads those of others', async () => {
  const log = await openTestLog();
  const connections = redis.connect();
  const hub = await startHub({ log, redis: connections });
  await whenUp(connections);
  const [senders, answered]: [string[], string[]] = [[], []];
  const operator = redis.operator();
  operator.on('message', (_channel, message) => {
    const { uid, requestId } = JSON.parse(message);
    if (uid === undefined) answered.push(requestId);
    else senders.push(uid);
  });
  await operator.subscribe('tidings-request#/#', 'tidings-response#/#');
  const { channelId } = await new WireClient(hub.url).open();
  await publish(log, { channelId });
  await eventually(() => expect(senders).not.toEqual([]));
  // The adapter answers this request whoever sends it, as soon as it has read it.
  for (const uid of [...new Set(senders), 'another hub']) {
    const request = JSON.stringify({ uid, type: 1, requestId: uid });
    await connections.commands.publish('tidings-request#/#', request);
  }
  await eventually(() => expect(answered).toContain('another hub'));
  expect(answered).toEqual(['another hub']);
});

test('a hub survives whatever is published on the Redis channels of the adapter', async () => {
  const log = await openTestLog();
  const connections = redis.connect();
  const hub = await startHub({ log, redis: connections });
  await whenUp(connections);
  const client = new WireClient(hub.url);
  const { channelId } = await client.open();
  const messages: unknown[] = [
    null,
    7,
    { uid: 'other', type: 5 },
    { uid: 'other', type: 6, data: 7 },
    {},
    [],
    { uid: 'other', type: 6 },
    ...[
      'nonsense',
      [['x']],
      [[channelId, 'no JSON']],
      [[channelId, '{"lane":"durable"}']],
      [[channelId, 7]],
    ].map((relayed) => ({ uid: 'other', type: 6, data: ['notifications', relayed] })),
  ];
  for (const message of messages)
    await connections.commands.publish('tidings-request#/#', JSON.stringify(message));
  await connections.commands.publish('tidings-request#/#', 'no JSON');
  for (const channel of ['tidings#/#', 'tidings-request#/#', 'tidings-response#/#'])
    await connections.commands.publish(channel, Buffer.from([0xc0, 0xff, 0x93, 0xc1]));
  await publish(log, { channelId });
  await eventually(() => expect(client.seqs()).toEqual([1]));
  expect(client.notifications).toHaveLength(1);
  expect(connections.isUp()).toBe(true);
});

function newestProgress(notifications: readonly Notification[]): number {
  const progress = notifications.filter(({ lane }) => lane === 'progress');
  return Math.max(0, ...progress.map(({ version = 0 }) => version));
}
