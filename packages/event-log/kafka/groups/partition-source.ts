import type { BatchLimits } from '../../engine/limits.ts';
import type { Batch, ConsumeSource, ProcessSource, Transactions } from '../../engine/partition-source.ts';
import type { NewRecord } from '../../event-log.ts';
import type { AdminConnection } from '../connections/admin-connection.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import { FetchBuffer } from '../fetching/fetch-buffer.ts';
import type { Fetcher } from '../fetching/fetcher.ts';
import { entriesOf } from '../producing/produce-requests.ts';
import { isFenced, TransactionalProducer } from '../producing/transactions.ts';
import type { Offsets } from '../topics/offsets.ts';
import { stableOffset } from '../topics/stable-offsets.ts';
import type { KafkaTopics } from '../topics/topics.ts';
import type { Membership } from './membership.ts';

export interface KafkaSourceParts {
  readonly settings: KafkaLogSettings;
  readonly connection: AdminConnection;
  readonly topics: KafkaTopics;
  readonly offsets: Offsets;
  readonly membership: Membership;
  readonly fetcher: Fetcher;
  readonly group: string;
  /** Bytes of fetched records that the partition may hold. */
  readonly maxHeldBytes: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** One partition of a Kafka topic, for the member that it is assigned to. */
export class KafkaPartition implements ConsumeSource, ProcessSource {
  readonly topic: string;
  readonly partition: number;
  /** A commit takes longer in Kafka than many a handler runs. */
  readonly maxUncommittedBatches = 16;
  private readonly parts: KafkaSourceParts;
  private readonly buffer: FetchBuffer;
  /** Resolves when the former worker of this member on the partition has ended. */
  private readonly before: Promise<unknown>;
  private wake = (): void => undefined;
  private wasFenced = false;

  constructor(parts: KafkaSourceParts, { topic, partition }: TopicPartition, before: Promise<unknown>) {
    this.parts = parts;
    this.topic = topic;
    this.partition = partition;
    this.before = before;
    this.buffer = new FetchBuffer({ topic, partition }, null, parts.maxHeldBytes, () => this.wake());
  }

  get hasRecords(): boolean {
    return this.buffer.hasRecords;
  }

  async open(wake: () => void): Promise<void> {
    await this.before;
    this.wake = wake;
    this.parts.fetcher.add(this.buffer);
  }

  close(): void {
    this.parts.fetcher.remove(this.buffer);
  }

  async committedPosition(): Promise<number> {
    const { connection, offsets, group } = this.parts;
    const { topic, partition } = this;
    const committed = await stableOffset(connection, { group, topic, partition });
    return committed ?? (await offsets.earliest(topic))[partition] ?? 0;
  }

  seek(position: number | null): void {
    this.buffer.rewind(position);
    this.parts.fetcher.wake();
  }

  take(limits: BatchLimits): Batch | null {
    const batch = this.buffer.take(limits);
    this.parts.fetcher.wake();
    return batch;
  }

  release(batch: Batch): void {
    this.buffer.release(batch);
    this.parts.fetcher.wake();
  }

  hasPassed(offset: number): boolean {
    return this.buffer.hasPassed(offset);
  }

  /** Handlers of this engine always run in the thread of the log. */
  removeEndedMember(): boolean {
    return false;
  }

  async commit(position: number): Promise<void> {
    const { membership, settings } = this.parts;
    const { topic, partition } = this;
    try {
      await membership.commit(topic, partition, position);
    } catch (error) {
      settings.logger.debug?.({ err: error, topic, partition }, 'committing a position failed');
      throw error;
    }
  }

  /** A member that was fenced may have been fenced by the rightful owner: it must not fence that owner in turn. */
  async ownershipConfirmed(): Promise<void> {
    if (this.wasFenced) await this.parts.membership.confirmed();
    this.wasFenced = false;
  }

  async beginTransactions(): Promise<Transactions> {
    const { settings, group } = this.parts;
    const { topic, partition } = this;
    const producer = await TransactionalProducer.open(settings, `${group}-${topic}-${partition}`);
    return {
      commit: (outputs, position) => this.commitOutputs(producer, outputs, position),
      close: () => producer.close(),
    };
  }

  private async commitOutputs(
    producer: TransactionalProducer,
    outputs: readonly NewRecord[],
    offset: number,
  ): Promise<void> {
    const { topics, group } = this.parts;
    const { topic, partition } = this;
    try {
      const entries = await entriesOf(topics, outputs);
      await producer.commit(entries, { group, topic, partition, offset });
    } catch (error) {
      this.wasFenced = isFenced(error);
      // The topic may have been made again, with other partitions.
      for (const output of outputs) topics.forget(output.topic);
      throw error;
    }
  }
}
