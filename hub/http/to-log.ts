/** Sends along the flow: what services publish by HTTP, to the topics of both lanes, or to the schedule. */
import type { Event } from '@tidings/contracts/event.ts';
import type { Lane, PublishedNotification } from '@tidings/contracts/notifications/notification.ts';
import { scheduledNotificationKey } from '@tidings/contracts/notifications/scheduled-notification.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { scheduleOnce } from '@tidings/event-log/schedule/schedule-records.ts';
import { topicOf } from '../log/lane-intake.ts';

/** Progress goes first, so that a durable end of its subject follows it. */
const laneOrder = ['progress', 'durable'] as const satisfies readonly Lane[];

interface ToPublish {
  readonly lane: Lane;
  readonly event: Event;
  /** Milliseconds since 1970; null: now. */
  readonly dueAt: number | null;
}

/**
 * Resolves with the ids of the events, in the order given, when all are durable; those of a lane keep their order. Rejects with the log's
 * errors; some may stand there then.
 * @param eventIds default: new ones
 */
export async function appendPublished(
  log: Pick<EventLog, 'append'>,
  channelId: string,
  published: readonly PublishedNotification[],
  eventIds: readonly string[] = [],
): Promise<string[]> {
  const now = Date.now();
  const all = published.map((one, index) => toPublish(one, eventIds[index], now));
  for (const lane of laneOrder) {
    const records = all
      .filter((one) => one.lane === lane && one.dueAt === null)
      .map((one) => toRecord(channelId, one));
    if (records.length > 0) await log.append(records);
  }
  const later = all.flatMap((one) => {
    if (one.dueAt === null) return [];
    const key = scheduledNotificationKey(channelId, one.event.eventId);
    return [scheduleOnce(topics.scheduleCommands, key, toRecord(channelId, one), one.dueAt)];
  });
  if (later.length > 0) await log.append(later);
  return all.map(({ event }) => event.eventId);
}

function toPublish(
  { lane, deliverAt, ...fields }: PublishedNotification,
  eventId: string | undefined,
  now: number,
): ToPublish {
  const time = deliverAt === undefined ? now : Date.parse(deliverAt);
  const dueAt = time > now ? time : null;
  return { lane, dueAt, event: createEvent({ ...fields, eventId, occurredAt: Math.max(time, now) }) };
}

function toRecord(channelId: string, { lane, event }: ToPublish): NewRecord & { readonly value: Uint8Array } {
  return { topic: topicOf(lane), key: channelId, value: encodeEvent(event) };
}
