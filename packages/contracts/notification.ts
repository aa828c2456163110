/**
 * Notifications: as they stand on the log (topics `notifications` and `progress`, key: the channel) and as they reach a
 * client.
 *
 * Two lanes. `durable`: has a `seq`, contiguous in its channel, never conflated, kept in the channel's history.
 * `progress`: has a `version`, the newest of a subject wins, and may be all that a slow reader sees.
 */

export const lanes = ['durable', 'progress'] as const;
export type Lane = (typeof lanes)[number];

/** Bytes of a notification's data in JSON, at most. */
export const MAX_NOTIFICATION_DATA_BYTES = 8 * 1024;
/** Bytes of the record that holds it, at most. */
export const MAX_NOTIFICATION_RECORD_BYTES = 16 * 1024;
/** Objects and arrays that stand inside each other in the record, at most: writing deeper ones as JSON ends in a full stack. */
export const MAX_NOTIFICATION_DEPTH = 64;

/** The channel that support watches: progress and outcome of every import. */
export const SUPPORT_CHANNEL = 'support';

export interface Notification {
  channelId: string;
  lane: Lane;
  subject: string;
  type: string;
  /** Of the subject's state: drop what is older than you know, in either lane. */
  version?: number;
  epoch: string;
  /** Durable lane only: the place in the channel's history, from 1. */
  seq?: number;
  /** ISO 8601, UTC. */
  at: string;
  /** The subject has ended: no progress of it follows. */
  final?: boolean;
  data: unknown;
  /** Names the event, the same however often it is delivered; a UUID. */
  eventId?: string;
  /** The first event of the tree: of an import, its acceptance. */
  correlationId?: string;
  /** The event that led to this one. */
  causationId?: string;
}
