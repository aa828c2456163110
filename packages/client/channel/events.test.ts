import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { durableNotification } from '@tidings/testing/notification.ts';
import { publishApiKey, startHub } from '@tidings/testing/services/hub.ts';
import { describe, expect, test } from 'vitest';
import { type ChannelEvent, channelEvents, createWebStorage, publish } from '../index.ts';
import { FakeStorage, open } from '../test/listening.ts';
import { startScriptedHub } from '../test/scripted-hub.ts';

const subject = 'job';

async function openHub() {
  const { url } = await startHub({ log: await openTestLog() });
  const send = (channelId: string, ...data: unknown[]) =>
    publish({
      baseUrl: url,
      token: publishApiKey,
      channelId,
      notifications: data.map((item) => ({ subject, type: 'job.changed', data: item })),
    });
  return { url, send };
}

describe('the events of a channel, in a loop,', () => {
  test('are its snapshot and then each notification, with the position behind it', async () => {
    const { url, send } = await openHub();
    const channel = open({ url });
    const events = channelEvents(channel);
    const { channelId } = await channel.ready();
    await send(channelId, 1, 2);
    const seen: unknown[] = [];
    for await (const event of events) {
      seen.push([event.snapshot === null ? event.notification.data : 'snapshot', event.position?.seq]);
      if (event.position?.seq === 2) break;
    }
    expect(seen).toEqual([
      ['snapshot', 0],
      [1, 1],
      [2, 2],
    ]);
    expect(channel.state).toBe('live');
  });

  test('wait for a slow loop; of progress only the newest of a subject waits', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url });
    const events = channelEvents(channel);
    await channel.ready();
    const progress = (name: string, version: number) =>
      hub.server.emit('notification', {
        ...durableNotification(1, { data: version }),
        seq: undefined,
        lane: 'progress',
        subject: name,
        version,
      });
    progress('one', 1);
    progress('other', 1);
    progress('one', 2);
    hub.send(1);
    await eventually(() => expect(channel.position?.seq).toBe(1));
    channel.close();
    const seen: unknown[] = [];
    for await (const { snapshot, ...event } of events)
      seen.push('notification' in event ? [event.notification.subject, event.notification.data] : snapshot);
    expect(seen.slice(1)).toEqual([
      ['other', 1],
      ['one', 2],
      [durableNotification(1).subject, 1],
    ]);
  });

  test('end with the reason once too many of them wait, and the channel goes on', async () => {
    const hub = await startScriptedHub();
    const channel = open({ url: hub.url });
    const events = channelEvents(channel);
    await channel.ready();
    for (let seq = 1; seq <= 1_001; seq += 1) hub.send(seq);
    await eventually(() => expect(channel.position?.seq).toBe(1_001));
    await expect(events.next()).rejects.toMatchObject({ name: 'ChannelError', code: 'slow' });
    expect(channel.state).toBe('live');
  });

  test('end when the channel is refused, with the reason, and when the caller gives up', async () => {
    const { url } = await openHub();
    const refused = channelEvents(open({ url, channel: { channelId: 'c', token: 'nonsense' } }));
    await expect(refused.next()).rejects.toMatchObject({ name: 'ChannelError', code: 'token_invalid' });
    const controller = new AbortController();
    const events = channelEvents(open({ url }), controller);
    expect((await events.next()).value).toMatchObject({ snapshot: { durable: [] } });
    const next = events.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

describe('an outcome', () => {
  test('is known where it came before it was asked for, live and in a snapshot', async () => {
    const { url } = await openHub();
    const channel = open({ url });
    const credentials = await channel.ready();
    const { channelId } = credentials;
    const notifications = [
      { subject, type: 'job.changed', data: 1 },
      { subject, type: 'job.done', data: 2, final: true },
      { subject: 'other', type: 'job.done', data: 3, final: true },
      { subject, type: 'job.checked', data: 4 },
    ];
    await publish({ baseUrl: url, token: publishApiKey, channelId, notifications });
    await eventually(() => expect(channel.position?.seq).toBe(4));
    expect(await channel.outcome(subject)).toMatchObject({ type: 'job.done', data: 2 });
    expect(await open({ url, channel: credentials }).outcome(subject)).toMatchObject({ data: 2 });
  });

  test('that does not come is waited for until the caller gives up or the channel is closed', async () => {
    const { url } = await openHub();
    const channel = open({ url });
    const controller = new AbortController();
    const waiting = channel.outcome(subject, controller);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'ChannelError', code: 'aborted' });
    const other = channel.outcome(subject);
    channel.close();
    await expect(other).rejects.toMatchObject({ name: 'ChannelError', code: 'aborted' });
  });
});

describe('a program that keeps its position', () => {
  test('continues behind the last notification that its listeners have worked off, without a snapshot', async () => {
    const { url, send } = await openHub();
    const storage = createWebStorage(new FakeStorage());
    const first = open({ url, storage, keepsPosition: true });
    const seen: unknown[] = [];
    first.onNotification(({ data }) => seen.push([data, storage.load()?.position?.seq]));
    const { channelId } = await first.ready();
    await send(channelId, 1);
    await eventually(() => expect(storage.load()?.position?.seq).toBe(1));
    first.close();
    await send(channelId, 2, 3);
    const again = open({ url, storage, keepsPosition: true });
    let snapshots = 0;
    again.onSnapshot(() => {
      snapshots += 1;
    });
    again.onNotification(({ data }) => seen.push([data, storage.load()?.position?.seq]));
    // A position is kept only behind what the listeners have worked off.
    await eventually(() =>
      expect(seen).toEqual([
        [1, 0],
        [2, 1],
        [3, 2],
      ]),
    );
    await eventually(() => expect(storage.load()?.position?.seq).toBe(3));
    expect(snapshots).toBe(0);
  });

  test('gets a snapshot where another channel’s position is kept, or none that can be read', async () => {
    const { url } = await openHub();
    const kept = new FakeStorage();
    const storage = createWebStorage(kept, 'k');
    const { channelId, token } = await open({ url }).ready();
    storage.save({ channelId, token, position: { epoch: 'e', seq: 7 } });
    const other = await open({ url }).ready();
    const events: ChannelEvent[] = [];
    const channel = open({ url, storage, keepsPosition: true, channel: other });
    for await (const event of channelEvents(channel)) {
      events.push(event);
      break;
    }
    expect(events).toMatchObject([{ snapshot: { durable: [] } }]);
    kept.setItem('k', JSON.stringify({ channelId, token, position: { epoch: 7 } }));
    expect(storage.load()).toEqual({ channelId, token });
  });
});
