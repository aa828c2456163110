import type { CommitQueue } from './commit-queue.ts';
import { type IndexOperation, toJson } from './index-store.ts';
import { committedKey } from './keys.ts';
import type { RecordReader } from './record-reader.ts';
import type { StepHook } from './steps.ts';
import type { Partition, Topics } from './topics.ts';

/** What the loops that work a partition off need of the engine. */
export interface WorkerParts {
  readonly queue: CommitQueue;
  readonly reader: RecordReader;
  readonly topics: Topics;
  readonly onStep: StepHook;
}

/** Batch limits of a subscription, checked; default 500 records, 1 MiB. */
export function batchLimits(options: {
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
}): {
  readonly maxRecords: number;
  readonly maxBytes: number;
} {
  const { maxBatchRecords = 500, maxBatchBytes = 1024 * 1024 } = options;
  if (!Number.isInteger(maxBatchRecords) || maxBatchRecords < 1 || maxBatchRecords > 10_000) {
    throw new RangeError(`maxBatchRecords ${maxBatchRecords} is not 1 to 10,000.`);
  }
  return { maxRecords: maxBatchRecords, maxBytes: maxBatchBytes };
}

/** What keeps a group's position, to go into a commit. */
export function keepPosition(
  group: string,
  partition: Partition,
  offset: number,
): { readonly operation: IndexOperation; committed(): void } {
  const key = committedKey(group, partition.topic.specification.name, partition.number);
  return {
    operation: { type: 'put', key, value: toJson(offset) },
    committed: () => partition.committed.set(group, offset),
  };
}
