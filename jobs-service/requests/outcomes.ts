/**
 * Tells a channel that a request has its answer. Such a request carries the channel in its correlation id, which every reply repeats. The
 * jobs services share the reading of all replies, so a notification is not lost with the instance that took the request.
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
import { watchEnded } from './watched-requests.ts';

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

/** null where the reply's caller has named no channel. */
function addressOf({ headers }: Pick<LogRecord, 'headers'>): OutcomeAddress | null {
  const [, deadline, ownerKey, channelId] = ADDRESS.exec(headers['correlation-id'] ?? '') ?? [];
  if (deadline === undefined || ownerKey === undefined || channelId === undefined) return null;
  return { deadline: Number.parseInt(deadline, 36), ownerKey, channelId };
}

export interface OutcomeParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
}

/** Resolves when replies are read. */
export function tellOutcomes({ log, tags, logger }: OutcomeParts): Promise<Consumer> {
  return log.process({
    group: consumerGroups.requestOutcomes,
    topics: [requestTopics.replies],
    createProcessor: () => {
      const first = new FirstReplies(log);
      let waiting: NewRecord[] = [];
      return {
        async handle(records) {
          for (const record of records) waiting.push(...(await outcomeOf(tags, first, record)));
          return waiting.length > 0;
        },
        outputs() {
          const outputs = waiting;
          waiting = [];
          return outputs;
        },
      };
    },
    onError: (error) => logger.warn({ err: error }, 'outcomes of requests are told later'),
  });
}

/** None where nobody wants to be told, or was told already. */
async function outcomeOf(tags: Tags, first: FirstReplies, record: LogRecord): Promise<readonly NewRecord[]> {
  const reply = decodeReply(record);
  if (reply === null) return [];
  const address = addressOf(record);
  if (address === null) {
    first.pass(reply.requestId);
    return [];
  }
  if (!(await first.isFirst(reply.requestId, record))) return [];
  return [outcome(tags, address, reply.requestId, reply.status), watchEnded(reply.requestId)];
}

/** As callers see it: 202 would say that there is no answer yet. Workers by HTTP are refused it, those on Kafka can append it. */
export function answerStatus(status: number): number {
  return status === 202 ? 200 : status;
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
    eventId: hashedUuid('request outcome', requestId),
  });
  return { topic: topics.notifications, key: channelId, value: encodeEvent(event) };
}
