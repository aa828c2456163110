/** What the log alone keeps of an owner, as lines of the export. Secrets of webhooks are left out: they are encrypted, and nobody's data. */
import { channelOfScheduled } from '@tidings/contracts/notifications/scheduled-notification.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { decodeSchedule } from '@tidings/event-log/schedule/schedule-records.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { newestRecords } from './newest-records.ts';
import { deliveriesOf, endpointsOf } from './webhooks-of-owner.ts';

export interface LoggedOwnerParts {
  readonly log: Pick<EventLog, 'read'>;
  readonly tokens: Pick<TokenAuthority, 'mayPublish'>;
}

type Line = Readonly<Record<string, unknown>>;

export async function* linesFromLog({ log, tokens }: LoggedOwnerParts, owner: string): AsyncGenerator<Line> {
  for await (const { id, url, types, createdAt } of endpointsOf(log, owner))
    yield { kind: 'webhook', id, url, types, createdAt };
  for await (const delivery of deliveriesOf(log, owner)) {
    const { id, endpointId, type, subject, status, attempts, lastAnswer, body } = delivery;
    const times = { createdAt: toTime(delivery.createdAt), lastAttemptAt: toTime(delivery.lastAttemptAt) };
    yield {
      kind: 'webhookDelivery',
      id,
      endpointId,
      type,
      subject,
      status,
      ...times,
      attempts,
      lastAnswer,
      body,
    };
  }
  const prefix = `${owner}/`;
  const isListed = ({ key }: { readonly key: string }) =>
    key.lastIndexOf('/') + 1 === prefix.length && key.startsWith(prefix);
  for await (const { key, timestamp } of newestRecords(log, topics.ownerChannels, isListed))
    yield { kind: 'channel', channelId: key.slice(prefix.length), createdAt: toTime(timestamp) };
  yield* scheduledLines({ log, tokens }, owner);
}

async function* scheduledLines({ log, tokens }: LoggedOwnerParts, owner: string): AsyncGenerator<Line> {
  const publisher = { kind: 'publisher', owner, channelId: null } as const;
  const isTheirs = ({ key }: { readonly key: string }) => {
    const channelId = channelOfScheduled(key);
    return channelId !== null && tokens.mayPublish(publisher, channelId);
  };
  for await (const record of newestRecords(log, topics.schedule, isTheirs)) {
    const schedule = decodeSchedule(record);
    if (schedule === null) continue;
    const notification = Buffer.from(schedule.record.value).toString();
    const channelId = channelOfScheduled(record.key);
    yield { kind: 'scheduledNotification', channelId, deliverAt: toTime(schedule.dueAt), notification };
  }
}

function toTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
