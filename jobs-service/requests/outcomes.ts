/**
 * Tells a channel that a request has its answer. Such a request carries the channel in its correlation id, which every reply repeats. The
 * jobs services share the reading of all replies, so a notification is not lost with the instance that took the request.
 */

import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, requestTopics, topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { decodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type KnownRequest, publicRequestId } from './request-ids.ts';

/** The channel to tell, and what the caller's id of the request is made of. */
export interface OutcomeAddress {
  readonly channelId: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** As of `ownerKey`. */
  readonly ownerKey: string;
}

const ADDRESS = /^notify\.([0-9a-z]{1,11})\.([\w-]{1,22})\.([\w-]{36})$/;
/** The type of the notification, whose data are `{requestId, status}`. */
const TYPE = 'request.answered';

/** Returns a correlation id of 79 characters at most. */
export function encodeAddress({ channelId, deadline, ownerKey }: OutcomeAddress): string {
  return `notify.${deadline.toString(36)}.${ownerKey}.${channelId}`;
}

function decodeAddress(correlationId: string | undefined): OutcomeAddress | null {
  const [, deadline, ownerKey, channelId] = ADDRESS.exec(correlationId ?? '') ?? [];
  if (deadline === undefined || ownerKey === undefined || channelId === undefined) return null;
  return { deadline: Number.parseInt(deadline, 36), ownerKey, channelId };
}

export interface OutcomeParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
}

/** Resolves when replies are read. */
export function notifyOutcomes({ log, tags, logger }: OutcomeParts): Promise<Consumer> {
  return log.consume({
    group: consumerGroups.requestOutcomes,
    topics: [requestTopics.replies],
    handler: async (records) => {
      const notifications = records.map((record) => outcomeOf(tags, record)).filter((one) => one !== null);
      if (notifications.length > 0) await log.append(notifications);
    },
    onError: (error) => logger.warn({ err: error }, 'outcomes of requests are told later'),
  });
}

/** null where nobody wants to be told, or was told already that the deadline has passed. */
function outcomeOf(tags: Tags, record: LogRecord): NewRecord | null {
  const address = decodeAddress(record.headers['correlation-id']);
  const reply = decodeReply(record);
  if (address === null || reply === null || record.timestamp > address.deadline) return null;
  return outcome(tags, address, reply.requestId, reply.status);
}

/** A durable notification, the same for each reply to the request. */
export function outcome(
  tags: Tags,
  { channelId, deadline, ownerKey }: OutcomeAddress,
  requestId: KnownRequest['requestId'],
  status: number,
): NewRecord {
  const id = publicRequestId(tags, { requestId, deadline }, ownerKey);
  const event = createEvent({
    type: TYPE,
    subject: id,
    final: true,
    data: { requestId: id, status },
    eventId: hashedUuid('request outcome', requestId),
  });
  return { topic: topics.notifications, key: channelId, value: encodeEvent(event) };
}
