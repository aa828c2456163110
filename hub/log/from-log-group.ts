/**
 * Receives along the flow where hubs share their history: one consumer group, so that each record is worked off by one hub, which
 * tells its own listeners and then the other hubs.
 *
 * The position in the log moves only when the history has a record, Redis knows that it has, and Redis has taken it for the other
 * hubs. Until then the log delivers it again, under the same number: while Redis is away, notifications wait in the log.
 */
import type { Notification } from '@tidings/contracts/notification.ts';
import type { BatchSpan, Consumer, LogRecord } from '@tidings/event-log/event-log.ts';
import type { HubLink } from '../cluster/between-hubs.ts';
import type { RecordedEvent } from '../history/channel-history.ts';
import { type RedisPositions, sourceOf } from '../history/redis-positions.ts';
import { type RedisConnections, RedisUnavailableError } from '../redis/connections.ts';
import { bytesOf, type LogFollower, type LogParts } from './from-log.ts';
import { LaneIntake, topicOf } from './lane-intake.ts';

/** All hubs of an installation are its members. */
export const HUB_GROUP = 'hub';
/** Partitions worked off at once: one that waits for Redis must not hold up another. */
const CONCURRENCY = 8;
/** Milliseconds between attempts while Redis is away: short, for the wait ends with it. */
const RETRY = { initialDelayMs: 50, maxDelayMs: 1_000 };

/** Of the failures of one batch, one in as many is logged. */
const ATTEMPTS_PER_REPORT = 60;

export interface GroupParts extends LogParts {
  readonly link: HubLink;
  readonly redis: RedisConnections;
  readonly positions: RedisPositions;
}

export class GroupReader implements LogFollower {
  readonly #parts: GroupParts;
  readonly #durable: LaneIntake;
  readonly #progress: LaneIntake;
  /** By partition: progress that is in the history, and that the other hubs may not have been told of. One batch at most each. */
  readonly #untold = new Map<number, readonly Notification[]>();
  #subscription: Consumer | undefined;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#durable = new LaneIntake('durable', parts);
    this.#progress = new LaneIntake('progress', parts);
  }

  async start(): Promise<void> {
    const { log, lateness } = this.#parts;
    await Promise.all([this.#durable.prepare(log), this.#progress.prepare(log)]);
    const durableTopic = topicOf('durable');
    this.#subscription = await log.consume({
      group: HUB_GROUP,
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
    this.#parts.logger[isOutage ? 'warn' : 'error']({ err: error, attempt }, 'notifications wait in the log');
  }

  async #receiveDurable(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const { listeners, link } = this.#parts;
    const advance = this.#begin(this.#durable, records, span);
    const kept = await settleAll(records.map((record) => this.#durable.keep(record, span.from)));
    const notifications = kept.filter((one) => one !== null);
    for (const notification of notifications) listeners.send(notification);
    this.#durable.observeDelay(records);
    await settleAll([advance(), link.publish(notifications), listeners.waitForSlow(bytesOf(records))]);
  }

  /** Of a backlog, the newest of each subject is all that counts. */
  async #receiveProgress(records: readonly LogRecord[], span: BatchSpan): Promise<void> {
    const { listeners, link, metrics } = this.#parts;
    const [first] = records;
    if (first === undefined) return;
    const advance = this.#begin(this.#progress, records, span);
    const newest = new Map<string, { channelId: string; recorded: RecordedEvent }>();
    for (const record of records) {
      const recorded = this.#progress.decode(record);
      if (recorded === null) continue;
      const subject = JSON.stringify([record.key, recorded.event.subject]);
      const known = newest.get(subject)?.recorded.event.version ?? -1;
      if (newest.has(subject)) metrics.received.inc({ lane: 'progress', outcome: 'stale' });
      if ((recorded.event.version ?? 0) > known) newest.set(subject, { channelId: record.key, recorded });
    }
    const set = Array.from(newest.values(), ({ channelId, recorded }) =>
      this.#progress.setProgress(channelId, recorded),
    );
    const kept = await Promise.allSettled(set);
    const fresh = kept.flatMap((one) =>
      one.status === 'fulfilled' && one.value !== null ? [one.value] : [],
    );
    for (const notification of fresh) listeners.send(notification);
    // Delivered again, it would no longer be newer than what is known, and nobody else would hear of it.
    const untold = [...(this.#untold.get(first.partition) ?? []), ...fresh];
    this.#untold.set(first.partition, untold);
    await settleAll(set);
    await settleAll([advance(), link.publish(untold)]);
    this.#untold.delete(first.partition);
  }

  /** Returns what writes down that the batch is in the history. */
  #begin(intake: LaneIntake, records: readonly LogRecord[], span: BatchSpan): () => Promise<void> {
    const { positions, redis } = this.#parts;
    const { session } = redis;
    const source = sourceOf(intake.partitionOf(records[0]?.partition ?? 0));
    positions.expect(source, span.from);
    return () => positions.advance(source, span, session);
  }
}

/** All of them are over when it ends, however it ends: what comes again must not overtake what is still under way. */
async function settleAll<Value>(promises: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
