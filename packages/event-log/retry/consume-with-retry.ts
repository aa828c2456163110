/**
 * Consumes topics with retries that end. This comment is the contract; the conformance suite tests it over every engine.
 *
 * **An outage** (`isOutage`) stops the partition: what was not over comes again after growing pauses, no attempt is counted, and the order
 * is kept. The same holds where the partition moves to another member while records are at work.
 *
 * **Any other failure** of a record costs one attempt. A copy with all of its bytes and headers is appended to the topic of the next delay, or,
 * after the last attempt, to the dead letters. The records behind it go on meanwhile, so the record that failed loses its place in the order.
 *
 * **Never lost**: what `handle` and the hooks return, and the copy of a record that failed, are durable before the group's position
 * moves. They may stand there twice after a crash or an outage. A record may be handled more often than its attempts say, and less often
 * where a process has ended between the attempt marker and the handling.
 *
 * **Attempts before work**: before a batch is handed out, the log holds durably that it was begun. After a crash the next owner hands its
 * records out one by one. A record whose handling ends its process as often as it has attempts is a dead letter, without another
 * handling; its neighbours are handled. A process that is killed from outside counts alike.
 *
 * **Orders** (`orders`) about a record that waits are obeyed by the member that owns its partition, within half a second, though others wait
 * before it. `retry` makes it due now. `skip` gives it up without a further attempt, and puts out what `onSkipped` returns. A record that is
 * worked off in this way is passed over when its turn comes, also by a later owner. Each partition has at most 15 such records at a time. An order
 * is about one wait: it says how many attempts have failed.
 *
 * The topics beside (`topic-names.ts`) must exist. A retry topic keeps its records until its group, `retryGroup`, has committed them.
 */
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { BatchSpan, ConsumeOptions, Consumer, EventLog, Handover, LogRecord } from '../event-log.ts';
import { AttemptMarkers, type Partition } from './attempt-markers.ts';
import { DueTimes } from './due-times.ts';
import { OrdersAhead } from './orders-ahead.ts';
import { PartitionAttempts } from './partition-attempts.ts';
import { type Ownership, RecordAttempts, type RetryHooks, type RetryTopic } from './record-attempts.ts';
import type { RecordOrigin } from './retry-headers.ts';
import { SlidingAttempts } from './sliding-attempts.ts';
import { attemptsTopic, deadLetterTopic, retryGroup, retryTopic } from './topic-names.ts';
import { WaitingOrders, type WaitingOrdersOptions } from './waiting-orders.ts';

export interface ConsumeWithRetryOptions
  extends RetryHooks,
    Pick<ConsumeOptions, 'maxBatchRecords' | 'maxBatchBytes' | 'concurrency' | 'retry' | 'onError'> {
  readonly log: EventLog;
  readonly group: string;
  readonly topics: readonly string[];
  /** Milliseconds before each further attempt, so that there is one attempt more than delays. */
  readonly delaysMs: readonly number[];
  /**
   * Records of one partition that are handled at once for their first attempt; default 1, in their order. With more, the next one begins as soon as
   * one is over, whichever it is, and `maxBatchRecords` says nothing. The position stays behind the oldest that is not over. That one comes again after an outage, a move
   * or a crash; records behind it that were over are passed over, where the log says so. It says so with the next record that begins, and when the partition is given up.
   */
  readonly recordsAtOnce?: number;
  /** Where people give orders; not given: nowhere. */
  readonly orders?: Omit<WaitingOrdersOptions, 'group'>;
  /**
   * Called when records have come for their first attempt, before they are written down as begun. What it returns is called
   * when they are over, or have failed.
   */
  onDelivered?(records: readonly LogRecord[]): () => void;
  /**
   * Called for each record when its outcome is on its way into the log, with its place: in its origin's topic or in a retry topic.
   * @param group whose position will soon move behind the place
   */
  onSettled?(place: RecordOrigin, group: string): void;
}

/** Resolves when the topics and their retry topics are consumed. Rejects with `topic_unknown`, also for a topic beside them. */
export async function consumeWithRetry(options: ConsumeWithRetryOptions): Promise<Consumer> {
  const { log, group, topics } = options;
  const { controlTopic = attemptsTopic(group) } = options.orders ?? {};
  const others = [
    attemptsTopic(group),
    controlTopic,
    ...topics.map((topic) => deadLetterTopic(topic, group)),
  ];
  await Promise.all(others.map((topic) => log.describeTopic(topic)));
  const parts = { markers: new AttemptMarkers(log, attemptsTopic(group)), options };
  const first = await consumeOrigins(parts);
  try {
    const later = await consumeRetries(parts);
    const consumers = later === null ? [first] : [first, later];
    return { stop: async () => void (await settleAll(consumers.map((consumer) => consumer.stop()))) };
  } catch (error) {
    await first.stop();
    throw error;
  }
}

interface Parts {
  readonly markers: AttemptMarkers;
  readonly options: ConsumeWithRetryOptions;
}

function consumeOrigins(parts: Parts): Promise<Consumer> {
  const { log, group, topics, recordsAtOnce = 1, maxBatchRecords } = parts.options;
  const attempts = new AttemptParts(parts, null);
  const partitions = new OwnedPartitions((partition) =>
    recordsAtOnce === 1 ? attempts.inOrder(partition) : attempts.sliding(partition, recordsAtOnce),
  );
  return log.consume({
    ...common(parts.options),
    group,
    topics,
    ...(recordsAtOnce === 1 ? { maxBatchRecords } : { maxBatchRecords: 1, batchesAtOnce: recordsAtOnce }),
    onHandover: (handover) => partitions.handOver(handover),
    handler: async (records, span) => {
      const settle = parts.options.onDelivered?.(records);
      try {
        await partitions.of(records, span).handle(records, span);
      } finally {
        settle?.();
      }
    },
  });
}

/** null where there is no second attempt. */
async function consumeRetries(parts: Parts): Promise<Consumer | null> {
  const { log, group, topics, delaysMs } = parts.options;
  const retryTopics = new Map(
    topics.flatMap((topic) =>
      delaysMs.map((delayMs, place): [string, RetryTopic] => [
        retryTopic(topic, group, place + 1),
        { topic, delayMs },
      ]),
    ),
  );
  if (retryTopics.size === 0) return null;
  const orders = parts.options.orders && new WaitingOrders(log, { ...parts.options.orders, group });
  const attempts = new AttemptParts(parts, retryTopics, orders);
  const partitions = new OwnedPartitions((partition) => attempts.inOrder(partition));
  const ahead = orders && new OrdersAhead(log, orders);
  const dueTimes = new DueTimes();
  const consumer = await log.consume({
    ...common(parts.options),
    group: retryGroup(group),
    topics: [...retryTopics.keys()],
    // The records of a batch are due at different times.
    maxBatchRecords: 1,
    onHandover: (handover) => partitions.handOver(handover),
    handler: async (records, span) => {
      const owned = partitions.of(records, span);
      await orders?.refresh();
      for (const record of records) {
        await ahead?.obey(record, span, owned);
        if (orders?.about(record) !== undefined || (await owned.isSettled(record, span))) continue;
        const watch = orders && ((milliseconds: number) => orders.watch(milliseconds));
        dueTimes.require(record, retryTopics.get(record.topic)?.delayMs ?? 0, watch);
      }
      await owned.handle(records, span);
    },
  });
  return {
    stop: async () => {
      await consumer.stop();
      orders?.stop();
    },
  };
}

function common({ maxBatchBytes, concurrency, retry, onError }: ConsumeWithRetryOptions) {
  return { maxBatchBytes, concurrency, retry, onError };
}

/** What this member knows of the partitions that it has. */
class OwnedPartitions<Attempts extends { handOver(state: Handover['state']): void }> {
  readonly #make: (partition: Partition) => Attempts;
  readonly #byPlace = new Map<string, Attempts>();

  constructor(make: (partition: Partition) => Attempts) {
    this.#make = make;
  }

  /** A partition that comes back to this member was another's meanwhile: what was known of it is forgotten. */
  of(records: readonly LogRecord[], { first }: BatchSpan): Attempts {
    const { topic = '', partition = 0 } = records[0] ?? {};
    const key = `${topic}/${partition}`;
    const known = first ? undefined : this.#byPlace.get(key);
    const owned = known ?? this.#make({ topic, partition });
    this.#byPlace.set(key, owned);
    return owned;
  }

  handOver({ topic, partition, state }: Handover): void {
    this.#byPlace.get(`${topic}/${partition}`)?.handOver(state);
  }
}

/** What the attempts at the records of one partition are made of. */
class AttemptParts {
  readonly #parts: Parts;
  readonly #retryTopics: ReadonlyMap<string, RetryTopic> | null;
  readonly #orders: WaitingOrders | undefined;
  readonly #group: string;
  readonly #attempts: RecordAttempts;

  /** @param retryTopics where the records come from; null: from their origins */
  constructor(parts: Parts, retryTopics: ReadonlyMap<string, RetryTopic> | null, orders?: WaitingOrders) {
    const { group, delaysMs } = parts.options;
    this.#parts = parts;
    this.#retryTopics = retryTopics;
    this.#orders = orders;
    this.#group = retryTopics === null ? group : retryGroup(group);
    this.#attempts = new RecordAttempts(group, delaysMs, parts.options);
  }

  inOrder(place: Partition): PartitionAttempts {
    const { topic, partition } = place;
    const { log } = this.#parts.options;
    return new PartitionAttempts(
      {
        ...this.#common(topic),
        committed: async () => (await log.committedOffsets(this.#group, topic))[partition] ?? 0,
        // A later attempt that is counted twice may be the last one.
        marksEnds: this.#retryTopics !== null,
      },
      place,
    );
  }

  sliding(place: Partition, atOnce: number): SlidingAttempts {
    return new SlidingAttempts({ ...this.#common(place.topic), atOnce }, place);
  }

  #common(topic: string) {
    const { markers, options } = this.#parts;
    const retryTopicOf = this.#retryTopics?.get(topic) ?? null;
    return {
      log: options.log,
      markers,
      attempt: async (record: LogRecord, begunBefore: number, ownership: Ownership) =>
        retryTopicOf !== null && this.#orders?.about(record)?.action === 'skip'
          ? this.#attempts.skip(record, retryTopicOf)
          : this.#attempts.attempt(record, begunBefore, retryTopicOf, ownership),
      settled: (record: LogRecord) => options.onSettled?.(record, this.#group),
    };
  }
}
