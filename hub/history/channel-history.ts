/**
 * The history of channels as a port: what lets a client that comes back know that it missed nothing.
 *
 * **Position.** A channel's durable notifications are numbered 1, 2, 3 … within an *epoch*, a random word that is another
 * one whenever the numbering begins anew (the history was lost, rebuilt, or thrown out). Epoch and sequence number together
 * are a position: a client that knows one can be told exactly what came after it, or that nobody knows any more.
 *
 * **Append.** Each record of the log is appended once to its channel; delivered again, it is found again under its old number.
 * Calls for one channel take effect in the order in which they were made, also when the caller does not wait.
 *
 * **Progress.** Per channel and subject the newest version is kept, until a notification of either lane says `final`.
 * What comes late, older than that end, is dropped; a newer version is a new beginning.
 *
 * **Atomic.** Every operation is one step: `open` sees all of an append or nothing of it, also with several hubs.
 *
 * **Bounds.** See `HistoryLimits`. Whatever is thrown out early shows: a position that can no longer be continued without
 * a gap is answered by `recovered: false`, never by a part.
 */
import type { Event } from '@tidings/contracts/event.ts';
import type { Lane, Notification } from '@tidings/contracts/notification.ts';

/** Where the log keeps an event: its identity, however often it is delivered. */
export interface LogPosition {
  readonly topic: string;
  /** Tells a topic from an earlier one of the same name. */
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where a record stands that is delivered by a group. */
export interface DeliveredPosition extends LogPosition {
  /** The group has everything of the partition behind it that stands before: a history that has less refuses. Default 0. */
  readonly after?: number;
}

export interface RecordedEvent {
  readonly event: Event;
  /** Milliseconds since 1970, of the log's clock. */
  readonly recordedAt: number;
  /** Of the event as recorded; counts towards the history's bound. */
  readonly bytes: number;
}

export interface Appended {
  /** As it goes to clients, with its `epoch` and `seq`. */
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
  /** In order, up to `seq`: what was missed, or, if not recovered, all that is kept. */
  readonly durable: readonly Notification[];
  /** The newest of each subject that has not ended. */
  readonly progress: readonly Notification[];
}

export interface HistoryLimits {
  /** Durable notifications kept per channel; the oldest leave. */
  readonly durablePerChannel: number;
  /** Subjects with live progress per channel, and as many ended ones remembered; the longest unchanged leave. */
  readonly subjectsPerChannel: number;
  /** Channels; the longest unused leave. */
  readonly channels: number;
  /** Bytes of recorded events over all channels; the longest unused channels leave. */
  readonly bytes: number;
  /** Milliseconds after which a notification, or a channel that nobody used, leaves. */
  readonly maxAgeMs: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  durablePerChannel: 256,
  subjectsPerChannel: 500,
  channels: 100_000,
  bytes: 256 * 1024 * 1024,
  maxAgeMs: 24 * 60 * 60 * 1000,
};

/** Errors of an engine say `retriable`; nothing was changed then. */
export interface ChannelHistory {
  /** Appends an event of the durable lane; null where it was delivered again and is no longer kept. */
  append(channelId: string, position: DeliveredPosition, recorded: RecordedEvent): Promise<Appended | null>;
  /**
   * Keeps an event of the progress lane as the newest of its subject; null where it is not newer than what is known.
   * An event without a version counts as version 0.
   */
  setProgress(channelId: string, recorded: RecordedEvent): Promise<Notification | null>;
  /** What to tell a client that knows a position, or, null, nothing. A channel not known yet begins here, at seq 0. */
  open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory>;
}

/** A notification without its place: the same for everyone who keeps it. */
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
