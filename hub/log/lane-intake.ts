/** Decodes the records of one lane's topic, puts them into the history, and returns the notifications for the listeners. */

import type { Lane, Notification } from '@tidings/contracts/notifications/notification.ts';
import { type EventOrigin, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { decodeNotificationEvent } from '@tidings/contracts/schemas/notifications/notification.ts';
import { lineSchema } from '@tidings/contracts/schemas/values/text.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { ChannelHistory, LogPosition, RecordedEvent } from '../history/channel-history.ts';
import type { KeptRecord } from '../history/redis-bulk-append.ts';
import type { HubMetrics } from '../metrics.ts';

/** Milliseconds between two log lines about skipped records; each line has their number. */
const REPORT_EVERY_MS = 10_000;

/** A record's key is the name of a channel: at most 64 characters. */
const channelNameSchema = lineSchema(64).min(1);

/** The order in which the lanes of a history are filled: the end of a subject in the durable lane ends its progress. */
export const FILLED_LANES: readonly Lane[] = ['progress', 'durable'];

export interface IntakeParts {
  readonly history: ChannelHistory;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

export function topicOf(lane: Lane): string {
  return lane === 'durable' ? topics.notifications : topics.progress;
}

export class LaneIntake {
  readonly topic: string;
  readonly lane: Lane;
  readonly #parts: IntakeParts;
  #incarnation = '';
  /** Records skipped since the last log line. */
  #skipped = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(lane: Lane, parts: IntakeParts) {
    this.topic = topicOf(lane);
    this.lane = lane;
    this.#parts = parts;
  }

  /** Call it before the first record. Rejects with the log's errors. */
  async prepare(log: EventLog): Promise<void> {
    this.#incarnation = (await log.describeTopic(this.topic)).incarnation;
  }

  /** A partition of the topic, as positions name it. */
  partitionOf(partition: number): Omit<LogPosition, 'offset'> {
    return { topic: this.topic, incarnation: this.#incarnation, partition };
  }

  /**
   * Resolves with the notification for the listeners; null where there is none. Rejects with the history's errors.
   * @param after the position that the consumer group has committed for the partition
   */
  async receive(record: LogRecord, after = 0): Promise<Notification | null> {
    const recorded = this.decode(record);
    if (recorded === null) return null;
    return this.lane === 'durable'
      ? this.#append(record, recorded, after)
      : this.setProgress(record.key, recorded);
  }

  /** Appends all records that are notifications. @param append resolves with how many it has added; its errors are passed on */
  async appendAll(
    records: readonly LogRecord[],
    append: (kept: readonly KeptRecord[]) => Promise<number>,
  ): Promise<void> {
    const kept = records.flatMap((record) => {
      const recorded = this.decode(record);
      return recorded === null ? [] : [{ channelId: record.key, offset: record.offset, recorded }];
    });
    const added = await append(kept);
    const { received } = this.#parts.metrics;
    received.inc({ lane: this.lane, outcome: 'accepted' }, added);
    received.inc({ lane: this.lane, outcome: 'repeated' }, kept.length - added);
  }

  async setProgress(channelId: string, recorded: RecordedEvent): Promise<Notification | null> {
    const { history, metrics } = this.#parts;
    const set = await history.setProgress(channelId, recorded);
    const outcome = set === null ? 'stale' : set.added ? 'accepted' : 'repeated';
    metrics.received.inc({ lane: this.lane, outcome });
    return set?.notification ?? null;
  }

  /** Of the progress in a batch, only the newest of each subject counts. */
  newestOf(records: readonly LogRecord[]): { channelId: string; recorded: RecordedEvent }[] {
    const newest = new Map<string, { channelId: string; recorded: RecordedEvent }>();
    for (const record of records) {
      const recorded = this.decode(record);
      if (recorded === null) continue;
      const subject = JSON.stringify([record.key, recorded.event.subject]);
      const known = newest.get(subject)?.recorded.event.version ?? -1;
      if (newest.has(subject)) this.#parts.metrics.received.inc({ lane: this.lane, outcome: 'stale' });
      if ((recorded.event.version ?? 0) > known) newest.set(subject, { channelId: record.key, recorded });
    }
    return [...newest.values()];
  }

  /** Returns null, counts and logs where the record holds no notification. */
  decode(record: LogRecord): RecordedEvent | null {
    try {
      if (!channelNameSchema.safeParse(record.key).success)
        throw new MalformedEventError('the key is no channel');
      const event = decodeNotificationEvent(record.value, this.lane, this.#originOf(record));
      return { event, recordedAt: record.timestamp, bytes: record.value?.byteLength ?? 0 };
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      const { topic, partition, offset } = record;
      this.#parts.metrics.received.inc({ lane: this.lane, outcome: 'malformed' });
      this.#report({ topic, partition, offset, reason: error.message });
      return null;
    }
  }

  #originOf({ partition, offset, timestamp }: LogRecord): EventOrigin {
    const eventId = () => hashedUuid(this.topic, this.#incarnation, partition, offset);
    return { eventId, timestamp, version: offset };
  }

  /** Bounded in time: anyone may write to the topic, and must not be able to fill the hub's log. */
  #report(skipped: { topic: string; partition: number; offset: number; reason: string }): void {
    this.#skipped += 1;
    const now = this.#parts.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#parts.logger.warn({ ...skipped, skipped: this.#skipped }, 'record skipped; not a notification');
    this.#reportedAt = now;
    this.#skipped = 0;
  }

  observeDelay(records: readonly LogRecord[]): void {
    const now = this.#parts.now();
    for (const { timestamp } of records)
      this.#parts.metrics.delay.observe(Math.max(0, now - timestamp) / 1000);
  }

  async #append(record: LogRecord, recorded: RecordedEvent, after: number): Promise<Notification | null> {
    const { history, metrics } = this.#parts;
    const position = { ...this.partitionOf(record.partition), offset: record.offset, after };
    const appended = await history.append(record.key, position, recorded);
    metrics.received.inc({ lane: this.lane, outcome: appended?.added ? 'accepted' : 'repeated' });
    return appended?.notification ?? null;
  }
}

export function valueBytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0);
}
