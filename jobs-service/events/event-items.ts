/** Reads the events of records as lists tell them: who, when and why, and no value of any cell. */
import type { EventEnvelope } from '@tidings/contracts/event.ts';
import type { EventItem } from '@tidings/contracts/imports/listed-events.ts';
import {
  WEBHOOK_ATTEMPT_TYPE,
  WEBHOOK_DELIVERY_TYPE,
  type WebhookAttempted,
} from '@tidings/contracts/owners/webhooks.ts';
import { decodeEvent, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { webhookCommandSchema } from '@tidings/contracts/schemas/owners/webhooks.ts';
import { CONTROL_TYPE_PREFIX } from '@tidings/contracts/schemas/services/control-event.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import { decodeControl, decodeNote } from '@tidings/event-log/control/control-records.ts';
import type { LogRecord } from '@tidings/event-log/event-log.ts';
import { PRODUCER_HEADER, serviceOf } from '@tidings/event-log/producer-name.ts';
import { decodeReply, decodeRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { decodeSchedule } from '@tidings/event-log/schedule/schedule-records.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import { z } from 'zod';
import { type AboutWork, aboutNote, aboutWork } from '../orders/orders.ts';

/** What lists tell of an event, besides who has written it. */
type ToldEvent = Pick<
  EventEnvelope,
  'eventId' | 'causationId' | 'correlationId' | 'type' | 'occurredAt' | 'subject' | 'owner' | 'causedBy'
> & { readonly data?: unknown };

export interface Told {
  readonly event: ToldEvent;
  readonly items: readonly EventItem[];
}

const aboutChunk = z.object({ chunk: z.int().min(0) });

/**
 * The event of a record, and before it the work that led to it, where only its report tells of it. null for a record that is no whole event: a
 * foreign program may leave its ids out, and then nothing ties it to others.
 * @param namesProcess whether the process is told, or its service alone
 */
export function readItems(record: LogRecord, namesProcess: boolean): Told | null {
  const event = eventOf(record);
  if (event === null) return null;
  const { eventId, causationId, correlationId, type, occurredAt, subject, causedBy } = event;
  const parsed = aboutChunk.safeParse(event.data);
  const about = { subject, ...(parsed.success ? { chunk: parsed.data.chunk } : {}) };
  const nameOf = (producer: string | undefined) =>
    producer === undefined || namesProcess ? (producer ?? null) : serviceOf(producer);
  const item = {
    ...{ eventId, causationId, correlationId, type, at: occurredAt },
    ...{ producer: nameOf(record.headers[PRODUCER_HEADER]), ...about },
  };
  if (causedBy === undefined) return { event, items: [item] };
  const work = {
    ...{ eventId: causationId, causationId: causedBy.causationId, correlationId },
    ...{ type: causedBy.type, at: causedBy.occurredAt, producer: nameOf(causedBy.producer), ...about },
  };
  return { event, items: [work, item] };
}

function eventOf(record: LogRecord): ToldEvent | null {
  try {
    switch (record.topic) {
      case topics.webhookDeliveries:
        return deliveryOf(record);
      case topics.control:
        return orderOf(record);
      case topics.schedule:
        return decodeEvent(decodeSchedule(record)?.record.value ?? null);
      case requestTopics.normal:
      case requestTopics.heavy:
        return requestOf(record);
      case requestTopics.replies:
        return replyOf(record);
      default:
        return decodeEvent(record.value);
    }
  } catch (error) {
    if (error instanceof MalformedEventError) return null;
    throw error;
  }
}

/** An outcome on its way to an endpoint, or an attempt at it. */
function deliveryOf({ value }: LogRecord): ToldEvent | null {
  const parsed = webhookCommandSchema.safeParse(readJson(value));
  if (!parsed.success) return null;
  if (parsed.data.type === 'attempted') return attemptOf(parsed.data);
  if (parsed.data.type !== 'add' || parsed.data.because === undefined) return null;
  const { delivery, because } = parsed.data;
  const { at: occurredAt, ...ids } = because;
  const { id: eventId, subject, owner } = delivery;
  return { eventId, ...ids, type: WEBHOOK_DELIVERY_TYPE, occurredAt, subject, owner };
}

/** An attempt that two instances have made is one. */
function attemptOf({ deliveryId, attempt, at, of }: WebhookAttempted): ToldEvent | null {
  if (of === undefined) return null;
  return {
    ...{ eventId: hashedUuid('webhook attempt', deliveryId, attempt), causationId: deliveryId, ...of },
    ...{ type: WEBHOOK_ATTEMPT_TYPE, occurredAt: new Date(at).toISOString() },
  };
}

/** What people have ordered, or did themselves. Earlier releases do not say which event it is. */
function orderOf(record: LogRecord): ToldEvent | null {
  const order = decodeControl(record) ?? decodeNote(record);
  if (order?.event === undefined) return null;
  const isOrder = 'target' in order;
  const { importId, chunk }: AboutWork = isOrder ? aboutWork(order.target) : aboutNote(order);
  const subject = importId ?? (isOrder ? order.target.key : order.subject.replace(/^.*?\//, ''));
  return {
    ...{ ...order.event, subject, occurredAt: timeOf(record) },
    ...{ type: `${CONTROL_TYPE_PREFIX}${order.action}`, data: { chunk } },
  };
}

/** The first event of its tree. */
function requestOf(record: LogRecord): ToldEvent | null {
  const request = decodeRequest(record);
  if (request === null) return null;
  const { requestId: eventId, service, method } = request;
  const ids = { eventId, causationId: eventId, correlationId: eventId };
  return { ...ids, type: 'service.requested', occurredAt: timeOf(record), subject: `${service}/${method}` };
}

function replyOf(record: LogRecord): ToldEvent | null {
  const reply = decodeReply(record);
  if (reply === null) return null;
  const { requestId } = reply;
  const eventId = hashedUuid('reply', requestId, record.partition, record.offset);
  const ids = { eventId, causationId: requestId, correlationId: requestId };
  return { ...ids, type: 'service.replied', occurredAt: timeOf(record), subject: String(reply.status) };
}

function timeOf({ timestamp }: LogRecord): string {
  return new Date(timestamp).toISOString();
}

function readJson(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(Buffer.from(value ?? []).toString());
  } catch {
    return null;
  }
}
