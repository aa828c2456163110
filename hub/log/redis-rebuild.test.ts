/** Redis has lost everything: channels hold what they held, as soon as they can be opened. */
import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger, silentLogger } from '@tidings/testing/logger.ts';
import { randomNumbers } from '@tidings/testing/random.ts';
import {
  publish,
  type RunningHub,
  startHub,
  startNetwork,
  type TestNotification,
  WireClient,
} from '@tidings/testing/services/hub.ts';
import { expect, test } from 'vitest';
import type { HubLimits } from '../limits.ts';
import { useRedis, whenUp } from '../test/redis-harness.ts';

const redis = useRedis();
const empty = useRedis();
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

interface SharedHubOptions {
  readonly limits?: Partial<HubLimits>;
  /** Of a network in front of Redis. */
  readonly port?: number;
  /** Milliseconds that an opening waits for the rebuilding. */
  readonly commandTimeoutMs?: number;
  readonly logger?: Logger;
}

async function startSharedHub(log: EventLog, options: SharedHubOptions = {}) {
  const { limits = {}, port, commandTimeoutMs = 10_000, logger = silentLogger } = options;
  const connections = redis.connect({ commandTimeoutMs }, port);
  const hub = await startHub({ log, redis: connections, limits, logger });
  return { ...hub, redis: connections };
}

type SharedHub = Awaited<ReturnType<typeof startSharedHub>>;

async function startSharedHubs(log: EventLog, options: SharedHubOptions = {}) {
  const hubs = [await startSharedHub(log, options), await startSharedHub(log, options)] as const;
  for (const hub of hubs) await whenUp(hub.redis);
  return hubs;
}

/** What a channel holds, but for its epoch. */
const contentOf = ({ seq, snapshot }: OpenedChannel) => ({
  seq,
  durable: snapshot.durable.map(({ epoch, ...rest }) => rest),
  progress: snapshot.progress.map(({ epoch, ...rest }) => rest),
});

/** Opens channels without a position, so that all that they hold comes. */
async function lookAt(hub: RunningHub, channels: readonly OpenedChannel[]): Promise<OpenedChannel[]> {
  const client = new WireClient(hub.url);
  const looks = channels.map(({ channelId, token }) =>
    eventually(() => client.open({ channelId, token }), { everyMs: 100 }),
  );
  return Promise.all(looks);
}

/** Resolves when the group has committed everything. */
async function whenAllCommitted(log: EventLog): Promise<void> {
  for (const topic of ['notifications', 'progress'])
    await eventually(async () => {
      const committed = await log.committedOffsets('hub', topic);
      expect(committed.map((offset) => offset ?? 0)).toEqual(await log.endOffsets(topic));
    });
}

const rebuilt = (hubs: readonly RunningHub[]) =>
  Promise.all(hubs.map((hub) => hub.metric('tidings_hub_history_rebuilt_records_total')));
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);

/** A log whose reader of notifications waits at the gate before each batch. */
function gateReader(store: EventLog) {
  const gate = { waiting: 0, records: 0, open: () => {} };
  let opened = Promise.resolve();
  const close = () => {
    opened = new Promise((resolve) => {
      gate.open = resolve;
    });
  };
  const log: EventLog = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'read')
        return async function* (...words: Parameters<EventLog['read']>) {
          for await (const batch of target.read(...words)) {
            gate.waiting += 1;
            await opened;
            gate.records += batch.length;
            yield batch;
          }
        };
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const letOnePass = () => {
    const openForOne = gate.open;
    close();
    openForOne();
  };
  return { log, gate, close, letOnePass };
}

/** In one of the channels more notifications than are kept, in others few; progress that runs, and progress that has ended. */
async function fill(log: EventLog, channels: readonly OpenedChannel[]): Promise<number> {
  const random = randomNumbers(7);
  const told: TestNotification[] = [];
  for (const [index, { channelId }] of channels.entries()) {
    for (const data of range(0, index === 0 ? 300 : Math.floor(random() * 60)))
      told.push({ channelId, data, subject: `job ${data % 3}` });
    for (const version of range(0, Math.floor(random() * 20) + 1))
      told.push({ channelId, lane: 'progress', subject: 'running', version, data: version });
    if (random() < 0.5) told.push({ channelId, subject: 'running', version: 20, final: true, data: 'end' });
  }
  await publish(log, ...told);
  return told.length;
}

test('after a flush every channel holds what it held, in both lanes, and one hub alone has read it', async () => {
  const log = await openTestLog();
  const hubs = await startSharedHubs(log);
  const opening = new WireClient(hubs[0].url);
  const channels = await Promise.all(range(0, 14).map(() => opening.open()));
  const records = await fill(log, channels);
  await whenAllCommitted(log);
  const before = (await lookAt(hubs[0], channels)).map(contentOf);
  expect(before[0]?.durable).toHaveLength(256);
  const running = before.filter(({ progress }) => progress.length > 0);
  expect([0, before.length]).not.toContain(running.length);
  await redis.operator().flushall();
  for (const hub of hubs) {
    const opened = await lookAt(hub, channels);
    expect(opened.map(contentOf)).toEqual(before);
    for (const [index, { epoch }] of opened.entries()) expect(epoch).not.toBe(channels[index]?.epoch);
  }
  expect(sumOf(await rebuilt(hubs))).toBe(records);
  const losses = hubs.map((hub) => hub.metric('tidings_hub_history_losses_total', { extent: 'all' }));
  expect(sumOf(await Promise.all(losses))).toBe(1);
  // Numbers go on behind what was rebuilt.
  const { channelId = '', token = '' } = channels[0] ?? {};
  const client = new WireClient(hubs[1].url);
  const { seq, epoch } = await client.open({ channelId, token });
  await publish(log, { channelId, data: 'next' });
  await eventually(() => expect(client.notifications).toMatchObject([{ epoch, seq: seq + 1, data: 'next' }]));
});

test('a failover to an empty Redis: the same, for clients that come back and for those that stay', async () => {
  const log = await openTestLog();
  const network = await startNetwork(redis.server.port);
  // Both servers take the same password, as the primary and its replica do.
  await empty.operator().config('SET', 'requirepass', new URL(redis.url).password);
  const hubs = await startSharedHubs(log, { port: network.port });
  const channel = await new WireClient(hubs[0].url).open();
  const { channelId, token, epoch } = channel;
  await publish(log, ...range(0, 20).map((data) => ({ channelId, data })));
  await whenAllCommitted(log);
  network.pointTo(empty.server.port);
  network.cut();
  await publish(log, ...range(20, 30).map((data) => ({ channelId, data })));
  for (const hub of hubs) await eventually(() => expect(hub.redis.isUp()).toBe(true));
  for (const hub of hubs) {
    const client = new WireClient(hub.url);
    // A hub that is connected may still look at which server it is: it refuses until then, and clients ask again.
    const opened = await eventually(() => client.open({ channelId, token, epoch, seq: 20 }));
    expect(opened.recovered).toBe(false);
    expect(opened.epoch).not.toBe(epoch);
    const data = () => [...opened.snapshot.durable, ...client.notifications].map((one) => one.data);
    await eventually(() => expect(data()).toEqual(range(0, 30)));
  }
});

test('a channel is not opened before it holds what it held: the answer says what is being done, and how far it is', async () => {
  const { log, gate, close } = gateReader(await openTestLog());
  const hub = await startSharedHub(log, { commandTimeoutMs: 1_000 });
  await whenUp(hub.redis);
  const channel = await new WireClient(hub.url).open();
  const { channelId, token } = channel;
  await publish(log, ...range(0, 5).map((data) => ({ channelId, data })));
  await whenAllCommitted(log);
  close();
  await redis.operator().flushall();
  await eventually(() => expect(gate.waiting).toBe(1));
  expect(hub.redis.describeOutage()).toMatch(/rebuilt from the log: 5 records are left$/);
  expect(await hub.metric('tidings_hub_history_rebuild_records_left')).toBe(5);
  const answer = await new WireClient(hub.url).ask({ channelId, token });
  expect(answer).toMatchObject({
    error: {
      code: 'unavailable',
      retriable: true,
      message: expect.stringContaining('rebuilt from the log: 5 records are left'),
    },
  });
  gate.open();
  const [opened] = await lookAt(hub, [channel]);
  expect(opened?.snapshot.durable.map(({ data }) => data)).toEqual(range(0, 5));
  expect(hub.redis.describeOutage()).toBeNull();
  expect(await hub.metric('tidings_hub_history_rebuild_records_left')).toBe(0);
});

test('Redis stands still in the middle: the rebuilding goes on from there, and reads and counts each record once', async () => {
  const { log, gate, close, letOnePass } = gateReader(await openTestLog({ partitions: 1 }));
  const { logger, lines } = recordingLogger();
  const hub = await startSharedHub(log, { commandTimeoutMs: 500, logger });
  await whenUp(hub.redis);
  const client = new WireClient(hub.url);
  const channels = await Promise.all(range(0, 2).map(() => client.open()));
  // Two batches of the reader at least.
  for (const from of [0, 400])
    for (const { channelId } of channels)
      await publish(log, ...range(from, from + 400).map((data) => ({ channelId, data })));
  await whenAllCommitted(log);
  close();
  await redis.operator().flushall();
  await eventually(() => expect(gate.waiting).toBe(1));
  letOnePass();
  await eventually(() => expect(gate.waiting).toBe(2));
  redis.server.pause();
  try {
    gate.open();
    await eventually(() => expect(lines.join('')).toContain('it is asked again'));
  } finally {
    redis.server.resume();
  }
  await whenUp(hub.redis);
  for (const opened of await lookAt(hub, channels)) {
    expect(opened.seq).toBe(800);
    expect(opened.snapshot.durable.map(({ data }) => data)).toEqual(range(800 - 256, 800));
  }
  expect(await rebuilt([hub])).toEqual([800 * channels.length]);
  expect(gate.records).toBe(800 * channels.length);
});

test('the hub that rebuilds dies: another one goes on where it was', async () => {
  const store = await openTestLog();
  const limits = { rebuildLeaseMs: 300 };
  const one = await startSharedHub(store, { limits });
  await whenUp(one.redis);
  const channel = await new WireClient(one.url).open();
  const { channelId } = channel;
  // Two batches of the reader at least.
  for (const from of [0, 400])
    await publish(store, ...range(from, from + 400).map((data) => ({ channelId, data })));
  await whenAllCommitted(store);
  await one.stop();
  one.redis.close();
  await redis.operator().flushall();
  const { log, gate, close, letOnePass } = gateReader(store);
  close();
  const dying = await startSharedHub(log, { limits });
  await eventually(() => expect(gate.waiting).toBe(1));
  letOnePass();
  await eventually(() => expect(gate.waiting).toBe(2));
  const other: SharedHub = await startSharedHub(store, { limits });
  dying.redis.close();
  await whenUp(other.redis);
  const [opened] = await lookAt(other, [channel]);
  expect(opened?.seq).toBe(800);
  expect(opened?.snapshot.durable.map(({ data }) => data)).toEqual(range(800 - 256, 800));
  const [readByOne, readByOther] = await rebuilt([dying, other]);
  expect([readByOne, readByOther]).toEqual([expect.any(Number), 800 - (readByOne ?? 0)]);
  expect(readByOne).toBeGreaterThan(0);
  gate.open();
});
