import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { topics } from '@tidings/contracts/topics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import {
  publish,
  startHub,
  type TestNotification,
  toRecord,
  WireClient,
} from '@tidings/testing/services/hub.ts';
import { describe, expect, test, vi } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { breakHistory } from '../test/broken-history.ts';

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
      toRecord({ channelId, lane: 'progress', version: -1 }),
      toRecord({ channelId, type: 'never.heard.of' }),
    ]);
    await eventually(() => expect(client.notifications).toMatchObject([{ type: 'never.heard.of', seq: 1 }]));
    await eventually(async () => {
      const malformed = { outcome: 'malformed' };
      expect(await metric('tidings_hub_notifications_received_total', malformed)).toBe(5);
    });
  });

  test('that foreign programs wrote, with nothing but type, subject and data, are filled in, alike at every reading', async () => {
    const log = await openTestLog();
    const { url, tokens } = await startHub({ log });
    const client = new WireClient(url);
    const { channelId, token } = await client.open();
    const toForeign = (topic: string, fields: object) => ({
      topic,
      key: channelId,
      value: Buffer.from(JSON.stringify({ type: 'nightly.done', subject: 'nightly', ...fields })),
    });
    const causationId = 'c0a80101-0000-7000-8000-000000000001';
    await log.append([
      toForeign(topics.progress, { data: 1 }),
      toForeign(topics.progress, { data: 2 }),
      toForeign(topics.notifications, { data: { rows: 5 }, version: 7, final: false, unknown: true }),
      toForeign(topics.notifications, { data: null, causationId }),
      toForeign(topics.notifications, {}),
    ]);
    const durable = () => client.notifications.filter(({ lane }) => lane === 'durable');
    await eventually(() => expect(durable()).toHaveLength(2));
    const [first, second] = durable();
    expect(first).toMatchObject({ type: 'nightly.done', subject: 'nightly', data: { rows: 5 }, version: 7 });
    expect(first).toMatchObject({ correlationId: first?.eventId, causationId: first?.eventId });
    expect(second).toMatchObject({ data: null, correlationId: second?.eventId, causationId });
    // Of progress the newest counts, by its place in the log.
    const newest = () => client.notifications.findLast(({ lane }) => lane === 'progress');
    await eventually(() => expect(newest()).toMatchObject({ data: 2 }));
    const [{ timestamp } = { timestamp: 0 }] = await readAll(log, topics.notifications);
    expect(first?.at).toBe(new Date(timestamp).toISOString());
    const again = await startHub({ log, tokens });
    const { snapshot } = await new WireClient(again.url).open({ channelId, token });
    const withoutEpoch = ({ epoch: _epoch, ...rest }: Notification) => rest;
    expect(snapshot.durable.map(withoutEpoch)).toEqual(durable().map(withoutEpoch));
    expect(snapshot.progress).toMatchObject([{ data: 2, eventId: newest()?.eventId }]);
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
    const { history, mend } = breakHistory();
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
    mend();
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
