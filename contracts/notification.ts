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
export const MAX_NOTIFICATION_BYTES = 8 * 1024;

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

/**
 * Reads a record of `notifications` or `progress`.
 * @throws MalformedEventError
 */
export function decodeNotificationEvent(value: Uint8Array | null, lane: Lane): Event {
  const event = decodeEvent(value);
  if (lane === 'progress' && event.version === undefined) {
    throw new MalformedEventError('a progress notification without a version');
  }
  return event;
}
