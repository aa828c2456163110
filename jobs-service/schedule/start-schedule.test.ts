import { scheduledNotificationKey } from '@tidings/contracts/notifications/scheduled-notification.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { decodeSchedule, moveSchedule, scheduleOnce } from '@tidings/event-log/schedule/schedule-records.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { cancelScheduledOf } from './cancel-scheduled.ts';
import { startSchedule } from './start-schedule.ts';

async function start(log: EventLog) {
  const registry = createRegistry({ processMetrics: false });
  const schedule = await startSchedule({ log, logger: silentLogger, registry });
  onTestFinished(() => schedule.stop());
  const folded = () =>
    eventually(async () => {
      const [end] = await log.endOffsets(topics.scheduleCommands);
      expect(await log.committedOffsets(consumerGroups.schedule, topics.scheduleCommands)).toEqual([end]);
    });
  return { ...schedule, registry, folded };
}

test('retention is on the schedule; a start that finds it there leaves its time alone, and a missed run is made up for', async () => {
  const log = await openTestLog();
  const first = await start(log);
  await first.folded();
  const waiting = async () =>
    (await readAll(log, topics.schedule)).map((record) => decodeSchedule(record)?.dueAt);
  const [dueAt] = await waiting();
  expect(new Date(dueAt ?? 0).getUTCMinutes()).toBe(17);
  await first.stop();
  const missed = Date.now() - 3_600_000;
  await log.append([moveSchedule(topics.scheduleCommands, 'retention', missed)]);
  const second = await start(log);
  await eventually(async () => expect(await readAll(log, topics.retentionRuns)).toHaveLength(1));
  await second.folded();
  expect((await waiting()).at(-1)).toBe(dueAt);
  expect(await second.registry.metrics()).toContain('tidings_schedule_waiting 1');
});

test('what is scheduled for the channels of an owner is cancelled, also what the schedule has not taken in yet', async () => {
  const log = await openTestLog();
  const tokens = createTokenAuthority({ authSecret: 'a'.repeat(32), supportToken: 's'.repeat(16) });
  const [mine, others] = [tokens.newChannelId('mira'), tokens.newChannelId('noor')];
  const inAnHour = Date.now() + 3_600_000;
  const schedule = (channelId: string, name: string) =>
    scheduleOnce(
      topics.scheduleCommands,
      scheduledNotificationKey(channelId, name),
      { topic: topics.notifications, key: channelId, value: Buffer.from(name) },
      inAnHour,
    );
  const first = await start(log);
  await log.append([schedule(mine, 'one'), schedule(others, 'kept')]);
  await first.folded();
  await first.stop();
  await log.append([schedule(mine, 'two')]);
  expect(await cancelScheduledOf({ log, tokens }, 'mira')).toBe(2);
  const second = await start(log);
  await second.folded();
  const left = new Map((await readAll(log, topics.schedule)).map(({ key, value }) => [key, value !== null]));
  const waiting = [...left].filter(([, isThere]) => isThere).map(([key]) => key);
  expect(waiting.sort()).toEqual([scheduledNotificationKey(others, 'kept'), 'retention'].sort());
});
