import type { CommitQueue } from './commit-queue.ts';
import type { CrashPointHook } from './crash-points.ts';
import { type IndexOperation, toJson } from './index-store.ts';
import { committedKey } from './keys.ts';
import type { StoredRecords } from './stored-records.ts';
import type { Partition, Topics } from './topics.ts';

/** What the loops that work a partition off need of the engine. */
export interface WorkerParts {
  readonly queue: CommitQueue;
  readonly reader: StoredRecords;
  readonly topics: Topics;
  readonly onCrashPoint: CrashPointHook;
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
