/**
 * Finds the outcomes among the notifications, and makes a delivery of each for every endpoint of its owner that wants it. Position and deliveries are
 * one transaction, so that each outcome is one delivery, whatever crashes. The log keeps notifications for a day: a service that was away for less misses none.
 */
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { type WebhookBody, type WebhookType, webhookTypes } from '@tidings/contracts/owners/webhooks.ts';
import { decodeNotificationEvent } from '@tidings/contracts/schemas/notifications/notification.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import type {
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  PartitionProcessor,
} from '@tidings/event-log/event-log.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { encodeWebhookCommand } from './deliveries/delivery-records.ts';
import type { Endpoints } from './endpoints/endpoints.ts';

export interface OutcomesParts {
  readonly log: EventLog;
  readonly logger: Logger;
  readonly endpoints: Pick<Endpoints, 'catchUp' | 'ofOwnerBy'>;
}

export function followOutcomes({ log, logger, endpoints }: OutcomesParts): Promise<Consumer> {
  return log.process({
    group: consumerGroups.webhookOutcomes,
    topics: [topics.notifications],
    createProcessor: () => new OutcomesProcessor(endpoints),
    onError: (error, attempt) =>
      logger.error({ err: error, attempt }, 'making deliveries of outcomes failed; retrying'),
  });
}

/** An outcome of somebody's import. */
interface Outcome {
  readonly eventId: string;
  readonly correlationId: string;
  readonly owner: string;
  readonly type: WebhookType;
  readonly subject: string;
  readonly body: WebhookBody;
  /** When it was appended, by the log's clock. */
  readonly timestamp: number;
}

class OutcomesProcessor implements PartitionProcessor {
  readonly #endpoints: OutcomesParts['endpoints'];
  #waiting: NewRecord[] = [];

  constructor(endpoints: OutcomesParts['endpoints']) {
    this.#endpoints = endpoints;
  }

  async handle(records: readonly LogRecord[]): Promise<boolean> {
    const outcomes = records.map(outcomeOf).filter((outcome) => outcome !== null);
    if (outcomes.length === 0) return false;
    // An endpoint counts from its answer on, whichever instance has given that.
    await this.#endpoints.catchUp();
    for (const outcome of outcomes) this.#waiting.push(...this.#deliveriesOf(outcome));
    return this.#waiting.length > 0;
  }

  outputs(): readonly NewRecord[] {
    const outputs = this.#waiting;
    this.#waiting = [];
    return outputs;
  }

  #deliveriesOf({ owner, type, subject, eventId, correlationId, body, timestamp }: Outcome): NewRecord[] {
    const because = { causationId: eventId, correlationId, at: new Date().toISOString() };
    return this.#endpoints
      .ofOwnerBy(owner, timestamp)
      .filter(({ types }) => types.includes(type))
      .map(({ id }) =>
        encodeWebhookCommand(id, {
          type: 'add',
          delivery: {
            id: hashedUuid('webhook delivery', id, eventId),
            ...{ owner, type, subject, body: JSON.stringify(body) },
          },
          because,
        }),
      );
  }
}

/** null where the record is none. Support's channel has each once more. */
function outcomeOf({ key, value, topic, partition, offset, timestamp }: LogRecord): Outcome | null {
  if (key === SUPPORT_CHANNEL) return null;
  try {
    const event = decodeNotificationEvent(value, 'durable', {
      eventId: () => hashedUuid(topic, partition, offset),
      timestamp,
      version: offset,
    });
    const type = webhookTypes.find((known) => known === event.type);
    const { owner, subject, eventId, correlationId, occurredAt, data } = event;
    if (type === undefined || owner === undefined) return null;
    const body = { type, timestamp: occurredAt, data };
    return { eventId, correlationId, owner, type, subject, timestamp, body };
  } catch {
    // A stranger's record, which the hub skips as well.
    return null;
  }
}
