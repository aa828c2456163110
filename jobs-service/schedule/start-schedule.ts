/**
 * Runs the installation's schedule: the members of one group, one of which has it, deliver what is due. On it stand the removal of old details, and the
 * notifications that were published ahead of their times.
 */
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type { ErrorSummary } from '@tidings/event-log/error-summary.ts';
import type { Consumer, EventLog } from '@tidings/event-log/event-log.ts';
import { runSchedule } from '@tidings/event-log/schedule/run-schedule.ts';
import { scheduleEvery } from '@tidings/event-log/schedule/schedule-records.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, Gauge, Histogram, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { repeatedly } from '../repeatedly.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Once an hour. While nobody ran it, it was due once, and runs at the next start. */
const RETENTION_EVERY = { cron: '17 * * * *', timeZone: 'UTC' };
const RETENTION_KEY = 'retention';

export interface ScheduleParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly registry: Registry;
}

/** Resolves once it runs, and knows when old details are to be removed. */
export async function startSchedule({ log, logger, registry }: ScheduleParts): Promise<Consumer> {
  const metrics = createMetrics(registry, () => running.waiting);
  const running = await runSchedule({
    ...{ log, group: consumerGroups.schedule },
    ...{ commandsTopic: topics.scheduleCommands, scheduleTopic: topics.schedule },
    deliverTo: [topics.notifications, topics.progress, topics.retentionRuns],
    blocking: blockingWith(logger, describeFailure),
    onRun: (_key, lateMs) => metrics.late.observe(lateMs / 1000),
    onRefused: (key, { topic }) => {
      metrics.refused.inc();
      logger.error(
        { key, topic },
        'a scheduled record is not delivered: nothing may be scheduled for its topic',
      );
    },
    onError: (error) => logger.error({ err: error }, 'the schedule failed; retrying'),
  });
  const purging = repeatedly(
    HOUR_MS,
    async () => void (await log.purge(topics.scheduleCommands, consumerGroups.schedule)),
    (error) => logger.warn({ err: error }, 'commands of the schedule not purged; the next hour tries again'),
  );
  try {
    await log.append([scheduleRetention()]);
  } catch (error) {
    await Promise.all([purging.stop(), running.stop()]);
    throw error;
  }
  return { stop: async () => void (await Promise.all([purging.stop(), running.stop()])) };
}

function scheduleRetention() {
  const record = { topic: topics.retentionRuns, key: RETENTION_KEY, value: new Uint8Array() };
  return scheduleEvery(topics.scheduleCommands, RETENTION_KEY, record, RETENTION_EVERY);
}

function describeFailure(): ErrorSummary {
  return {
    code: 'internal',
    message: 'The command of the schedule cannot be read: a later release wrote it.',
  };
}

function createMetrics(registry: Registry, waiting: () => number) {
  const registers = [registry];
  new Gauge({
    name: 'tidings_schedule_waiting',
    help: 'Schedules that wait for their times in this process; where several processes run, one has them',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  return {
    late: new Histogram({
      name: 'tidings_schedule_late_seconds',
      help: 'How much later than due a schedule was found to be due',
      buckets: [0.1, 0.5, 1, 2, 5, 15, 60, 600, 3_600],
      registers,
    }),
    refused: new Counter({
      name: 'tidings_schedule_refused_total',
      help: 'Scheduled records that were not delivered, because their topic takes none: an alarm',
      registers,
    }),
  };
}
