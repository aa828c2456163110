/**
 * Notifications, and their bounds on the log (topics `notifications` and `progress`, key: the channel). They have two lanes:
 *
 * - `durable`: each has a `seq`, is kept in the channel's history, and reaches every client in order.
 * - `progress`: each is a progress snapshot, the whole state of its subject, and has a `version`. Only the newest of a subject
 *   counts; a slow client may miss the others.
 */

export const lanes = ['durable', 'progress'] as const;
export type Lane = (typeof lanes)[number];

/** Bytes of a notification's data in JSON, at most. */
export const MAX_NOTIFICATION_DATA_BYTES = 8 * 1024;
/** Bytes of the record that holds it, at most. */
export const MAX_NOTIFICATION_RECORD_BYTES = 16 * 1024;
/** Objects and arrays inside each other in the record, at most: to write deeper ones as JSON would overflow the stack. */
export const MAX_NOTIFICATION_DEPTH = 64;

/** Notifications that one request publishes, at most. */
export const MAX_PUBLISHED_AT_ONCE = 100;
/** Bytes of the body of such a request, at most. */
export const MAX_PUBLISH_BODY_BYTES = 1024 * 1024;
/** Milliseconds that a notification may be published ahead of its time, at most: 30 days. */
export const MAX_DELIVER_AHEAD_MS = 30 * 24 * 60 * 60 * 1000;
/** Types that begin so are told by Tidings itself. */
export const OWN_TYPE_PREFIX = 'import.';

/** The channel that support follows: it gets progress and outcome of every import. */
export const SUPPORT_CHANNEL = 'support';

export interface Notification {
  channelId: string;
  lane: Lane;
  subject: string;
  type: string;
  /** The version of the subject's state. A client drops a notification of an older version than it knows, in either lane. */
  version?: number;
  epoch: string;
  /** In the durable lane alone: the place in the channel's history, from 1. */
  seq?: number;
  /** ISO 8601, UTC. */
  at: string;
  /** The subject has ended: no progress of it follows. */
  final?: boolean;
  data: unknown;
  /** A UUID, the same at every delivery. This field and the next two are absent from notifications that earlier releases kept. */
  eventId?: string;
  /** The first event of the tree; of an import, `import.accepted`. */
  correlationId?: string;
  /** The event that led to this one. */
  causationId?: string;
}

/** An item of `POST /channels/{id}/notifications`. */
export interface PublishedNotification {
  subject: string;
  type: string;
  lane: Lane;
  data: unknown;
  /** Of the progress lane: where there is none, the offset of its record. */
  version?: number;
  final?: boolean;
  /** ISO 8601, at most 30 days ahead: the channel gets it then. A time that has passed is now. */
  deliverAt?: string;
}

/** The answer of `POST /channels/{id}/notifications`, in the order of the request. */
export interface AcceptedNotifications {
  eventIds: string[];
}
