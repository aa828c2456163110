import type { IMemberAssignment } from 'kafkajs';
import type { Consumer } from '../event-log.ts';
import type { AdminConnection } from './admin-connection.ts';
import type { BatchLimits } from './cursor.ts';
import { Fetcher } from './fetcher.ts';
import { Membership } from './membership.ts';
import type { Offsets } from './offsets.ts';
import type { PartitionWorker, Place, WorkerParts } from './partition-worker.ts';
import type { KafkaLogSettings } from './settings.ts';
import type { Topics } from './topics.ts';

export interface GroupParts {
  readonly settings: KafkaLogSettings;
  readonly connection: AdminConnection;
  readonly topics: Topics;
  readonly offsets: Offsets;
}

export interface GroupOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly limits: BatchLimits;
  /** Handlers that may run at once, for the bound of what is held. */
  readonly handlers: number;
  createWorker(parts: WorkerParts, place: Place): PartitionWorker;
}

const keyOf = ({ topic, partition }: Place): string => `${topic}:${partition}`;

/** A member of a group, with a worker for each partition that it has. */
export class GroupConsumer implements Consumer {
  private readonly parts: GroupParts;
  private readonly options: GroupOptions;
  private readonly fetcher: Fetcher;
  private readonly membership: Membership;
  private readonly workers = new Map<string, PartitionWorker>();
  /** Lost partitions whose last handler still runs: the next one of the same partition waits for it. */
  private readonly ending = new Map<string, Promise<void>>();
  private stopped: Promise<void> | null = null;

  constructor(parts: GroupParts, options: GroupOptions) {
    this.parts = parts;
    this.options = options;
    // One batch ahead of the handlers.
    this.fetcher = new Fetcher(parts.settings, {
      maxHeldBytes: (options.handlers + 1) * options.limits.maxBytes,
    });
    this.membership = new Membership(parts.settings, parts.connection, {
      group: options.group,
      topics: options.topics,
      beforeRejoin: () => this.hold(),
      stayed: () => this.resume(),
      assigned: (assignment, same) => this.assign(assignment, same),
      lost: () => this.loseAll(),
    });
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.drain()));
    await this.membership.stop();
    this.fetcher.close();
    await Promise.all(this.ending.values());
  }

  private async hold(): Promise<void> {
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
    if (this.stopped) return;
    for (const place of places) {
      if (!this.workers.has(keyOf(place))) this.start(place);
    }
  }

  private start(place: Place): void {
    const key = keyOf(place);
    const before = this.ending.get(key) ?? Promise.resolve();
    const { membership, fetcher } = this;
    const parts = { ...this.parts, membership, fetcher, limits: this.options.limits, before };
    this.workers.set(key, this.options.createWorker(parts, place));
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
