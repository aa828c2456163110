/**
 * Notifications: as they stand on the log (topics `notifications` and `progress`, key: the channel) and as they reach a
 * client.
 *
 * Two lanes. `durable`: has a `seq`, contiguous in its channel, never conflated, kept in the channel's history.
 * `progress`: has a `version`, the newest of a subject wins, and may be all that a slow reader sees.
 */
import { z } from 'zod';
import { decodeEvent, type Event, MalformedEventError } from './event.ts';

export const laneSchema = z.enum(['durable', 'progress']);
export type Lane = z.infer<typeof laneSchema>;

/** Bytes of a notification's data in JSON, at most. */
export const MAX_NOTIFICATION_DATA_BYTES = 8 * 1024;
/** Bytes of the record that holds it, at most. */
export const MAX_NOTIFICATION_RECORD_BYTES = 16 * 1024;
/** Objects and arrays that stand inside each other in the record, at most: writing deeper ones as JSON ends in a full stack. */
export const MAX_NOTIFICATION_DEPTH = 64;

/** The channel that support watches: progress and outcome of every import. */
export const SUPPORT_CHANNEL = 'support';

/** 128 random bits, base64url. */
export const channelIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

export const notificationSchema = z.object({
  channelId: z.string(),
  lane: laneSchema,
  subject: z.string(),
  type: z.string(),
  /** Of the subject's state: drop what is older than you know, in either lane. */
  version: z.int().optional(),
  epoch: z.string(),
  /** Durable lane only: the place in the channel's history, from 1. */
  seq: z.int().optional(),
  at: z.iso.datetime(),
  /** Nothing newer follows for this subject. */
  final: z.boolean().optional(),
  data: z.unknown(),
});
export type Notification = z.infer<typeof notificationSchema>;

/** Written as JSON again, a value grows by less than this: `1e20` becomes 21 digits. */
const MAX_JSON_GROWTH = 6;

/**
 * Reads a record of `notifications` or `progress`. Anyone may write to these topics, so whatever does not fit the bounds is
 * malformed: it is skipped, and can stop nobody.
 * @throws MalformedEventError
 */
export function decodeNotificationEvent(value: Uint8Array | null, lane: Lane): Event {
  if (value !== null && value.byteLength > MAX_NOTIFICATION_RECORD_BYTES) {
    throw new MalformedEventError(
      `${value.byteLength} bytes, where ${MAX_NOTIFICATION_RECORD_BYTES} are allowed`,
    );
  }
  if (value !== null && depthOf(value) > MAX_NOTIFICATION_DEPTH) {
    throw new MalformedEventError(`nested more than ${MAX_NOTIFICATION_DEPTH} deep`);
  }
  const event = decodeEvent(value);
  if (lane === 'progress' && event.version === undefined) {
    throw new MalformedEventError('a progress notification without a version');
  }
  const bytes = dataBytes(event, value?.byteLength ?? 0);
  if (bytes > MAX_NOTIFICATION_DATA_BYTES) {
    throw new MalformedEventError(`${bytes} bytes of data, where ${MAX_NOTIFICATION_DATA_BYTES} are allowed`);
  }
  return event;
}

/** How deep objects and arrays stand inside each other in JSON; of what is no JSON, some number. */
function depthOf(json: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index];
    if (inString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      depth -= 1;
    }
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Bytes of the data as it goes to clients; of a record that is too short to hold too much, only that it is not. */
function dataBytes(event: Event, recordBytes: number): number {
  if (recordBytes * MAX_JSON_GROWTH <= MAX_NOTIFICATION_DATA_BYTES) return 0;
  return new TextEncoder().encode(JSON.stringify(event.data) ?? '').byteLength;
}
