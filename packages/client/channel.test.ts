import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Notification } from '@tidings/contracts/notification.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '@tidings/contracts/socket-events.ts';
import { MemoryHistory } from '@tidings/hub/history/memory-history.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { authSecret, publish, startHub, startLog, supportToken } from '@tidings/testing/hub.ts';
import { SignJWT } from 'jose';
import { Server } from 'socket.io';
import { describe, expect, onTestFinished, test } from 'vitest';
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
    const authority = createTokenAuthority({ authSecret, supportToken });
    let issued = 0;
    const tokens = {
      ...authority,
      // Another life for each, for tokens of one second are equal otherwise.
      issueChannelToken: ({ channelId }: { channelId: string }) => sign(`${7 + issued++}d`, channelId),
    };
    const limits = { renewalIntervalMs: 5 };
    const { url } = await startHub({ log: await startLog(), tokens, now: () => now, limits });
    const storage = createWebStorage(new FakeStorage());
    const channel = open({ url, storage });
    const { channelId, token } = await channel.ready();
    now += 4 * 24 * 60 * 60 * 1000;
    await eventually(() => expect(channel.credentials?.token).not.toBe(token));
    expect(storage.load()).toEqual(channel.credentials);
    channel.close();
    expect(await open({ url, storage }).ready()).toEqual({ channelId, token: storage.load()?.token });
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

describe('a gap in what arrives', () => {
  test('in the numbers, in the history: the hub looks again before it goes on, and the client is told all', async () => {
    const log = await startLog();
    const history = new MemoryHistory();
    const append = history.append.bind(history);
    history.append = async (...call) => {
      const appended = await append(...call);
      // Kept, and never sent.
      return appended?.notification.data === 'lost' ? null : appended;
    };
    const { url, metric } = await startHub({ log, history });
    const channel = open({ url });
    const known = follow(channel);
    const { channelId } = await channel.ready();
    await publish(log, { channelId, data: 1 }, { channelId, data: 'lost' }, { channelId, data: 'lost' });
    await eventually(() => expect(known.durable).toEqual([1]));
    await publish(log, { channelId, data: 4 });
    await eventually(() => expect(known).toMatchObject({ durable: [1, 'lost', 'lost', 4], snapshots: 1 }));
    expect(await metric('tidings_hub_gaps_healed_total', { outcome: 'continued' })).toBe(1);
    expect(channel.state).toBe('live');
  });

  test('in the numbers, on the way: the channel is opened again from its position, and what was missed follows', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url });
    const known = follow(channel);
    await channel.ready();
    hub.tell(1);
    hub.tell(4);
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2, 3, 4], snapshots: 1 }));
    expect(hub.requests.map(({ epoch, seq }) => ({ epoch, seq }))).toEqual([
      { epoch: undefined, seq: undefined },
      { epoch: 'e', seq: 1 },
    ]);
    expect(channel.state).toBe('live');
  });

  test('in the epoch: a snapshot replaces what was known', async () => {
    const log = await startLog();
    const { url } = await startHub({ log, history: new MemoryHistory({ limits: { channels: 1 } }) });
    const channel = open({ url });
    const known = follow(channel);
    const { channelId } = await channel.ready();
    await publish(log, { channelId, data: 'thrown out' });
    await eventually(() => expect(known.durable).toEqual(['thrown out']));
    await publish(log, { channelId: 'another' }, { channelId, data: 'after' });
    await eventually(() => expect(known).toMatchObject({ durable: ['after'], snapshots: 2 }));
  });
});

describe('a degraded hub', () => {
  const notice = { since: '2026-01-01T00:00:00.000Z', reason: 'history_unavailable' } as const;

  test('is told of as long as it lasts, and as long as there is a connection to it', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url, random: () => 0 });
    const told: unknown[] = [];
    channel.onDegraded((degraded) => told.push(degraded));
    await channel.ready();
    hub.server.emit('hub:degraded', notice);
    await eventually(() => expect(channel.degraded).toEqual(notice));
    hub.server.emit('hub:recovered');
    await eventually(() => expect(channel.degraded).toBeNull());
    hub.server.emit('hub:degraded', notice);
    await eventually(() => expect(told).toEqual([notice, null, notice]));
    for (const socket of hub.server.sockets.sockets.values()) socket.conn.close();
    await eventually(() => expect(told).toEqual([notice, null, notice, null]));
    await channel.ready();
    expect(channel).toMatchObject({ state: 'live', degraded: null });
  });

  // The pause between two openings has grown to 9.6 s then: without an opening soon after, the time would be over.
  test('is asked again soon after its recovery for a channel that it refused, for which it was degraded until then', async () => {
    const hub = await startScriptedHub();
    hub.server.on('connection', (socket) => socket.emit('hub:degraded', notice));
    hub.refuse(true);
    const randoms = [0, 0, 0, 0, 0, 0.999];
    const channel = open({ url: hub.url, random: () => randoms.shift() ?? 0 });
    const told: [unknown, ChannelState][] = [];
    channel.onDegraded((degraded) => told.push([degraded, channel.state]));
    await eventually(() => expect(randoms).toEqual([]));
    hub.refuse(false);
    hub.server.emit('hub:recovered');
    await channel.ready();
    expect(hub.requests).toHaveLength(7);
    expect(told).toEqual([
      [notice, 'connecting'],
      [null, 'live'],
    ]);
  }, 8_000);
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

/** A server that says what a hub might say: four durable notifications are kept, whatever a client has been told. */
async function startScriptedHub() {
  const requests: { epoch?: string; seq?: number }[] = [];
  let refuses = false;
  const server = new Server<ClientToServerEvents, ServerToClientEvents>({ transports: ['websocket'] });
  const numbered = (seq: number): Notification => ({
    channelId: 'c',
    lane: 'durable',
    subject: 'job',
    type: 'job.changed',
    epoch: 'e',
    seq,
    at: '2026-01-01T00:00:00.000Z',
    data: seq,
  });
  server.on('connection', (socket) => {
    socket.on('channel:open', (request, answer) => {
      const { epoch, seq } = 'epoch' in request ? request : {};
      requests.push({ epoch, seq });
      if (refuses) {
        answer({ error: { code: 'unavailable', message: 'Later.', retriable: true } });
        return;
      }
      const opened = { channelId: 'c', token: 't', epoch: 'e', snapshot: { progress: [], durable: [] } };
      answer({ ...opened, seq: seq === undefined ? 0 : 4, recovered: seq !== undefined });
      if (seq !== undefined) for (const missed of [2, 3, 4]) socket.emit('notification', numbered(missed));
    });
  });
  const http = createServer();
  server.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    server,
    requests,
    tell: (seq: number) => server.emit('notification', numbered(seq)),
    /** Whether openings are refused, as by a hub that cannot reach the history. */
    refuse: (now: boolean) => {
      refuses = now;
    },
  };
}

function sign(expires: string, channelId: string): Promise<string> {
  return new SignJWT({ channelId, owner: 'default' })
    .setProtectedHeader({ alg: 'HS256', typ: 'tidings-channel+jwt' })
    .setAudience('tidings:channel')
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(authSecret));
}
