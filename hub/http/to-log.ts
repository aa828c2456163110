/** Sends along the flow: what services publish by HTTP, to the topics of both lanes. */
import type { Lane, PublishedNotification } from '@tidings/contracts/notification.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { topicOf } from '../log/lane-intake.ts';

/** Progress goes first, so that a durable end of its subject follows it. */
const laneOrder = ['progress', 'durable'] as const satisfies readonly Lane[];

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
  const events = published.map(({ lane, ...fields }, index) => ({
    lane,
    event: createEvent({ ...fields, eventId: eventIds[index] }),
  }));
  for (const lane of laneOrder) {
    const records = events
      .filter((one) => one.lane === lane)
      .map(({ event }) => ({ topic: topicOf(lane), key: channelId, value: encodeEvent(event) }));
    if (records.length > 0) await log.append(records);
  }
  return events.map(({ event }) => event.eventId);
}
