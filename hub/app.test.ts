import { randomUUID } from 'node:crypto';
import { openChannel } from '@tidings/client/index.ts';
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import {
  authSecret,
  publish,
  siteWith,
  startHub,
  startNetwork,
  supportToken,
  WireClient,
} from '@tidings/testing/services/hub.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHub } from './app.ts';
import { MemoryHistory } from './history/memory-history.ts';

const seqs = (notifications: readonly { seq?: number }[]) => notifications.map(({ seq }) => seq);

// The start went on behind the stop: the hub was ready, and followed the log, although nobody would stop it any more.
test('a hub that is stopped during its start is not ready afterwards', async () => {
  const log = await openTestLog();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const slow = Object.assign(Object.create(log), {
    describeTopic: (topic: string) => answered.then(() => log.describeTopic(topic)),
  });
  const tokens = createTokenAuthority({ authSecret, supportToken });
  const site = siteWith([]);
  const hub = createHub({ log: slow, tokens, logger: silentLogger, registry: new Registry(), site });
  const started = hub.start();
  await hub.stop();
  answer();
  await started;
  expect(hub.isReady()).toBe(false);
});

describe('opening', () => {
  test('a new channel is empty, and its notifications reach the socket that opened it and no other', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [one, other] = [new WireClient(url), new WireClient(url)];
    const [mine, theirs] = [await one.open(), await other.open()];
    expect(mine).toMatchObject({ seq: 0, recovered: false, snapshot: { progress: [], durable: [] } });
    expect(mine.channelId).toMatch(/^[A-Za-z0-9_-]{36}$/);
    await publish(
      log,
      { channelId: mine.channelId, version: 3, data: { rows: 5 } },
      { channelId: theirs.channelId },
    );
    await publish(log, { channelId: mine.channelId, lane: 'progress', version: 4 });
    await eventually(() => expect(one.notifications).toHaveLength(2));
    await eventually(() => expect(other.notifications).toHaveLength(1));
    expect(one.notifications.find(({ lane }) => lane === 'durable')).toMatchObject({
      channelId: mine.channelId,
      subject: 'job',
      type: 'job.changed',
      version: 3,
      epoch: mine.epoch,
      seq: 1,
      data: { rows: 5 },
    });
    const progress = one.notifications.find(({ lane }) => lane === 'progress');
    expect(progress).toMatchObject({ version: 4, epoch: mine.epoch });
    expect(progress).not.toHaveProperty('seq');
  });

  test('a second tab gets the snapshot, and both get what follows', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const first = new WireClient(url);
    const { channelId, token } = await first.open();
    await publish(log, { channelId }, { channelId, lane: 'progress', subject: 'other', version: 9 });
    await eventually(() => expect(first.notifications).toHaveLength(2));
    const second = new WireClient(url);
    const opened = await second.open({ channelId, token });
    expect(opened).toMatchObject({ channelId, token, seq: 1, recovered: false });
    expect(seqs(opened.snapshot.durable)).toEqual([1]);
    expect(opened.snapshot.progress).toMatchObject([{ subject: 'other', version: 9 }]);
    await publish(log, { channelId });
    for (const client of [first, second]) await eventually(() => expect(client.seqs().at(-1)).toBe(2));
  });

  test('POST /channels makes a channel whose history begins then', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const response = await fetch(`${url}/channels`, { method: 'POST' });
    expect(response.status).toBe(201);
    const { channelId, token, epoch, seq } = (await response.json()) as CreatedChannel;
    expect(seq).toBe(0);
    await publish(log, { channelId });
    const client = new WireClient(url);
    await eventually(async () => expect(await client.open({ channelId, token })).toMatchObject({ seq: 1 }));
    const resumed = await new WireClient(url).open({ channelId, token, epoch, seq });
    expect(resumed).toMatchObject({ recovered: true, seq: 1 });
    const refused = await fetch(`${url}/channels`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"userToken":5}',
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: 'invalid_request' });
  });
});

test('a client sees which event a notification is and what led to it, live, in a snapshot and after a gap', async () => {
  const log = await openTestLog();
  const { url } = await startHub({ log });
  const cause = createEvent({ type: 'job.accepted', subject: 'job', data: {} });
  const events = { durable: randomUUID(), progress: randomUUID() };
  const envelope = { cause, owner: 'alice' };
  const expected = (lane: 'durable' | 'progress') => ({
    lane,
    eventId: events[lane],
    causationId: cause.eventId,
    correlationId: cause.correlationId,
  });
  const live = openChannel({ url });
  onTestFinished(() => live.close());
  const received: Notification[] = [];
  live.onNotification((notification) => received.push(notification));
  const credentials = await live.ready();
  const { channelId } = credentials;
  const before = live.position;
  await publish(log, { channelId, ...envelope, eventId: events.durable });
  await publish(log, {
    channelId,
    ...envelope,
    eventId: events.progress,
    lane: 'progress',
    subject: 'other',
    version: 1,
  });
  await eventually(() => expect(received).toHaveLength(2));
  for (const lane of ['durable', 'progress'] as const)
    expect(received.find((one) => one.lane === lane)).toMatchObject(expected(lane));
  for (const one of received) expect(one).not.toHaveProperty('owner');

  const fresh = await new WireClient(url).open(credentials);
  expect(fresh.snapshot.durable).toMatchObject([expected('durable')]);
  expect(fresh.snapshot.progress).toMatchObject([expected('progress')]);

  const back = new WireClient(url);
  await back.open({ ...credentials, ...before });
  await eventually(() => expect(back.notifications).toMatchObject([expected('durable')]));
});

describe('resuming', () => {
  test('from a position: what was missed follows the answer in order, and the snapshot holds progress alone', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const first = new WireClient(url);
    const { channelId, token, epoch } = await first.open();
    await publish(log, ...Array.from({ length: 20 }, (_, index) => ({ channelId, data: { index } })));
    await publish(log, { channelId, lane: 'progress', version: 7 });
    await eventually(() => expect(first.notifications).toHaveLength(21));
    const second = new WireClient(url);
    const opened = await second.open({ channelId, token, epoch, seq: 5 });
    expect(opened).toMatchObject({
      recovered: true,
      seq: 20,
      snapshot: { durable: [], progress: [{ version: 7 }] },
    });
    await eventually(() => expect(second.notifications).toHaveLength(15));
    expect(second.seqs()).toEqual(Array.from({ length: 15 }, (_, index) => index + 6));
    expect(second.notifications.map(({ data }) => data)).toEqual(
      Array.from({ length: 15 }, (_, index) => ({ index: index + 5 })),
    );
  });

  test.each([
    ['a foreign epoch', (epoch: string) => ({ epoch: `${epoch}x`, seq: 1 })],
    ['a number beyond what is known', (epoch: string) => ({ epoch, seq: 4 })],
    ['a number whose successor is gone', (epoch: string) => ({ epoch, seq: 0 })],
  ])('from %s: a snapshot', async (_name, position) => {
    const log = await openTestLog();
    const history = new MemoryHistory({ limits: { durablePerChannel: 2 } });
    const { url } = await startHub({ log, history });
    const first = new WireClient(url);
    const { channelId, token, epoch } = await first.open();
    await publish(log, { channelId }, { channelId }, { channelId });
    await eventually(() => expect(first.seqs()).toEqual([1, 2, 3]));
    const second = new WireClient(url);
    const opened = await second.open({ channelId, token, ...position(epoch) });
    expect(opened).toMatchObject({ recovered: false, epoch, seq: 3 });
    expect(seqs(opened.snapshot.durable)).toEqual([2, 3]);
    await publish(log, { channelId });
    await eventually(() => expect(second.seqs()).toEqual([4]));
  });

  test('after a restart: the snapshot holds everything that the log keeps, under another epoch', async () => {
    const directory = await temporaryFolder();
    const log = await openTestLog({ directory });
    const hub = await startHub({ log });
    const { channelId, token, epoch } = await new WireClient(hub.url).open();
    await publish(log, { channelId }, { channelId, lane: 'progress', version: 3 });
    await publish(log, { channelId, lane: 'progress', subject: 'ended', version: 1 });
    await publish(log, { channelId, subject: 'ended', version: 2, final: true });
    await hub.stop();
    await publish(log, { channelId, data: 'while the hub was away' });
    await log.close();
    const reopened = await openTestLog({ directory });
    const { url } = await startHub({ log: reopened });
    const client = new WireClient(url);
    const opened = await client.open({ channelId, token, epoch, seq: 1 });
    expect(opened).toMatchObject({ recovered: false, seq: 3 });
    expect(opened.epoch).not.toBe(epoch);
    expect(opened.snapshot.durable.map(({ data }) => data)).toEqual([{}, {}, 'while the hub was away']);
    expect(opened.snapshot.progress).toMatchObject([{ subject: 'job', version: 3 }]);
    await publish(reopened, { channelId });
    await eventually(() => expect(client.seqs()).toEqual([4]));
  });

  test('nothing that is published between the reading of the log and the following of it is lost', async () => {
    const log = await openTestLog();
    const channelId = 'c'.repeat(22);
    let published = 0;
    let isPublishing = true;
    const publishing = (async () => {
      while (isPublishing) {
        await publish(log, { channelId, data: published }, { channelId, data: published + 1 });
        published += 2;
      }
    })();
    await eventually(() => expect(published).toBeGreaterThan(20));
    const { url, tokens } = await startHub({ log });
    const client = new WireClient(url);
    const token = await tokens.issueChannelToken({ channelId, owner: 'default' });
    const { snapshot } = await client.open({ channelId, token });
    isPublishing = false;
    await publishing;
    const datas = () => [...snapshot.durable, ...client.notifications].map(({ data }) => data);
    await eventually(() => expect(datas().at(-1)).toBe(published - 1));
    const all = datas();
    expect(all).toEqual(Array.from({ length: all.length }, (_, index) => published - all.length + index));
    expect(all.length).toBe(Math.min(published, 256 + client.notifications.length));
  });
});

describe('draining', () => {
  test('asks every client to come back, after what was written has gone out, and accepts no new ones', async () => {
    const log = await openTestLog();
    const hub = await startHub({ log, limits: { drainRetryMs: 777 } });
    const clients = Array.from({ length: 5 }, () => new WireClient(hub.url));
    const channels = await Promise.all(clients.map((client) => client.open()));
    await publish(log, ...channels.map(({ channelId }) => ({ channelId })));
    for (const client of clients) await eventually(() => expect(client.seqs()).toEqual([1]));
    await hub.hub.drain();
    for (const client of clients) {
      await eventually(() => expect(client.disconnects).toHaveLength(1));
      expect(client.drains).toEqual([{ retryAfterMs: 777 }]);
      expect(client.closings).toMatchObject([{ code: 'draining', retriable: true, retryAfterMs: 777 }]);
      // 'io server disconnect' would keep clients from coming back.
      expect(client.disconnects).toEqual(['transport close']);
    }
    const late = new WireClient(hub.url);
    const refused = new Promise((resolve) => late.socket.once('connect_error', resolve));
    await expect(refused).resolves.toBeInstanceOf(Error);
    expect((await fetch(`${hub.url}/channels`, { method: 'POST' })).status).toBe(503);
    await hub.stop();
    await hub.stop();
  });

  test('does not wait for a client that does not read', async () => {
    const log = await openTestLog();
    const limits = { closingMs: 20, backlogPackets: 10_000, backlogBytes: 1e9 };
    const hub = await startHub({ log, limits });
    const network = await startNetwork(hub.port);
    const { channelId } = await new WireClient(network.url).open();
    network.holdAnswers();
    // More than the buffers of the network take.
    const data = 'x'.repeat(8_000);
    const batch = Array.from({ length: 100 }, () => ({ channelId, data }));
    for (let number = 0; number < 30; number += 1) await publish(log, ...batch);
    await eventually(async () =>
      expect(await hub.metric('tidings_hub_notifications_written_total')).toBe(3_000),
    );
    await hub.hub.drain();
    expect(await hub.metric('tidings_hub_sockets')).toBe(0);
  });

  // A suspended laptop answers no closing handshake; stopping used to wait for it for 30 seconds.
  test('leaves no connection open to a client that does not answer', async () => {
    const hub = await startHub({ log: await openTestLog(), limits: { closingMs: 20 } });
    const network = await startNetwork(hub.port);
    await new WireClient(network.url).open();
    network.holdAnswers();
    expect(await hub.connections()).toBe(1);
    await hub.hub.drain();
    await eventually(async () => expect(await hub.connections()).toBe(0));
  });
});

test('a hub is ready from its start to its stop', async () => {
  const log = await openTestLog();
  const { tokens } = await startHub({ log });
  const hub = createHub({ log, tokens, logger: silentLogger, registry: new Registry(), site: siteWith([]) });
  expect(hub.isReady()).toBe(false);
  await hub.start();
  expect(hub.isReady()).toBe(true);
  await hub.stop();
  expect(hub.isReady()).toBe(false);
});

test('a hub does not start where its topics are missing', async () => {
  const log = await openEmbeddedLog({ directory: await temporaryFolder() });
  onTestFinished(() => log.close());
  await expect(startHub({ log })).rejects.toMatchObject({ code: 'topic_unknown' });
});
