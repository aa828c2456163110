import { retryUntil } from '@tidings/failures/retry.ts';
import type { Producer, RecordMetadata } from 'kafkajs';
import { maxUndurableBytes } from '../../engine/limits.ts';
import { EventLogError, type NewRecord, type RecordPosition } from '../../event-log.ts';
import { KafkaClient, patientRetry } from '../connections/client.ts';
import { withDeadline } from '../connections/deadline.ts';
import { fromKafkaError, isFinal, isOutage } from '../connections/failures.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import type { KafkaTopics } from '../topics/topics.ts';
import {
  callsOf,
  createPartitioner,
  entriesOf,
  type ProduceEntry,
  positionsOf,
  produceRequestLength,
  recordBytesOf,
  topicMessagesOf,
  unansweredOf,
} from './produce-requests.ts';

/** Between two attempts to connect. */
const connectPauses = { firstMs: 200, longestMs: 200 };
/** Milliseconds that a call gets at least after its wait in the queue. */
const leastTimeoutMs = 1_000;
interface PendingAppend {
  readonly positions: RecordPosition[];
  /** The number of entries without a position. */
  left: number;
  failed: boolean;
  readonly deadline: number;
  resolve(positions: RecordPosition[]): void;
  reject(error: unknown): void;
}

interface QueuedEntry extends ProduceEntry {
  readonly call: PendingAppend;
}

interface OpenProducer {
  readonly client: KafkaClient;
  readonly producer: Producer;
}

/**
 * Appends by one idempotent producer, one produce request after another: all appends that come during a request go
 * together in the next one. A failed producer is thrown away, because kafkajs takes its sequence numbers back although
 * Kafka may have counted them. No other producer repeats its records: Kafka could not recognise the
 * repetition, and some of them may stand in the log already. The caller gets the error, and decides.
 */
export class Appender {
  private readonly settings: KafkaLogSettings;
  private readonly topics: KafkaTopics;
  private queue: QueuedEntry[] = [];
  private inFlightBytes = 0;
  /** Calls enter the queue in their order. */
  private entering: Promise<unknown> = Promise.resolve();
  private pumping: Promise<void> | null = null;
  private open: OpenProducer | null = null;

  constructor(settings: KafkaLogSettings, topics: KafkaTopics) {
    this.settings = settings;
    this.topics = topics;
  }

  /** Connects before the first append, so that it need not wait. A failure is tried again at that append. */
  async prepare(): Promise<void> {
    const deadline = performance.now() + this.settings.callTimeoutMs;
    await this.connected(deadline).catch(() => undefined);
  }

  /** Loads the metadata of the topics before the first append to them. A failure is tried again at that append. */
  async prefetchLeaders(topics: readonly string[]): Promise<void> {
    const { open } = this;
    if (open === null || topics.length === 0) return;
    // For a batch without messages kafkajs sends nothing, but it loads the topics.
    const asked = open.producer.sendBatch({
      acks: -1,
      topicMessages: topics.map((topic) => ({ topic, messages: [] })),
    });
    await withDeadline('Asking for leaders', this.settings.callTimeoutMs, asked).catch(() => undefined);
  }

  async append(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    const bytes = records.reduce((sum, record) => sum + recordBytesOf(record), 0);
    if (this.inFlightBytes + bytes > maxUndurableBytes) {
      throw new EventLogError('log_overloaded', 'More than 64 MiB would be waiting to become durable.');
    }
    this.inFlightBytes += bytes;
    try {
      const deadline = performance.now() + this.settings.deliveryTimeoutMs;
      const entries = entriesOf(this.topics, records);
      const entered = this.entering.then(async () => this.enter(await entries, deadline));
      this.entering = entered.catch(() => undefined);
      const { done } = await entered;
      return await done;
    } finally {
      this.inFlightBytes -= bytes;
    }
  }

  /** Resolves when every append is durable or has failed. */
  async close(): Promise<void> {
    await this.entering;
    await this.pumping;
    const { open } = this;
    this.open = null;
    await withDeadline(
      'Closing a producer',
      leastTimeoutMs,
      open?.producer.disconnect() ?? Promise.resolve(),
    ).catch(() => undefined);
    open?.client.cut();
  }

  private enter(
    entries: readonly ProduceEntry[],
    deadline: number,
  ): { readonly done: Promise<RecordPosition[]> } {
    const done = new Promise<RecordPosition[]>((resolve, reject) => {
      const call: PendingAppend = {
        positions: [],
        left: entries.length,
        failed: false,
        deadline,
        resolve,
        reject,
      };
      for (const entry of entries) this.queue.push({ ...entry, call });
    });
    this.pumping ??= this.pump();
    return { done };
  }

  private async pump(): Promise<void> {
    while (this.queue.length > 0) {
      const request = this.queue.splice(0, produceRequestLength(this.queue, 0));
      try {
        this.settle(request, await this.send(request));
      } catch (error) {
        this.fail(request, error);
      }
    }
    this.pumping = null;
  }

  private settle(request: readonly QueuedEntry[], positions: readonly RecordPosition[]): void {
    for (const [index, { call }] of request.entries()) {
      const position = positions[index];
      if (position) call.positions.push(position);
      call.left -= 1;
      if (call.left === 0) call.resolve(call.positions);
    }
  }

  private fail(request: readonly QueuedEntry[], error: unknown): void {
    // Unless Kafka was only out of reach, the topics may have changed.
    if (!isOutage(error)) for (const { topic } of request) this.topics.forget(topic);
    const failure = fromKafkaError(error);
    const now = performance.now();
    const overdue = this.queue.filter(({ call }) => call.deadline <= now);
    for (const { call } of [...request, ...overdue]) {
      call.failed = true;
      call.reject(failure);
    }
    this.queue = this.queue.filter(({ call }) => !call.failed);
  }

  private async send(request: readonly QueuedEntry[]): Promise<RecordPosition[]> {
    const deadline = Math.max(
      Math.min(...request.map(({ call }) => call.deadline)),
      performance.now() + leastTimeoutMs,
    );
    const open = await this.connected(deadline);
    try {
      this.settings.onCrashPoint('before-produce');
      const sent = Promise.all(callsOf(request).map((entries) => this.produce(open.producer, entries)));
      const answers = await withDeadline('Appending', deadline - performance.now(), sent);
      const positions = positionsOf(request, answers.flat());
      this.settings.onCrashPoint('after-produce');
      return positions;
    } catch (error) {
      this.settings.logger.warn({ err: error }, 'appending to Kafka failed; replacing the producer');
      this.open = null;
      open.client.cut();
      throw error;
    }
  }

  private async produce(producer: Producer, entries: readonly QueuedEntry[]): Promise<RecordMetadata[]> {
    const { produceMs: timeout } = this.settings.deadlines;
    const answer: RecordMetadata[] = [];
    for (let left = entries; left.length > 0; ) {
      const topicMessages = topicMessagesOf(left);
      answer.push(...(await producer.sendBatch({ acks: -1, timeout, topicMessages })));
      const unanswered = unansweredOf(left, answer);
      if (unanswered.length === left.length) break;
      // The same producer sends again under the same sequence numbers, so Kafka drops the records that it has.
      left = unanswered;
    }
    return answer;
  }

  /** Tries until the time is over, because nothing has been sent yet. */
  private connected(deadline: number): Promise<OpenProducer> {
    return retryUntil(async () => (this.open ??= await this.connect(deadline)), {
      ...connectPauses,
      withinMs: deadline - performance.now(),
      retriable: (error) => !isFinal(error),
    });
  }

  private async connect(deadline: number): Promise<OpenProducer> {
    const open = newProducer(this.settings);
    try {
      await withDeadline('Connecting a producer', deadline - performance.now(), open.producer.connect());
      return open;
    } catch (error) {
      open.client.cut();
      throw error;
    }
  }
}

function newProducer(settings: KafkaLogSettings): OpenProducer {
  const client = new KafkaClient(settings, {
    requestTimeoutMs: settings.deadlines.produceMs,
    retry: patientRetry,
  });
  const producer = client.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner,
    retry: patientRetry,
  });
  return { client, producer };
}
