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
