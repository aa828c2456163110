/**
 * Receives along the flow where hubs share their history: they are one consumer group, so that one hub handles a record, sends it to
 * its own listeners and publishes it to the other hubs.
 *
 * The group commits a batch only when the history holds it, its position is written in Redis, and Redis has taken it for the other
 * hubs. Until then the log delivers the batch again, under the same numbers: while Redis is down, notifications wait in the log.
 */
import { consumerGroups } from '@tidings/contracts/topics.ts';
import type { BatchSpan, Consumer, LogRecord } from '@tidings/event-log/event-log.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { HubLink } from '../cluster/between-hubs.ts';
import { partitionIdOf, type RedisPositions } from '../history/redis-positions.ts';
import type { RedisConnections } from '../redis/connections.ts';
import { RedisUnavailableError } from '../redis/errors.ts';
import type { LogFollower, LogParts } from './from-log.ts';
import { LaneIntake, topicOf, valueBytesOf } from './lane-intake.ts';

/** Partitions handled at once: one that waits for Redis must not hold up another. */
const CONCURRENCY = 8;
/** Pauses between attempts while Redis is down: short, so that handling goes on soon after Redis is up. */
const RETRY = { initialDelayMs: 50, maxDelayMs: 1_000 };

/** One in this many failures of a batch is logged. */
const ATTEMPTS_PER_REPORT = 60;

export interface GroupReaderParts extends LogParts {
  readonly link: HubLink;
  readonly redis: RedisConnections;
  readonly positions: RedisPositions;
}

export class GroupReader implements LogFollower {
  readonly #parts: GroupReaderParts;
  readonly #durable: LaneIntake;
  readonly #progress: LaneIntake;
  #subscription: Consumer | undefined;

  constructor(parts: GroupReaderParts) {
    this.#parts = parts;
    this.#durable = new LaneIntake('durable', parts);
    this.#progress = new LaneIntake('progress', parts);
  }

  async start(): Promise<void> {
    const { log, lateness } = this.#parts;
    await Promise.all([this.#durable.prepare(log), this.#progress.prepare(log)]);
    const durableTopic = topicOf('durable');
    this.#subscription = await log.consume({
      group: consumerGroups.hub,
      topics: [durableTopic, topicOf('progress')],
      concurrency: CONCURRENCY,
      retry: RETRY,
      handler: async (records, span) => {
        const [first] = records;
        if (first === undefined) return;
        await lateness.watch(`${first.topic}/${first.partition}`, first.timestamp, () =>
          first.topic === durableTopic
            ? this.#receiveDurable(records, span)
            : this.#receiveProgress(records, span),
        );
      },
      onError: (error, attempt) => this.#report(error, attempt),
    });
  }

  async stop(): Promise<void> {
    await this.#subscription?.stop();
  }

  #report(error: unknown, attempt: number): void {
    const isOutage = error instanceof RedisUnavailableError;
    if (attempt % ATTEMPTS_PER_REPORT !== 1) return;
    this.#parts.logger[isOutage ? 'warn' : 'error'](
      { err: error, attempt },
      'handling notifications failed; retrying',
    );
  }

  async #receiveDurable(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const { listeners, link } = this.#parts;
    const advance = this.#begin(this.#durable, records, span);
    const received = await settleAll(records.map((record) => this.#durable.receive(record, span.from)));
    const notifications = received.filter((one) => one !== null);
    listeners.send(notifications);
    this.#durable.observeDelay(records);
    await settleAll([advance(), link.publish(notifications), listeners.waitForSlow(valueBytesOf(records))]);
  }

  /**
   * Sets only the newest progress of each subject in the batch. A batch that fails is delivered again, and the history returns its newest
   * again: it is sent twice rather than to nobody.
   */
  async #receiveProgress(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const { listeners, link } = this.#parts;
    const advance = this.#begin(this.#progress, records, span);
    const set = await settleAll(
      this.#progress
        .newestOf(records)
        .map(({ channelId, recorded }) => this.#progress.setProgress(channelId, recorded)),
    );
    const fresh = set.filter((one) => one !== null);
    listeners.send(fresh);
    await settleAll([advance(), link.publish(fresh)]);
  }

  /** Returns a function that records that the batch is in the history. */
  #begin(intake: LaneIntake, records: readonly LogRecord[], span: BatchSpan): () => Promise<void> {
    const { positions, redis } = this.#parts;
    const { period } = redis;
    const partitionId = partitionIdOf(intake.partitionOf(records[0]?.partition ?? 0));
    positions.expect(partitionId, span.from);
    return () => positions.advance(partitionId, span, period);
  }
}
