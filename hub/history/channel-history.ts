/**
 * The history of channels as a port. A client that comes back learns from the history what it has missed, or that this is not known.
 *
 * **Position.** A channel's durable notifications are numbered 1, 2, 3 … within an *epoch*, a random id that changes whenever the
 * numbering begins anew, because the history was lost, rebuilt or evicted. Epoch and sequence number together are a position: the
 * history returns exactly what came after a position, or says that it cannot.
 *
 * **Append.** Each record of the log is appended once to its channel; a record that is delivered again keeps its number.
 * Calls for one channel take effect in the order in which they were made, also when the caller does not wait.
 *
 * **Progress.** The newest version per channel and subject is kept, until a notification of either lane is `final`.
 * A version older than that end is dropped; a newer version begins the subject anew.
 *
 * **Atomic.** Every operation is atomic: `open` sees all of an append or nothing of it, also with several hubs.
 *
 * **Bounds.** See `HistoryLimits`. Eviction is never silent: a position that cannot be continued without a gap is answered with
 * `recovered: false`, and never with a part.
 */
import type { Event } from '@tidings/contracts/event.ts';
import type { Lane, Notification } from '@tidings/contracts/notifications/notification.ts';
import { NOTIFICATION_RETENTION_MS } from '@tidings/contracts/topics.ts';

/** Where an event stands in the log. Identifies the event, however often it is delivered. */
export interface LogPosition {
  readonly topic: string;
  /** Distinguishes a topic from a deleted one of the same name. */
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where a record stands that a consumer group delivers. */
export interface DeliveredPosition extends LogPosition {
  /** The position that the group has committed for the partition: a history that has not reached it refuses. Default 0. */
  readonly after?: number;
}

export interface RecordedEvent {
  readonly event: Event;
  /** Milliseconds since 1970, by the log's clock. */
  readonly recordedAt: number;
  /** Bytes of the record's value; count towards the history's limit. */
  readonly bytes: number;
}

export interface Appended {
  /** The notification as clients get it, with its `epoch` and `seq`. */
  readonly notification: Notification;
  /** false: the record was delivered again. */
  readonly added: boolean;
}

export interface HistoryPosition {
  readonly epoch: string;
  readonly seq: number;
}

export interface OpenedHistory extends HistoryPosition {
  /** Whether `durable` is everything after the position that was asked for. */
  readonly recovered: boolean;
  /** In order, up to `seq`: what was missed; where not recovered, all that is kept. */
  readonly durable: readonly Notification[];
  /** The newest progress of each subject that has not ended. */
  readonly progress: readonly Notification[];
}

export interface HistoryLimits {
  /** Durable notifications kept per channel; beyond, the oldest are dropped. */
  readonly durablePerChannel: number;
  /** Subjects with progress per channel, and as many ended subjects; beyond, the longest unchanged are dropped. */
  readonly subjectsPerChannel: number;
  /** Channels; beyond, the longest unused are dropped. */
  readonly channels: number;
  /** Bytes of records over all channels; beyond, the longest unused channels are dropped. */
  readonly bytes: number;
  /** Milliseconds after which a notification, or a channel that nobody uses, is dropped. */
  readonly maxAgeMs: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  durablePerChannel: 256,
  subjectsPerChannel: 500,
  channels: 100_000,
  bytes: 256 * 1024 * 1024,
  maxAgeMs: NOTIFICATION_RETENTION_MS,
};

/** An engine's errors are retriable; a call that rejects has changed nothing, or what it changed counts as delivered again. */
export interface ChannelHistory {
  /** Appends an event of the durable lane. Resolves with null where the event was delivered again and is no longer kept. */
  append(channelId: string, position: DeliveredPosition, recorded: RecordedEvent): Promise<Appended | null>;
  /**
   * Keeps an event of the progress lane as the newest of its subject. Resolves with null where the event is not newer. The newest, or the
   * end, that is delivered again is no older one: nobody may have been sent it. An event without a version counts as version 0.
   */
  setProgress(channelId: string, recorded: RecordedEvent): Promise<Appended | null>;
  /** Returns what a client that knows a position lacks; null: it knows none. A channel that is new begins here, at seq 0. */
  open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory>;
  /** Opens a channel whose name was drawn just now, so that nobody can have written to it: like `open`, for less. */
  begin(channelId: string): Promise<OpenedHistory>;
  /** Returns where channels stand, in their order; null: it does not know the channel. Counts as a use of those that it knows. */
  positionsOf(channelIds: readonly string[]): Promise<(HistoryPosition | null)[]>;
}

/** A notification without its position: the same in every history. Owner and trace of the event stay behind. */
export function toNotificationBody(channelId: string, lane: Lane, event: Event): Omit<Notification, 'epoch'> {
  return {
    channelId,
    lane,
    subject: event.subject,
    type: event.type,
    ...(event.version === undefined ? {} : { version: event.version }),
    at: event.occurredAt,
    ...(event.final === undefined ? {} : { final: event.final }),
    data: event.data,
    eventId: event.eventId,
    correlationId: event.correlationId,
    causationId: event.causationId,
  };
}
