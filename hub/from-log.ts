/**
 * Receives along the flow: both lanes from the log, into the history and on to the sockets.
 *
 * A history in memory begins empty, so the hub first reads what the log still holds, to the end, and then goes on from exactly
 * there: nothing lies between the two. Every hub reads for itself; no position is kept anywhere.
 */

import { MalformedEventError } from '../contracts/event.ts';
import { decodeNotificationEvent, type Lane, type Notification } from '../contracts/notification.ts';
import { NOTIFICATION_RETENTION_MS, topics } from '../contracts/topics.ts';
import { type EventLog, EventLogError, type LogRecord, type ReadFrom } from '../event-log/event-log.ts';
import type { Logger } from '../service-kit/logging.ts';
import type { ChannelHistory, RecordedEvent } from './channel-history.ts';
import type { HubMetrics } from './metrics.ts';
import type { Listeners } from './to-browser.ts';

/** Longest accepted key: no channel has a longer name. */
const MAX_CHANNEL_LENGTH = 64;
/** Milliseconds of the pause after a failure; doubled with each one in a row, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export interface LogParts {
  readonly log: EventLog;
  readonly history: ChannelHistory;
  readonly listeners: Listeners;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

/** One lane's topic, followed from what is kept of it into the future. */
export class LaneReader {
  readonly #lane: Lane;
  readonly #topic: string;
  readonly #parts: LogParts;
  readonly #stopping = new AbortController();
  #incarnation = '';
  /** By partition: the offset from which to go on. */
  #next: number[] = [];
  /** Delays say nothing about history. */
  #isFollowing = false;
  #following: Promise<void> = Promise.resolve();

  constructor(lane: Lane, parts: LogParts) {
    this.#lane = lane;
    this.#topic = lane === 'durable' ? topics.notifications : topics.progress;
    this.#parts = parts;
  }

  /** Reads to the end of what the log holds. Rejects with the log's errors; may then be called again. */
  async catchUp(): Promise<void> {
    const { log, now } = this.#parts;
    this.#incarnation = (await log.describeTopic(this.#topic)).incarnation;
    // What is appended while the history is read may or may not be part of it; below these offsets, all of it is.
    this.#next = await log.endOffsets(this.#topic);
    await this.#readOn({ timestamp: now() - NOTIFICATION_RETENTION_MS }, false);
  }

  /** Goes on from where `catchUp` ended, through failures of the log, until stopped. */
  follow(): void {
    this.#isFollowing = true;
    this.#following = this.#followForever();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #followForever(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopping.signal.aborted) {
      const before = this.#next.join();
      try {
        await this.#readOn({ offsets: this.#next }, true);
      } catch (error) {
        if (
          this.#stopping.signal.aborted ||
          (error instanceof EventLogError && error.code === 'log_closed')
        ) {
          return;
        }
        this.#parts.logger.error({ err: error, topic: this.#topic }, 'reading failed; trying again');
      }
      if (this.#next.join() !== before) pause = FIRST_PAUSE_MS;
      await this.#pause(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  async #readOn(from: ReadFrom, follow: boolean): Promise<void> {
    const batches = this.#parts.log.read({ topic: this.#topic, from, follow })[Symbol.asyncIterator]();
    const leave = () => void batches.return?.();
    this.#stopping.signal.addEventListener('abort', leave, { once: true });
    try {
      for (;;) {
        const batch = await batches.next();
        if (batch.done === true) return;
        await this.#receiveBatch(batch.value);
      }
    } finally {
      this.#stopping.signal.removeEventListener('abort', leave);
      await batches.return?.();
    }
  }

  /** The position moves when the whole batch is in the history: after a failure it comes again, under the same numbers. */
  async #receiveBatch(records: readonly LogRecord[]): Promise<void> {
    const { listeners } = this.#parts;
    const kept = await Promise.all(records.map((record) => this.#keep(record)));
    for (const notification of kept) if (notification !== null) listeners.send(notification);
    if (this.#isFollowing && this.#lane === 'durable') this.#observeDelay(records);
    const last = records.at(-1);
    if (last === undefined) return;
    this.#next[last.partition] = Math.max(this.#next[last.partition] ?? 0, last.offset + 1);
  }

  /** What listeners are to be told of a record, if anything. */
  async #keep(record: LogRecord): Promise<Notification | null> {
    const { history, metrics } = this.#parts;
    const lane = this.#lane;
    const recorded = this.#decode(record);
    if (recorded === null) return null;
    if (lane === 'progress') {
      const notification = await history.setProgress(record.key, recorded);
      metrics.received.inc({ lane, outcome: notification === null ? 'stale' : 'accepted' });
      return notification;
    }
    const { topic, partition, offset } = record;
    const position = { topic, incarnation: this.#incarnation, partition, offset };
    const appended = await history.append(record.key, position, recorded);
    metrics.received.inc({ lane, outcome: appended?.added ? 'accepted' : 'repeated' });
    return appended?.notification ?? null;
  }

  #observeDelay(records: readonly LogRecord[]): void {
    const now = this.#parts.now();
    for (const { timestamp } of records)
      this.#parts.metrics.delay.observe(Math.max(0, now - timestamp) / 1000);
  }

  #decode(record: LogRecord): RecordedEvent | null {
    try {
      if (record.key === '' || record.key.length > MAX_CHANNEL_LENGTH)
        throw new MalformedEventError('the key is no channel');
      const event = decodeNotificationEvent(record.value, this.#lane);
      return { event, recordedAt: record.timestamp, bytes: record.value?.byteLength ?? 0 };
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      const { topic, partition, offset } = record;
      this.#parts.metrics.received.inc({ lane: this.#lane, outcome: 'malformed' });
      this.#parts.logger.warn(
        { topic, partition, offset, reason: error.message },
        'no notification; skipped',
      );
      return null;
    }
  }

  #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
