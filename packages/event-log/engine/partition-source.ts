/** What an engine supplies for the loops that work one partition off for a consumer group. */
import type { LogRecord, NewRecord } from '../event-log.ts';
import type { BatchLimits } from './limits.ts';

/** Consecutive records of one partition. */
export interface Batch {
  /** Empty where nothing is left between the position and `next`. */
  readonly records: readonly LogRecord[];
  /** The offset at which the next batch begins. */
  readonly next: number;
}

/** One partition that a member owns. */
export interface PartitionSource {
  readonly topic: string;
  readonly partition: number;
  /** Whether `take` would give a batch now. */
  readonly hasRecords: boolean;
  /** Called once, before all else. The source calls `wake` whenever there may be more records. */
  open(wake: () => void): Promise<void>;
  close(): void;
  /** The group's committed offset; the earliest offset where the group has none. */
  committedPosition(): Promise<number>;
  /** Where the next batch begins; null: unknown, and nothing is read ahead. */
  seek(position: number | null): void;
  /** The next batch; null where there is none before `limits.until`. */
  take(limits: BatchLimits): Batch | null | Promise<Batch | null>;
  /** The batch is worked off: its bytes no longer count as held. */
  release(batch: Batch): void;
  /** Whether every record before the offset was taken. */
  hasPassed(offset: number): boolean;
  /** Whether the caller's thread has ended, so that nothing answers any more. The source then removes the member from its group. */
  removeEndedMember(): boolean;
}

export interface ConsumeSource extends PartitionSource {
  /** Batches that may be handled before their positions are committed: so many come again after a crash. */
  readonly maxUncommittedBatches: number;
  /** Rejects with PartitionLostError once another member owns the partition. */
  commit(position: number): Promise<void>;
}

/** The right to commit for one partition, from its beginning to its first failure. */
export interface Transactions {
  /**
   * The outputs and the position become visible together, or not at all. After a rejection the outcome is unknown, and no other commit
   * may follow.
   */
  commit(outputs: readonly NewRecord[], position: number): Promise<void>;
  close(): Promise<void>;
}

export interface ProcessSource extends PartitionSource {
  /** Resolves when this member may begin: where it was fenced, when the group has confirmed that it owns the partition. */
  ownershipConfirmed(): Promise<void>;
  /** Fences every former owner of the partition. Resolves when all that they have committed is fixed. */
  beginTransactions(): Promise<Transactions>;
}
