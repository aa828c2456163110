import { randomUUID } from 'node:crypto';
import { openChannel } from '@tidings/client/index.ts';
import type { CreatedChannel } from '@tidings/contracts/http.ts';
import type { Notification } from '@tidings/contracts/notification.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { publish, startHub, type TestNotification, toRecord, WireClient } from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MemoryHistory } from './history/memory-history.ts';

const seqs = (notifications: readonly { seq?: number }[]) => notifications.map(({ seq }) => seq);

describe('opening', () => {
  test('a new channel is empty, and its notifications reach the socket that opened it and no other', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [one, other] = [new WireClient(url), new WireClient(url)];
    const [mine, theirs] = [await one.open(), await other.open()];
    expect(mine).toMatchObject({ seq: 0, recovered: false, snapshot: { progress: [], durable: [] } });
    expect(mine.channelId).toMatch(/^[A-Za-z0-9_-]{22}$/);
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

describe('records of the log', () => {
  test('that are delivered again reach clients again, under the same number', async () => {
    const log = await openTestLog();
    const history = new MemoryHistory();
    const append = history.append.bind(history);
    let failures = 2;
    vi.spyOn(history, 'append').mockImplementation(async (...call) => {
      const appended = await append(...call);
      if (call[1].offset % 3 === 2 && failures > 0) {
        failures -= 1;
        throw new Error('the history broke down after it had appended');
      }
      return appended;
    });
    const { url, metric } = await startHub({ log, history });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    const datas = Array.from({ length: 9 }, (_, index) => index);
    await publish(log, ...datas.map((data) => ({ channelId, data })));
    await eventually(() => expect(client.seqs().at(-1)).toBe(9));
    const bySeq = new Map(client.notifications.map(({ seq, data }) => [seq, data]));
    expect([...bySeq]).toEqual(datas.map((data) => [data + 1, data]));
    expect(failures).toBe(0);
    expect(await metric('tidings_hub_notifications_received_total', { outcome: 'repeated' })).toBeGreaterThan(
      0,
    );
  });

  test('that are no notifications are counted and skipped; an unknown type passes', async () => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    const record = toRecord({ channelId });
    await log.append([
      { ...record, value: new TextEncoder().encode('{"not":"an event"}') },
      { ...record, value: null },
      { ...record, value: new Uint8Array([255, 254, 0]) },
      { ...record, key: 'k'.repeat(500) },
      { ...record, topic: topics.progress },
      toRecord({ channelId, type: 'never.heard.of' }),
    ]);
    await eventually(() => expect(client.notifications).toMatchObject([{ type: 'never.heard.of', seq: 1 }]));
    await eventually(async () => {
      const malformed = { outcome: 'malformed' };
      expect(await metric('tidings_hub_notifications_received_total', malformed)).toBe(5);
    });
  });

  // The hub could parse a value nested 20,000 deep, but not write it again: its partition stood still for ever.
  test.each<[string, string, Partial<TestNotification>?]>([
    ['data nested 20,000 deep', nested(20_000)],
    ['an event nested 65 deep, itself one of them', nested(64)],
    ['more than 8 KiB of data', JSON.stringify('x'.repeat(8 * 1024))],
    ['data that is small as it comes and large as it goes', `[${Array.from({ length: 500 }, () => '1e20')}]`],
    ['a record of more than 16 KiB', `1${' '.repeat(16 * 1024)}`],
    ['a subject with a control character', '1', { subject: 'a\nb' }],
    ['a subject with half a surrogate pair', '1', { subject: '\ud83d' }],
    ['a type with NUL', '1', { type: 'a\u0000' }],
    ['a channel name with a control character', '1', { channelId: 'a\u0007' }],
  ])('that hold %s stop nobody behind them', async (_name, data, other = {}) => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    const marked = toRecord({ channelId, data: 'DATA', ...other });
    const value = Buffer.from(
      Buffer.from(marked.value ?? [])
        .toString()
        .replace('"DATA"', data),
    );
    await log.append([{ ...marked, value }, toRecord({ channelId, type: 'what.follows' })]);
    await eventually(() => expect(client.notifications).toMatchObject([{ type: 'what.follows', seq: 1 }]));
    expect(await metric('tidings_hub_notifications_received_total', { outcome: 'malformed' })).toBe(1);
  });

  // Two of eight partitions once stood still for ever, while /readyz answered 200.
  test('that cannot be handled make notifications late, until they can', async () => {
    const log = await openTestLog();
    const history = new MemoryHistory();
    const append = history.append.bind(history);
    let isBroken = true;
    vi.spyOn(history, 'append').mockImplementation(async (...call) => {
      if (isBroken) throw new Error('the history is broken');
      return append(...call);
    });
    const { url, hub } = await startHub({ log, history, limits: { lateMs: 500, lateCheckMs: 50 } });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    await expect(hub.checkNotifications()).resolves.toBeUndefined();
    await publish(log, { channelId });
    const late = expect.objectContaining({ reason: 'notifications_late' });
    await eventually(() => expect(client.states).toEqual([late]));
    await expect(hub.checkNotifications()).rejects.toMatchObject({ code: 'notifications_late' });
    const newcomer = new WireClient(url);
    await newcomer.open();
    await eventually(() => expect(newcomer.states).toEqual([late]));
    isBroken = false;
    await eventually(() => expect(client.states).toEqual([late, null]));
    await expect(hub.checkNotifications()).resolves.toBeUndefined();
    expect(client.seqs()).toEqual([1]);
  });

  test('that are just within the bounds pass', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const client = new WireClient(url);
    const { channelId } = await client.open();
    const deep = JSON.parse(nested(63));
    const long = 'ü'.repeat(4 * 1024 - 1);
    const brackets = `${'['.repeat(500)}"\\`;
    await publish(log, ...[deep, long, brackets].map((data) => ({ channelId, data })));
    await eventually(() => expect(client.notifications).toHaveLength(3));
    expect(client.notifications.map(({ data }) => data)).toEqual([deep, long, brackets]);
  });
});

/** Arrays inside each other, as JSON. */
function nested(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}
