import { z } from 'zod';
import type { Event } from '../../event.ts';
import type { AcceptedNotifications } from '../../notifications/notification.ts';
import {
  type Lane,
  lanes,
  MAX_NOTIFICATION_DATA_BYTES,
  MAX_NOTIFICATION_DEPTH,
  MAX_NOTIFICATION_RECORD_BYTES,
  MAX_PUBLISHED_AT_ONCE,
  type Notification,
  OWN_TYPE_PREFIX,
  type PublishedNotification,
} from '../../notifications/notification.ts';
import { decodeEvent, type EventOrigin, MalformedEventError } from '../event.ts';
import { depthOf } from '../values/json-depth.ts';
import { schemaOf } from '../values/schema-of.ts';
import { lineSchema } from '../values/text.ts';

export const notificationSchema = schemaOf<Notification>()(
  z.object({
    channelId: z.string(),
    lane: z.enum(lanes),
    subject: z.string(),
    type: z.string(),
    version: z.int().optional(),
    epoch: z.string(),
    seq: z.int().optional(),
    at: z.iso.datetime(),
    final: z.boolean().optional(),
    data: z.unknown(),
    eventId: z.uuid().optional(),
    correlationId: z.uuid().optional(),
    causationId: z.uuid().optional(),
  }),
);

export const publishedNotificationSchema = schemaOf<PublishedNotification>()(
  z
    .strictObject({
      subject: lineSchema(255).min(1),
      type: lineSchema(100)
        .min(1)
        .refine((type) => !type.startsWith(OWN_TYPE_PREFIX), {
          error: `must not begin with \`${OWN_TYPE_PREFIX}\``,
        }),
      lane: z.enum(lanes).default('durable'),
      data: z.unknown(),
      version: z.int().min(0).optional(),
      final: z.boolean().optional(),
      deliverAt: z.iso.datetime({ offset: true }).optional(),
    })
    .refine((item) => item.data !== undefined, { path: ['data'], error: 'is missing' }),
);
export const publishedBatchSchema = z.array(publishedNotificationSchema).min(1).max(MAX_PUBLISHED_AT_ONCE);

/** By this factor, at most, a value grows when it is read and written as JSON again: `1e20` becomes 21 digits. */
const MAX_JSON_GROWTH = 6;

/**
 * Reads a record of `notifications` or `progress`. Any program may write to these topics. A record holds at least `type`, `subject` and
 * `data`; one beyond the bounds is malformed: the hub skips it, and it stops no partition.
 * @param origin gives what the record may leave out
 * @throws MalformedEventError
 */
export function decodeNotificationEvent(value: Uint8Array | null, lane: Lane, origin: EventOrigin): Event {
  if (value !== null && value.byteLength > MAX_NOTIFICATION_RECORD_BYTES) {
    throw new MalformedEventError(
      `${value.byteLength} bytes, where ${MAX_NOTIFICATION_RECORD_BYTES} are allowed`,
    );
  }
  if (value !== null && depthOf(value) > MAX_NOTIFICATION_DEPTH) {
    throw new MalformedEventError(`nested more than ${MAX_NOTIFICATION_DEPTH} deep`);
  }
  const event = decodeEvent(value, origin);
  if (event.data === undefined) throw new MalformedEventError('a notification without data');
  if (lane === 'progress') event.version ??= origin.version;
  const bytes = dataBytes(event, value?.byteLength ?? 0);
  if (bytes > MAX_NOTIFICATION_DATA_BYTES) {
    throw new MalformedEventError(`${bytes} bytes of data, where ${MAX_NOTIFICATION_DATA_BYTES} are allowed`);
  }
  return event;
}

/** Bytes of the data as clients get it; 0 where the record is so short that the data must fit. */
function dataBytes(event: Event, recordBytes: number): number {
  if (recordBytes * MAX_JSON_GROWTH <= MAX_NOTIFICATION_DATA_BYTES) return 0;
  return new TextEncoder().encode(JSON.stringify(event.data) ?? '').byteLength;
}

export const acceptedNotificationsSchema = schemaOf<AcceptedNotifications>()(
  z.object({ eventIds: z.array(z.uuid()) }),
);
