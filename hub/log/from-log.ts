/**
 * Receives along the flow: both lanes from the log, into the history and on to the sockets.
 *
 * A history in memory begins empty. So the hub first reads all that the log still holds, and then follows the log from exactly that
 * offset, so that it skips no record. Every hub reads for itself, and commits no position.
 */
import type { Lane } from '@tidings/contracts/notifications/notification.ts';
import { NOTIFICATION_RETENTION_MS } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError, type LogRecord, type ReadFrom } from '@tidings/event-log/event-log.ts';
import { pause, pauseAfter } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';
import { FILLED_LANES, type IntakeParts, LaneIntake, topicOf, valueBytesOf } from './lane-intake.ts';
import type { Lateness } from './lateness.ts';

/** Pauses between attempts that read nothing. */
const PAUSES = { firstMs: 50, longestMs: 5_000 };

export interface LogParts extends IntakeParts {
  readonly log: EventLog;
  readonly lateness: Lateness;
  readonly listeners: ChannelListeners;
  readonly logger: Logger;
}

/** Brings notifications from the log to the listeners. */
export interface LogFollower {
  /** Resolves when the history may be used. Rejects with the log's errors. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Both lanes, read for this hub alone. */
export class OwnReaders implements LogFollower {
  readonly #lanes: readonly LaneReader[];

  constructor(parts: LogParts) {
    this.#lanes = FILLED_LANES.map((lane) => new LaneReader(lane, parts));
  }

  async start(): Promise<void> {
    for (const lane of this.#lanes) await lane.catchUp();
    for (const lane of this.#lanes) lane.follow();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

/** The topic of one lane, read from the oldest record that counts, and then followed. */
class LaneReader {
  readonly #lane: Lane;
  readonly #topic: string;
  readonly #parts: LogParts;
  readonly #intake: LaneIntake;
  readonly #stopping = new AbortController();
  /** By partition: the offset of the next record. */
  #next: number[] = [];
  /** Lateness and delay are observed only while following: the age of records that are caught up on says nothing about either. */
  #isFollowing = false;
  #following: Promise<void> = Promise.resolve();

  constructor(lane: Lane, parts: LogParts) {
    this.#lane = lane;
    this.#topic = topicOf(lane);
    this.#parts = parts;
    this.#intake = new LaneIntake(lane, parts);
  }

  /** Reads to the end of the log. Rejects with the log's errors; may then be called again. */
  async catchUp(): Promise<void> {
    const { log, now } = this.#parts;
    await this.#intake.prepare(log);
    // Every record below these offsets is read now; a record that is appended meanwhile may be read now or when following.
    this.#next = await log.endOffsets(this.#topic);
    await this.#readOn({ timestamp: now() - NOTIFICATION_RETENTION_MS }, false);
  }

  /** Follows from where `catchUp` ended, through failures of the log, until stopped. */
  follow(): void {
    this.#isFollowing = true;
    this.#following = this.#followUntilStopped();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #followUntilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      const before = this.#next.join();
      try {
        await this.#readOn({ offsets: this.#next }, true);
      } catch (error) {
        if (signal.aborted || (error instanceof EventLogError && error.code === 'log_closed')) return;
        this.#parts.lateness.fail(this.#topic);
        this.#parts.logger.error(
          { err: error, topic: this.#topic },
          'reading notifications failed; retrying',
        );
      }
      if (this.#next.join() !== before) failures = 1;
      // An aborted pause ends the loop.
      await pause(pauseAfter(failures, PAUSES), signal).catch(() => undefined);
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

  /** Moves the offset once the whole batch is in the history: after a failure the batch is read again, under the same numbers. */
  async #receiveBatch(records: readonly LogRecord[]): Promise<void> {
    const { listeners, lateness } = this.#parts;
    if (this.#isFollowing) lateness.begin(this.#topic, records[0]?.timestamp ?? this.#parts.now());
    const received = await Promise.all(records.map((record) => this.#intake.receive(record)));
    listeners.send(received.filter((one) => one !== null));
    if (this.#isFollowing && this.#lane === 'durable') this.#intake.observeDelay(records);
    lateness.end(this.#topic);
    if (this.#isFollowing && this.#lane === 'durable') await listeners.waitForSlow(valueBytesOf(records));
    const last = records.at(-1);
    if (last === undefined) return;
    this.#next[last.partition] = Math.max(this.#next[last.partition] ?? 0, last.offset + 1);
  }
}
