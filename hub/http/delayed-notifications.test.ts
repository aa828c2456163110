import { topics } from '@tidings/contracts/topics.ts';
import { runSchedule } from '@tidings/event-log/schedule/run-schedule.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { startHub, WireClient } from '@tidings/testing/services/hub.ts';
import { expect, onTestFinished, test } from 'vitest';
import { changed, publishByHttp } from '../test/publishing.ts';

/** A hub, and the schedule beside it, whose clock is ahead by what `aheadMs` gives. */
async function start(aheadMs: () => number) {
  const log = await openTestLog();
  const hub = await startHub({ log });
  const schedule = await runSchedule({
    ...{ log, group: 'schedule', commandsTopic: topics.scheduleCommands, scheduleTopic: topics.schedule },
    deliverTo: [topics.notifications, topics.progress],
    blocking: blockingWith(silentLogger, () => ({ code: 'internal', message: 'It failed.' })),
    clock: {
      now: () => Date.now() + aheadMs(),
      pause: (_ms, signal) => new Promise((resolve) => setTimeout(resolve, signal.aborted ? 0 : 5)),
    },
    onRefused: () => undefined,
    onError: () => undefined,
  });
  onTestFinished(() => schedule.stop());
  const client = new WireClient(hub.url);
  const { channelId } = await client.open();
  return { ...hub, log, client, channelId, schedule };
}

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test('a notification with a time comes then, once, with its id; one whose time has passed comes at once', async () => {
  let ahead = 0;
  const { url, client, channelId, schedule } = await start(() => ahead);
  const later = inHours(2);
  const batch = [
    { ...changed, data: 'later', deliverAt: later },
    { ...changed, data: 'past', deliverAt: inHours(-1) },
    { ...changed, data: 'progress', lane: 'progress', subject: 'other', deliverAt: inHours(1) },
    { ...changed, data: 'now' },
  ];
  const { status, eventIds } = await publishByHttp(url, channelId, batch, { key: 'one' });
  expect(status).toBe(202);
  const repeat = await publishByHttp(url, channelId, batch, { key: 'one' });
  expect(repeat).toMatchObject({ status: 202, eventIds, isReplayed: true });
  const got = () => client.notifications.map(({ data }) => data);
  await eventually(() => expect(got()).toEqual(['past', 'now']));
  await eventually(() => expect(schedule.waiting).toBe(2));
  ahead = 3 * 3_600_000;
  await eventually(() => expect(new Set(got())).toEqual(new Set(['past', 'now', 'progress', 'later'])));
  const delivered = client.notifications.find(({ data }) => data === 'later');
  expect(delivered).toMatchObject({ lane: 'durable', seq: 3, eventId: eventIds?.[0], at: later });
  expect(got()).toHaveLength(4);
});

test('a time that is no time, or too far ahead, is refused with its field, and nothing is published', async () => {
  const { url, channelId, log } = await start(() => 0);
  const publish = (deliverAt: unknown) => publishByHttp(url, channelId, [changed, { ...changed, deliverAt }]);
  const refused = { status: 400, code: 'invalid_request', field: '1.deliverAt' };
  expect(await publish('tomorrow')).toMatchObject(refused);
  expect(await publish(inHours(30 * 24 + 1))).toMatchObject(refused);
  expect((await publish(inHours(30 * 24 - 1))).status).toBe(202);
  expect(await readAll(log, topics.notifications)).toHaveLength(1);
});

test('no more may wait than fit into the memory of whoever runs the schedule', async () => {
  const log = await openTestLog();
  const { url } = await startHub({ log, scheduleLoad: { schedules: 199_999, bytes: 1 } });
  const { channelId } = await new WireClient(url).open();
  const delayed = { ...changed, deliverAt: inHours(1) };
  expect(await publishByHttp(url, channelId, delayed)).toMatchObject({ status: 202 });
  expect(await publishByHttp(url, channelId, [delayed, delayed])).toMatchObject({
    status: 503,
    code: 'unavailable',
  });
  expect(await publishByHttp(url, channelId, [changed, changed])).toMatchObject({ status: 202 });
});
