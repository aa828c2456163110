/**
 * Receives along the flow: both lanes from the log, into the history and on to the sockets.
 *
 * A history in memory begins empty, so the hub first reads what the log still holds, to the end, and then goes on from exactly
 * there: nothing lies between the two. Every hub reads for itself; no position is kept anywhere.
 */

import type { Lane } from '@tidings/contracts/notification.ts';
import { NOTIFICATION_RETENTION_MS } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError, type LogRecord, type ReadFrom } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Listeners } from '../sockets/listeners.ts';
import { type IntakeParts, LaneIntake, topicOf } from './lane-intake.ts';
import type { Lateness } from './lateness.ts';

/** Milliseconds of the pause after a failure; doubled with each one in a row, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

export interface LogParts extends IntakeParts {
  readonly log: EventLog;
  readonly lateness: Lateness;
  readonly listeners: Listeners;
  readonly logger: Logger;
}

/** What brings notifications from the log to the listeners. */
export interface LogFollower {
  /** Resolves when the history may be used. Rejects with the log's errors. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Both lanes, read for this hub alone. */
export class OwnReaders implements LogFollower {
  readonly #lanes: readonly LaneReader[];

  constructor(parts: LogParts) {
    this.#lanes = (['durable', 'progress'] as const).map((lane) => new LaneReader(lane, parts));
  }

  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.catchUp()));
    for (const lane of this.#lanes) lane.follow();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

/** One lane's topic, followed from what is kept of it into the future. */
class LaneReader {
  readonly #lane: Lane;
  readonly #topic: string;
  readonly #parts: LogParts;
  readonly #intake: LaneIntake;
  readonly #stopping = new AbortController();
  /** By partition: the offset from which to go on. */
  #next: number[] = [];
  /** Delays say nothing about history. */
  #isFollowing = false;
  #following: Promise<void> = Promise.resolve();

  constructor(lane: Lane, parts: LogParts) {
    this.#lane = lane;
    this.#topic = topicOf(lane);
    this.#parts = parts;
    this.#intake = new LaneIntake(lane, parts);
  }

  /** Reads to the end of what the log holds. Rejects with the log's errors; may then be called again. */
  async catchUp(): Promise<void> {
    const { log, now } = this.#parts;
    await this.#intake.prepare(log);
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
        this.#parts.lateness.fail(this.#topic);
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
    const { listeners, lateness } = this.#parts;
    if (this.#isFollowing) lateness.begin(this.#topic, records[0]?.timestamp ?? this.#parts.now());
    const kept = await Promise.all(records.map((record) => this.#intake.keep(record)));
    for (const notification of kept) if (notification !== null) listeners.send(notification);
    if (this.#isFollowing && this.#lane === 'durable') this.#intake.observeDelay(records);
    lateness.end(this.#topic);
    if (this.#isFollowing && this.#lane === 'durable') await listeners.waitForSlow(bytesOf(records));
    const last = records.at(-1);
    if (last === undefined) return;
    this.#next[last.partition] = Math.max(this.#next[last.partition] ?? 0, last.offset + 1);
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

export function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0);
}
