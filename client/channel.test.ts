import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  authSecret,
  eventually,
  publish,
  type RunningHub,
  startHub,
  startLog,
  startNetwork,
  supportToken,
} from '../hub/hub-harness.ts';
import { MemoryHistory } from '../hub/memory-history.ts';
import {
  type Channel,
  type ChannelState,
  createWebStorage,
  type KeyValueStorage,
  type OpenChannelOptions,
  openChannel,
} from './index.ts';

function open(options: OpenChannelOptions): Channel {
  const channel = openChannel(options);
  onTestFinished(() => channel.close());
  return channel;
}

class FakeStorage implements KeyValueStorage {
  readonly items = new Map<string, string>();
  getItem(key: string) {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.items.set(key, value);
  }
  removeItem(key: string) {
    this.items.delete(key);
  }
}

/** What a page that only listens would know: the data of every durable notification, and the newest progress. */
function follow(channel: Channel) {
  const known = { durable: [] as unknown[], progress: new Map<string, number | undefined>(), snapshots: 0 };
  channel.onSnapshot(({ durable, progress }) => {
    known.snapshots += 1;
    known.durable = durable.map(({ data }) => data);
    known.progress = new Map(progress.map(({ subject, version }) => [subject, version]));
  });
  channel.onNotification(({ data }) => known.durable.push(data), { lane: 'durable' });
  channel.onNotification(({ subject, version }) => known.progress.set(subject, version), {
    lane: 'progress',
  });
  return known;
}

describe('a channel', () => {
  test('opens, tells first the snapshot and then what happens, by lane and subject', async () => {
    const log = await startLog();
    const { url } = await startHub({ log });
    const channel = open({ url });
    const states: ChannelState[] = [channel.state];
    channel.onState((state) => states.push(state));
    const known = follow(channel);
    const others: unknown[] = [];
    const unsubscribe = channel.onNotification(({ data }) => others.push(data), { subject: 'other' });
    const { channelId } = await channel.ready();
    await publish(log, { channelId, data: 1 }, { channelId, data: 2, subject: 'other' });
    await publish(log, { channelId, lane: 'progress', version: 5 });
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2], snapshots: 1 }));
    await eventually(() => expect(known.progress.get('job')).toBe(5));
    expect(others).toEqual([2]);
    unsubscribe();
    await publish(log, { channelId, data: 3, subject: 'other' });
    await eventually(() => expect(known.durable).toEqual([1, 2, 3]));
    expect(others).toEqual([2]);
    channel.close();
    expect(states).toEqual(['connecting', 'live', 'closed']);
  });

  test('is found again by its storage, after a reload and in a second tab', async () => {
    const log = await startLog();
    const { url } = await startHub({ log });
    const storage = createWebStorage(new FakeStorage());
    const first = open({ url, storage });
    const { channelId } = await first.ready();
    await publish(log, { channelId, data: 'before' });
    await eventually(() => expect(first.position?.seq).toBe(1));
    first.close();
    for (const _tab of [1, 2]) {
      const again = open({ url, storage });
      const known = follow(again);
      expect(await again.ready()).toMatchObject({ channelId });
      expect(known.durable).toEqual(['before']);
    }
  });

  test('continues from a position that the caller kept', async () => {
    const log = await startLog();
    const { url } = await startHub({ log });
    const first = open({ url });
    const credentials = await first.ready();
    const { channelId } = credentials;
    const position = first.position ?? undefined;
    await publish(log, { channelId, data: 1 }, { channelId, data: 2 });
    const second = open({ url, channel: credentials, position });
    const known = follow(second);
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2], snapshots: 0 }));
  });

  test('keeps a renewed token', async () => {
    let now = Date.now();
    const { url } = await startHub({
      log: await startLog(),
      now: () => now,
      limits: { renewalIntervalMs: 5 },
    });
    const storage = createWebStorage(new FakeStorage());
    const channel = open({ url, storage });
    const { channelId } = await channel.ready();
    // A second of its own, so that the renewed token differs from the first one.
    const { token } = await channel.ready();
    now += 4 * 24 * 60 * 60 * 1000;
    const issuedAt = (jwt: string | undefined) => JSON.parse(atob(jwt?.split('.')[1] ?? '')).iat;
    await eventually(() => expect(storage.load()?.token).toBe(channel.credentials?.token));
    await eventually(() =>
      expect(issuedAt(channel.credentials?.token)).toBeGreaterThanOrEqual(issuedAt(token)),
    );
    expect(storage.load()?.channelId).toBe(channelId);
  });

  test.each<[string, string, () => Promise<string>]>([
    ['token_expired', 'expired', () => sign('-1s', 'a'.repeat(22))],
    ['token_invalid', 'forged', async () => 'nonsense'],
    ['not_found', 'of another channel', () => sign('1h', 'b'.repeat(22))],
  ])('is closed with %s when its token is %s, and forgets the stored one', async (code, _name, token) => {
    const { url } = await startHub({ log: await startLog() });
    const kept = new FakeStorage();
    const storage = createWebStorage(kept);
    storage.save({ channelId: 'a'.repeat(22), token: await token() });
    const channel = open({ url, storage });
    await expect(channel.ready()).rejects.toMatchObject({ name: 'ChannelError', code, retriable: false });
    expect(channel).toMatchObject({ state: 'closed', error: { code } });
    expect(kept.items.size).toBe(0);
  });

  test('tries again by itself when it is refused for now', async () => {
    const log = await startLog();
    const history = new MemoryHistory();
    const opening = history.open.bind(history);
    let failures = 3;
    history.open = async (...call) => {
      if (failures-- > 0) throw Object.assign(new Error('away'), { retriable: true });
      return opening(...call);
    };
    const { url } = await startHub({ log, history });
    const channel = open({ url, random: () => 0 });
    await channel.ready();
    expect(failures).toBeLessThan(0);
    expect(channel.error).toBeNull();
  });

  test('support listens by its own token', async () => {
    const log = await startLog();
    const { url } = await startHub({ log });
    const channel = open({ url, channel: { channelId: 'support', token: supportToken } });
    const known = follow(channel);
    await channel.ready();
    await publish(log, { channelId: 'support', data: 'seen' });
    await eventually(() => expect(known.durable).toEqual(['seen']));
  });
});

describe('reconnecting', () => {
  test('comes back to a server that drains and starts again, at its own moment', async () => {
    const log = await startLog();
    const first = await startHub({ log, limits: { drainRetryMs: 50 } });
    const channel = open({ url: first.url });
    const known = follow(channel);
    const states: ChannelState[] = [];
    channel.onState((state) => states.push(state));
    const { channelId } = await channel.ready();
    await publish(log, { channelId, data: 1 });
    await eventually(() => expect(known.durable).toEqual([1]));
    await first.stop();
    await publish(log, { channelId, data: 2 });
    await startHub({ log, port: first.port });
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2], snapshots: 2 }));
    expect(states).toEqual(['live', 'draining', 'live']);
  });

  test('waits for a server that is not there yet', async () => {
    const log = await startLog();
    const first = await startHub({ log });
    await first.stop();
    const channel = open({ url: first.url });
    await startHub({ log, port: first.port });
    await channel.ready();
  });
});

function sign(expires: string, channelId: string): Promise<string> {
  return new SignJWT({ channelId, owner: 'default' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('tidings:channel')
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(authSecret));
}

/** Pseudo-random numbers from 0 to below 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs a random schedule of publishing, broken connections, readers that stall, and hubs that are replaced. */
async function runSchedule(seed: number, durablePerChannel: number): Promise<void> {
  const random = createRandom(seed);
  const log = await startLog();
  const startOne = (port?: number) => {
    const history = new MemoryHistory({ limits: { durablePerChannel } });
    return startHub({
      log,
      history,
      port,
      limits: { drainRetryMs: 20, drainTimeoutMs: 20, backlogPackets: 20 },
    });
  };
  let hub: RunningHub = await startOne();
  const network = await startNetwork(hub.port);
  const channel = open({ url: network.url, random });
  const known: number[] = [];
  let newestProgress = -1;
  channel.onSnapshot(({ durable, progress }) => {
    known.splice(0, known.length, ...durable.map(({ data }) => Number(data)));
    newestProgress = Math.max(newestProgress, ...progress.map(({ version = 0 }) => version));
  });
  channel.onNotification(({ lane, data, version = 0 }) => {
    if (lane === 'progress') newestProgress = Math.max(newestProgress, version);
    // Neither twice nor with a gap, at any moment: each one continues what is known.
    else if (known.length > 0 && data !== (known.at(-1) ?? 0) + 1)
      throw new Error(`${data} after ${known.at(-1)}`);
    else known.push(Number(data));
  });
  const { channelId } = await channel.ready();
  let published = 0;
  for (let step = 0; step < 60; step += 1) {
    const choice = random();
    if (choice < 0.6) {
      const count = 1 + Math.floor(random() * 4);
      await publish(
        log,
        ...Array.from({ length: count }, (_, index) => ({ channelId, data: published + index })),
      );
      published += count;
    } else if (choice < 0.75)
      await publish(log, { channelId, lane: 'progress', subject: 'other', version: step });
    else if (choice < 0.85) network.cut();
    else if (choice < 0.9) network.stall();
    else if (choice < 0.97) network.flow();
    else {
      await hub.stop();
      hub = await startOne(hub.port);
    }
  }
  network.flow();
  await publish(
    log,
    { channelId, data: published },
    { channelId, lane: 'progress', subject: 'other', version: 1_000 },
  );
  await eventually(() => expect(known.at(-1)).toBe(published));
  await eventually(() => expect(newestProgress).toBe(1_000));
  const first = durablePerChannel > published ? 0 : (known[0] ?? 0);
  expect(known).toEqual(Array.from({ length: published + 1 - first }, (_, index) => first + index));
  channel.close();
}

describe('whatever happens to the network and the hub', { timeout: 60_000 }, () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'every durable notification is told exactly once, in order (seed %d)',
    (seed) => runSchedule(seed, 256),
  );

  test.each([11, 12, 13, 14])(
    'with a short history, what is missing is said by a snapshot, never skipped (seed %d)',
    (seed) => runSchedule(seed, 5),
  );
});
