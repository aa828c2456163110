import type { IMemberAssignment } from 'kafkajs';
import type { PartitionWorker } from '../../engine/partition-worker.ts';
import type { AdminConnection } from '../connections/admin-connection.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import { Fetcher } from '../fetching/fetcher.ts';
import type { Offsets } from '../topics/offsets.ts';
import type { KafkaTopics } from '../topics/topics.ts';
import { Membership } from './membership.ts';
import { KafkaPartition, type TopicPartition } from './partition-source.ts';

export interface KafkaGroupParts {
  readonly settings: KafkaLogSettings;
  readonly connection: AdminConnection;
  readonly topics: KafkaTopics;
  readonly offsets: Offsets;
}

export interface KafkaGroupOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Bytes of values in a batch. */
  readonly maxBatchBytes: number;
  /** Handlers that may run at once; bounds the bytes that are held. */
  readonly handlers: number;
  createWorker(source: KafkaPartition): PartitionWorker;
}

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;

/** A member of a group, with a worker for each partition that it has. */
export class GroupConsumer {
  private readonly parts: KafkaGroupParts;
  private readonly options: KafkaGroupOptions;
  private readonly fetcher: Fetcher;
  private readonly membership: Membership;
  private readonly workers = new Map<string, PartitionWorker>();
  /** Lost partitions whose last handler still runs: the next worker of the same partition waits for it. */
  private readonly ending = new Map<string, Promise<void>>();
  private isStopping = false;

  constructor(parts: KafkaGroupParts, options: KafkaGroupOptions) {
    this.parts = parts;
    this.options = options;
    // The bytes of one batch ahead of the handlers.
    this.fetcher = new Fetcher(parts.settings, {
      maxHeldBytes: (options.handlers + 1) * options.maxBatchBytes,
    });
    this.membership = new Membership(parts.settings, parts.connection, {
      group: options.group,
      topics: options.topics,
      beforeRejoin: () => this.hold(),
      rejoinCancelled: () => this.resume(),
      assigned: (assignment, same) => this.assign(assignment, same),
      lost: () => this.loseAll(),
    });
  }

  /** Call it once. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.workers.values()].map((worker) => worker.drain()));
    await this.membership.stop();
    this.fetcher.close();
    await Promise.all(this.ending.values());
  }

  private async hold(): Promise<void> {
    this.fetcher.expectPartitions();
    await Promise.all([...this.workers.values()].map((worker) => worker.hold()));
  }

  private resume(): void {
    for (const worker of this.workers.values()) worker.resume();
  }

  private assign(assignment: IMemberAssignment, same: boolean): void {
    if (!same) this.loseAll();
    const places = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const keys = new Set(places.map(keyOf));
    for (const [key, worker] of this.workers) {
      if (keys.has(key)) worker.resume();
      else this.lose(key, worker);
    }
    if (this.isStopping) return;
    for (const place of places) {
      if (!this.workers.has(keyOf(place))) this.start(place);
    }
  }

  private start(place: TopicPartition): void {
    const key = keyOf(place);
    const before = this.ending.get(key) ?? Promise.resolve();
    const { membership, fetcher } = this;
    const { group, maxBatchBytes, createWorker } = this.options;
    const parts = { ...this.parts, membership, fetcher, group, maxHeldBytes: maxBatchBytes };
    this.workers.set(key, createWorker(new KafkaPartition(parts, place, before)));
  }

  private lose(key: string, worker: PartitionWorker): void {
    this.workers.delete(key);
    worker.lose();
    this.ending.set(key, worker.ended);
    void worker.ended.then(() => {
      if (this.ending.get(key) === worker.ended) this.ending.delete(key);
    });
  }

  private loseAll(): void {
    for (const [key, worker] of this.workers) this.lose(key, worker);
  }
}
