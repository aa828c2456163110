import type { BatchLimits } from '../engine/limits.ts';
import type { Batch, ConsumeSource, ProcessSource, Transactions } from '../engine/partition-source.ts';
import type { NewRecord } from '../event-log.ts';
import { appendCommit } from './append.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Lease } from './group.ts';
import { type IndexOperation, toJson } from './index-store.ts';
import { committedKey } from './keys.ts';
import type { StoredRecords } from './stored-records.ts';
import type { EmbeddedTopics, StoredPartition } from './topics.ts';

export interface EmbeddedSourceParts {
  readonly queue: CommitQueue;
  readonly records: StoredRecords;
  readonly topics: EmbeddedTopics;
}

export interface SourceOptions {
  readonly group: string;
  readonly lease: Lease;
  /** Whether the caller's thread has ended. */
  hasCallerEnded(): boolean;
  /** Removes the member from its group. */
  evict(): void;
}

/** One partition of the embedded log, for the member that has the lease. */
export class EmbeddedPartition implements ConsumeSource, ProcessSource {
  readonly topic: string;
  readonly partition: number;
  /** A commit costs one write to the index: nothing is gained by running ahead of it. */
  readonly maxUncommittedBatches = 1;
  private readonly parts: EmbeddedSourceParts;
  private readonly options: SourceOptions;
  private readonly stored: StoredPartition;
  private position: number | null = null;
  private wake = (): void => undefined;

  constructor(parts: EmbeddedSourceParts, options: SourceOptions) {
    this.parts = parts;
    this.options = options;
    this.stored = options.lease.partition;
    this.topic = this.stored.topic.specification.name;
    this.partition = this.stored.number;
  }

  get hasRecords(): boolean {
    return this.position !== null && this.position < this.stored.end;
  }

  async open(wake: () => void): Promise<void> {
    this.wake = wake;
    this.stored.listeners.add(wake);
  }

  close(): void {
    this.stored.listeners.delete(this.wake);
  }

  async committedPosition(): Promise<number> {
    return this.stored.committed.get(this.options.group) ?? this.stored.start;
  }

  seek(position: number | null): void {
    this.position = position;
  }

  async take(limits: BatchLimits): Promise<Batch | null> {
    const { position, stored } = this;
    if (position === null) return null;
    const until = Math.min(stored.end, limits.until ?? stored.end);
    const batch = await this.parts.records.read(stored, position, { ...limits, until });
    this.position = batch.next;
    return batch;
  }

  /** A batch is held by its handler alone. */
  release(): void {}

  hasPassed(offset: number): boolean {
    return this.position !== null && this.position >= offset;
  }

  removeEndedMember(): boolean {
    if (!this.options.hasCallerEnded()) return false;
    this.options.evict();
    return true;
  }

  /** Not synced: a power failure that loses it means a redelivery, and the records behind it sync it along. */
  async commit(position: number): Promise<void> {
    const { operation, committed } = this.positionCommit(position);
    await this.parts.queue.submit({
      values: [],
      bytes: 0,
      size: 1,
      sync: false,
      prepare: () => {
        this.options.lease.guard();
        return [operation];
      },
      committed,
    });
  }

  async ownershipConfirmed(): Promise<void> {}

  async beginTransactions(): Promise<Transactions> {
    // After this, a commit whose outcome is unknown has happened or has not.
    await this.parts.queue.barrier();
    return {
      commit: (outputs, position) => this.commitOutputs(outputs, position),
      close: async () => undefined,
    };
  }

  private async commitOutputs(outputs: readonly NewRecord[], position: number): Promise<void> {
    const { commit } = appendCommit(this.parts.topics, outputs);
    const { operation, committed } = this.positionCommit(position);
    await this.parts.queue.submit({
      ...commit,
      size: commit.size + 1,
      prepare: (references) => {
        this.options.lease.guard();
        return [...commit.prepare(references), operation];
      },
      committed: () => {
        commit.committed?.();
        committed();
      },
    });
  }

  private positionCommit(position: number): { readonly operation: IndexOperation; committed(): void } {
    const { group } = this.options;
    const key = committedKey(group, this.topic, this.partition);
    return {
      operation: { type: 'put', key, value: toJson(position) },
      committed: () => this.stored.committed.set(group, position),
    };
  }
}
