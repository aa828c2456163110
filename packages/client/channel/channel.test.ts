import { randomUUID } from 'node:crypto';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { ChannelSnapshot } from '@tidings/contracts/notifications/socket-events.ts';
import { MemoryHistory } from '@tidings/hub/history/memory-history.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { authSecret, publish, startHub, startNetwork, supportToken } from '@tidings/testing/services/hub.ts';
import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChannelState, createWebStorage } from '../index.ts';
import { FakeStorage, follow, open } from '../test/listening.ts';
import { startScriptedHub } from '../test/scripted-hub.ts';

/** What is rejected where nobody handles it, from now to the end of the test. */
function unhandledErrors(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => errors.push(error));
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
  });
  return errors;
}

// A listener that threw kept the snapshot, or the notification, from all behind it; and one that did so as the connection was lost, the channel from coming back.
test('a listener that fails keeps nothing from the others, and its notification comes again where no later one has come', async () => {
  const errors = unhandledErrors();
  const log = await openTestLog();
  const { url } = await startHub({ log });
  const network = await startNetwork(Number(new URL(url).port));
  const storage = createWebStorage(new FakeStorage());
  const channel = open({ url: network.url, storage, keepsPosition: true });
  channel.onState((state) => {
    throw new Error(state);
  });
  channel.onNotification(({ data }) => {
    if (data === 2) throw new Error('no notification');
  });
  const known = follow(channel);
  const { channelId } = await channel.ready();
  await publish(log, { channelId, data: 1 }, { channelId, data: 2 });
  await eventually(() => expect(known).toMatchObject({ durable: [1, 2], snapshots: 1 }));
  expect(storage.load()?.position?.seq).toBe(1);
  const again = follow(open({ url, storage: { ...storage, save: () => undefined }, keepsPosition: true }));
  await eventually(() => expect(again).toMatchObject({ durable: [2], snapshots: 0 }));
  network.cut();
  await eventually(() => expect(channel.state).toBe('reconnecting'));
  await channel.ready();
  channel.close();
  const messages = ['live', 'no notification', 'reconnecting', 'live', 'closed'];
  await eventually(() => expect(errors).toMatchObject(messages.map((message) => ({ message }))));
});

// A full disk, or a page that may keep nothing: `load` that threw left no channel, and `save` left one that never was live.
test.each(['load', 'save', 'clear'] as const)(
  'a storage whose `%s` throws stops nothing: the channel goes on without it, and tells it once',
  async (method) => {
    const errors = unhandledErrors();
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const calls: string[] = [];
    const call = (name: string) => {
      calls.push(name);
      if (name === method) throw new Error(`no ${name}`);
    };
    const kept = { channelId: 'a'.repeat(22), token: 'none' };
    const storage = {
      load: () => {
        call('load');
        return method === 'clear' ? kept : null;
      },
      save: () => call('save'),
      clear: () => call('clear'),
    };
    const channel = open({ url, storage, keepsPosition: true });
    const known = follow(channel);
    if (method === 'clear') {
      await expect(channel.ready()).rejects.toMatchObject({ code: 'token_invalid' });
    } else {
      const { channelId } = await channel.ready();
      await publish(log, { channelId, data: 1 }, { channelId, data: 2 });
      await eventually(() => expect(known).toMatchObject({ durable: [1, 2] }));
    }
    channel.close();
    await eventually(() => expect(errors).toMatchObject([{ message: `no ${method}` }]));
    expect(calls.at(-1)).toBe(method);
    expect(calls.filter((name) => name === method)).toHaveLength(1);
  },
);

// The request was never sent, and none after it: the channel was connecting for ever.
test('where fetching a user token throws, the channel opens without one', async () => {
  const { url } = await startHub({ log: await openTestLog() });
  const fetchUserToken = () => {
    throw new Error('no login');
  };
  await open({ url, fetchUserToken }).ready();
});

describe('a channel', () => {
  test('passes on first the snapshot and then notifications, by lane and subject', async () => {
    const log = await openTestLog();
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

  test('passes on which event a notification is, and what led to it: live and in a snapshot', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const channel = open({ url });
    const live: Notification[] = [];
    channel.onNotification((notification) => live.push(notification));
    const credentials = await channel.ready();
    const eventId = randomUUID();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const cause = { eventId: randomUUID(), correlationId: randomUUID(), traceparent };
    await publish(log, { channelId: credentials.channelId, eventId, cause });
    const ids = { eventId, correlationId: cause.correlationId, causationId: cause.eventId };
    await eventually(() => expect(live).toMatchObject([ids]));
    const later = open({ url, channel: credentials });
    const snapshots: ChannelSnapshot[] = [];
    later.onSnapshot((snapshot) => snapshots.push(snapshot));
    await later.ready();
    expect(snapshots).toMatchObject([{ durable: [ids] }]);
  });

  test('is found again by its storage, after a reload and in a second tab', async () => {
    const log = await openTestLog();
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
    const log = await openTestLog();
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
      // Each token gets a lifetime of its own, because tokens that are made in the same second are equal otherwise.
      issueChannelToken: ({ channelId }: { channelId: string }) => sign(`${7 + issued++}d`, channelId),
    };
    const limits = { renewalIntervalMs: 5 };
    const { url } = await startHub({ log: await openTestLog(), tokens, now: () => now, limits });
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
    const { url } = await startHub({ log: await openTestLog() });
    const kept = new FakeStorage();
    const storage = createWebStorage(kept);
    storage.save({ channelId: 'a'.repeat(22), token: await token() });
    const channel = open({ url, storage });
    await expect(channel.ready()).rejects.toMatchObject({ name: 'ChannelError', code, retriable: false });
    expect(channel).toMatchObject({ state: 'closed', error: { code } });
    expect(kept.items.size).toBe(0);
  });

  test('tries again by itself when it is refused for now', async () => {
    const log = await openTestLog();
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
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const channel = open({ url, channel: { channelId: 'support', token: supportToken } });
    const known = follow(channel);
    await channel.ready();
    await publish(log, { channelId: 'support', data: 'seen' });
    await eventually(() => expect(known.durable).toEqual(['seen']));
  });
});

describe('a gap', () => {
  test('in the sequence numbers that a hub sends: the hub reads the history again, and the client gets everything', async () => {
    const log = await openTestLog();
    const history = new MemoryHistory();
    const append = history.append.bind(history);
    history.append = async (...call) => {
      const appended = await append(...call);
      // The history keeps the notification, and the hub does not send it.
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

  test('in the sequence numbers that arrive: the channel is opened again from its position, and the missed ones follow', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url });
    const known = follow(channel);
    await channel.ready();
    hub.send(1);
    hub.send(4);
    await eventually(() => expect(known).toMatchObject({ durable: [1, 2, 3, 4], snapshots: 1 }));
    expect(hub.requests.map(({ epoch, seq }) => ({ epoch, seq }))).toEqual([
      { epoch: undefined, seq: undefined },
      { epoch: 'e', seq: 1 },
    ]);
    expect(channel.state).toBe('live');
  });

  test('between two epochs: a snapshot replaces what was known', async () => {
    const log = await openTestLog();
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

function sign(expires: string, channelId: string): Promise<string> {
  return new SignJWT({ channelId, owner: 'default' })
    .setProtectedHeader({ alg: 'HS256', typ: 'tidings-channel+jwt' })
    .setAudience('tidings:channel')
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(authSecret));
}

describe('a new channel where people sign in', () => {
  const userJwtSecret = 'a login secret of 32 characters.';
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const startWithLogin = async () => {
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    return startHub({ log: await openTestLog(), tokens });
  };

  // A page that fetched its token at its start could open no channel once that had ended.
  test('is opened with a token that is fetched for it, and again after one that has ended', async () => {
    const { url, tokens } = await startWithLogin();
    const ages = [2 * 60 * 60, 0];
    let fetched = 0;
    const fetchUserToken = async () =>
      signUserToken('mira', userJwtSecret, nowSeconds() - (ages[fetched++] ?? 0));
    const channel = open({ url, fetchUserToken, random: () => 0 });
    const { token } = await channel.ready();
    expect(await tokens.verifyBearer(token)).toMatchObject({ owner: 'mira' });
    expect(fetched).toBe(2);
  });

  test('is refused where no token can be fetched, and says so', async () => {
    const { url } = await startWithLogin();
    const channel = open({ url, fetchUserToken: () => Promise.reject(new Error('signed out')) });
    await expect(channel.ready()).rejects.toMatchObject({ code: 'token_missing', retriable: false });
    expect(channel.state).toBe('closed');
  });
});
