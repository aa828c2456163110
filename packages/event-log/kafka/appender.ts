import { setTimeout as pause } from 'node:timers/promises';
import type { Producer, RecordMetadata } from 'kafkajs';
import { maxUndurableBytes } from '../engine/limits.ts';
import { EventLogError, type NewRecord, type RecordPosition } from '../event-log.ts';
import { KafkaClient, patientRetry } from './client.ts';
import { withDeadline } from './deadline.ts';
import { asEventLogError, isFinal, isOutage } from './failures.ts';
import {
  bytesOf,
  callsOf,
  createPartitioner,
  type Entry,
  entriesOf,
  positionsOf,
  produceRequestLength,
  topicMessagesOf,
  unansweredOf,
} from './produce-requests.ts';
import type { KafkaLogSettings } from './settings.ts';
import type { Topics } from './topics.ts';

/** Until Kafka must have answered one attempt; kafkajs repeats it under the same sequence numbers, so that nothing is doubled. */
const attemptTimeoutMs = 5_000;
const connectPauseMs = 200;
/** A call that waited for its turn gets at least this long. */
const leastTimeoutMs = 1_000;
interface PendingAppend {
  readonly positions: RecordPosition[];
  /** Entries without a position. */
  left: number;
  failed: boolean;
  readonly deadline: number;
  resolve(positions: RecordPosition[]): void;
  reject(error: unknown): void;
}

interface QueuedEntry extends Entry {
  readonly call: PendingAppend;
}

interface OpenProducer {
  readonly client: KafkaClient;
  readonly producer: Producer;
}

/**
 * Appends by one idempotent producer, one produce request after another: all appends that are asked for while a request is under way go
 * together in the next one. A producer that has failed is thrown away, since kafkajs takes its sequence numbers back although
 * Kafka may have counted them. What it was sending is never sent again by another producer: Kafka could not tell the
 * repetition, and a part of it may stand in the log already. The caller is told, and decides.
 */
export class Appender {
  private readonly settings: KafkaLogSettings;
  private readonly topics: Topics;
  private queue: QueuedEntry[] = [];
  private inFlightBytes = 0;
  /** The calls enter the queue in the order in which they were made. */
  private entering: Promise<unknown> = Promise.resolve();
  private pumping: Promise<void> | null = null;
  private open: OpenProducer | null = null;

  constructor(settings: KafkaLogSettings, topics: Topics) {
    this.settings = settings;
    this.topics = topics;
  }

  /** Connects ahead of the first append, which would else wait for it; to be called before. What fails now is tried again then. */
  async prepare(): Promise<void> {
    const deadline = performance.now() + this.settings.callTimeoutMs;
    await this.connected(deadline).catch(() => undefined);
  }

  /** Asks ahead for what the first append to the topics would else ask for. What fails now is asked for then. */
  async prefetchLeaders(topics: readonly string[]): Promise<void> {
    const { open } = this;
    if (open === null || topics.length === 0) return;
    // Of a batch without messages kafkajs sends nothing, but it has to know the topics.
    const asked = open.producer.sendBatch({
      acks: -1,
      topicMessages: topics.map((topic) => ({ topic, messages: [] })),
    });
    await withDeadline('Asking for leaders', this.settings.callTimeoutMs, asked).catch(() => undefined);
  }

  async append(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    const bytes = records.reduce((sum, record) => sum + bytesOf(record), 0);
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

  /** Resolves when all that was asked for is durable or has failed. */
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

  private enter(entries: readonly Entry[], deadline: number): { readonly done: Promise<RecordPosition[]> } {
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
    // Unless Kafka was merely out of reach, the topics may not be what they were.
    if (!isOutage(error)) for (const { topic } of request) this.topics.forget(topic);
    const failure = asEventLogError(error);
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
      this.settings.logger.warn({ err: error }, 'Appending to Kafka failed; a new producer takes over.');
      this.open = null;
      open.client.cut();
      throw error;
    }
  }

  private async produce(producer: Producer, entries: readonly QueuedEntry[]): Promise<RecordMetadata[]> {
    const answer: RecordMetadata[] = [];
    for (let left = entries; left.length > 0; ) {
      const topicMessages = topicMessagesOf(left);
      answer.push(...(await producer.sendBatch({ acks: -1, timeout: attemptTimeoutMs, topicMessages })));
      const unanswered = unansweredOf(left, answer);
      if (unanswered.length === left.length) break;
      // By the same producer, under the same sequence numbers: Kafka drops what it has taken already.
      left = unanswered;
    }
    return answer;
  }

  /** Nothing has been sent yet: this may be tried until the time is over. */
  private async connected(deadline: number): Promise<OpenProducer> {
    for (;;) {
      if (this.open) return this.open;
      const open = newProducer(this.settings);
      try {
        await withDeadline('Connecting a producer', deadline - performance.now(), open.producer.connect());
        this.open = open;
      } catch (error) {
        open.client.cut();
        if (isFinal(error) || performance.now() + connectPauseMs >= deadline) throw error;
        await pause(connectPauseMs);
      }
    }
  }
}

function newProducer(settings: KafkaLogSettings): OpenProducer {
  const client = new KafkaClient(settings, { requestTimeoutMs: attemptTimeoutMs, retry: patientRetry });
  const producer = client.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner,
    retry: patientRetry,
  });
  return { client, producer };
}
