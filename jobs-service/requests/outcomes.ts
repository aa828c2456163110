/**
 * Tells a channel that a request has its answer. Such a request carries the channel in its correlation id, which every reply repeats; of a
 * reply that does not, the watch of its request knows it. The jobs services share the reading of all replies, so a notification is not lost
 * with the instance that took the request.
 * Of several replies the first one on the log is told, once: the notification and the position behind the reply are one transaction.
 */

import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { consumerGroups, requestTopics, topics } from '@tidings/contracts/topics.ts';
import type { Consumer, EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { decodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { FirstReplies } from './first-replies.ts';
import { type KnownRequest, publicRequestId } from './request-ids.ts';
import { type WatchedRequests, watchEnded } from './watched-requests.ts';

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

/** null where it names no channel. */
function decodeAddress(correlationId: string | undefined): OutcomeAddress | null {
  const [, deadline, ownerKey, channelId] = ADDRESS.exec(correlationId ?? '') ?? [];
  if (deadline === undefined || ownerKey === undefined || channelId === undefined) return null;
  return { deadline: Number.parseInt(deadline, 36), ownerKey, channelId };
}

export interface OutcomeParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
  readonly watched: Pick<WatchedRequests, 'addressOf' | 'catchUp'>;
}

/** Resolves when replies are read. */
export function tellOutcomes({ log, tags, logger, watched }: OutcomeParts): Promise<Consumer> {
  return log.process({
    group: consumerGroups.requestOutcomes,
    topics: [requestTopics.replies],
    createProcessor: () => {
      const first = new FirstReplies(log);
      let waiting: NewRecord[] = [];
      return {
        async handle(records) {
          // The watch of a request stands on the log before its reply, and may not have been read yet.
          if (records.some(isUnaddressed)) await watched.catchUp();
          for (const record of records) waiting.push(...(await outcomeOf({ tags, first, watched }, record)));
          return waiting.length > 0;
        },
        outputs() {
          const outputs = waiting;
          waiting = [];
          return outputs;
        },
      };
    },
    onError: (error) => logger.warn({ err: error }, 'notifying of outcomes of requests failed; retrying'),
  });
}

/** Whether it does not repeat its request's correlation id, which is the id of the request where no channel was named. */
function isUnaddressed({ headers }: LogRecord): boolean {
  const correlationId = headers['correlation-id'];
  return correlationId !== headers['request-id'] && decodeAddress(correlationId) === null;
}

interface Telling extends Pick<OutcomeParts, 'tags' | 'watched'> {
  readonly first: FirstReplies;
}

/** None where nobody wants to be told, or was told already. */
async function outcomeOf(
  { tags, first, watched }: Telling,
  record: LogRecord,
): Promise<readonly NewRecord[]> {
  const reply = decodeReply(record);
  if (reply === null) return [];
  const correlationId = isUnaddressed(record)
    ? watched.addressOf(reply.requestId)?.correlationId
    : record.headers['correlation-id'];
  const address = decodeAddress(correlationId);
  if (address === null) {
    first.pass(reply.requestId);
    return [];
  }
  if (!(await first.isFirst(reply.requestId, record))) return [];
  return [outcome(tags, address, reply.requestId, reply.status), watchEnded(reply.requestId)];
}

/**
 * As callers see it: 202 would say that there is no answer yet, and 304 that they hold it already, though no condition reaches a worker.
 * Workers by HTTP are refused both, those on Kafka can append them.
 */
export function answerStatus(status: number): number {
  return status === 202 || status === 304 ? 200 : status;
}

/** A durable notification. */
function outcome(
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
    data: { requestId: id, status: answerStatus(status) },
    cause: { eventId: requestId, correlationId: requestId, traceparent: '' },
    eventId: hashedUuid('request outcome', requestId),
  });
  return { topic: topics.notifications, key: channelId, value: encodeEvent(event) };
}
