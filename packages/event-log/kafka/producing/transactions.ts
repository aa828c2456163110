import { retryUntil } from '@tidings/failures/retry.ts';
import type { Producer, Transaction } from 'kafkajs';
import { KafkaClient } from '../connections/client.ts';
import { withDeadline } from '../connections/deadline.ts';
import { kafkaErrorType } from '../connections/failures.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import {
  callsOf,
  createPartitioner,
  type ProduceEntry,
  produceRequestLength,
  topicMessagesOf,
  unansweredOf,
} from './produce-requests.ts';

/** Errors of Kafka while the marker of the transaction before is on its way: the request succeeds a moment later. */
const concurrentRetry = { initialRetryTime: 5, multiplier: 1.5, factor: 0.2, maxRetryTime: 500, retries: 15 };
const concurrentPauses = { firstMs: 5, longestMs: 5 };

export interface CommitPosition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The offset from which the group goes on. */
  readonly offset: number;
}

/** Whether Kafka has refused a producer because a newer one has its transactional id. */
export function isFenced(error: unknown): boolean {
  const type = kafkaErrorType(error);
  return (
    type === 'INVALID_PRODUCER_EPOCH' || type === 'PRODUCER_FENCED' || type === 'INVALID_PRODUCER_ID_MAPPING'
  );
}

/**
 * The producer of one partition's outputs. Opening it fences every former producer of the same id: their open transactions are aborted, and
 * they can no longer commit. It is usable until its first failure.
 */
export class TransactionalProducer {
  private readonly settings: KafkaLogSettings;
  private readonly client: KafkaClient;
  private readonly producer: Producer;

  private constructor(settings: KafkaLogSettings, client: KafkaClient, producer: Producer) {
    this.settings = settings;
    this.client = client;
    this.producer = producer;
  }

  /** Resolves when the former owners are fenced, and their commits are final. */
  static async open(settings: KafkaLogSettings, transactionalId: string): Promise<TransactionalProducer> {
    const client = new KafkaClient(settings);
    const producer = client.kafka.producer({
      transactionalId,
      transactionTimeout: settings.transactionTimeoutMs,
      maxInFlightRequests: 1,
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner,
      retry: concurrentRetry,
    });
    try {
      const fenced = producer.connect().then(async () => (await producer.transaction()).abort());
      await withDeadline('Fencing', settings.transactionTimeoutMs + settings.callTimeoutMs, fenced);
      return new TransactionalProducer(settings, client, producer);
    } catch (error) {
      client.cut();
      throw error;
    }
  }

  /** Makes entries and position visible together. After a rejection the outcome is unknown, and the producer must not be used again. */
  async commit(entries: readonly ProduceEntry[], position: CommitPosition): Promise<void> {
    try {
      await withDeadline(
        'A transaction',
        this.settings.transactionTimeoutMs,
        this.transact(entries, position),
      );
    } catch (error) {
      this.client.cut();
      throw error;
    }
  }

  async close(): Promise<void> {
    await withDeadline('Closing a producer', 1_000, this.producer.disconnect()).catch(() => undefined);
    this.client.cut();
  }

  private async transact(entries: readonly ProduceEntry[], position: CommitPosition): Promise<void> {
    const { onCrashPoint } = this.settings;
    const transaction = await this.producer.transaction();
    for (let from = 0; from < entries.length; ) {
      const length = produceRequestLength(entries, from);
      const request = entries.slice(from, from + length);
      for (const call of callsOf(request)) {
        const answer = await transaction.sendBatch({ acks: -1, topicMessages: topicMessagesOf(call) });
        // A record that kafkajs has forgotten is in no log, and must not count as put out.
        if (unansweredOf(call, answer).length > 0) throw new Error('Kafka has not taken every output.');
      }
      from += length;
    }
    onCrashPoint('outputs-sent');
    await this.sendOffsets(transaction, position);
    onCrashPoint('offsets-sent');
    await transaction.commit();
  }

  /** kafkajs does not repeat this request, which matters where there are no outputs: then it is the first request of the transaction. */
  private sendOffsets(transaction: Transaction, position: CommitPosition): Promise<void> {
    const { group, topic, partition, offset } = position;
    const topics = [{ topic, partitions: [{ partition, offset: String(offset) }] }];
    return retryUntil(() => transaction.sendOffsets({ consumerGroupId: group, topics }), {
      ...concurrentPauses,
      withinMs: this.settings.transactionTimeoutMs / 2,
      retriable: (error) => kafkaErrorType(error) === 'CONCURRENT_TRANSACTIONS',
    });
  }
}
