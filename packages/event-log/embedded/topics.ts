import { randomUUID } from 'node:crypto';
import { topicUnknown } from '../engine/failures.ts';
import {
  checkSpecification,
  defaultMaxRecordBytes,
  differenceOf,
  requireNoDifference,
} from '../engine/topic-checks.ts';
import type { TopicSpecification } from '../event-log.ts';
import type { CommitQueue } from './commit-queue.ts';
import { type Index, toJson } from './index-store.ts';
import { cleanedKey, endKey, keysUnder, startKey, topicKey } from './keys.ts';

/** The state of a partition in memory. Offsets: `start <= cleaned, end <= next`. */
export interface StoredPartition {
  readonly topic: EmbeddedTopic;
  readonly number: number;
  /** The first offset that is kept. */
  start: number;
  /** The end of the committed records; readers see none beyond. */
  end: number;
  /** The offset of the next record to write; ahead of `end` during a write. */
  next: number;
  lastTimestamp: number;
  /** The offset up to which compaction has come. */
  cleaned: number;
  /** By group: the offset from which it goes on. */
  readonly committed: Map<string, number>;
  /** Called when `end` has risen. */
  readonly listeners: Set<() => void>;
  /** Running readers, each with its next offset. */
  readonly readers: Set<{ readonly offset: number }>;
}

export interface EmbeddedTopic {
  readonly specification: TopicSpecification;
  readonly maxRecordBytes: number;
  readonly incarnation: string;
  readonly partitions: readonly StoredPartition[];
}

interface StoredTopic {
  readonly specification: TopicSpecification;
  readonly incarnation: string;
}

export class EmbeddedTopics {
  private readonly queue: CommitQueue;
  private readonly byName: Map<string, EmbeddedTopic>;
  private ensuring: Promise<void> = Promise.resolve();

  private constructor(queue: CommitQueue, byName: Map<string, EmbeddedTopic>) {
    this.queue = queue;
    this.byName = byName;
  }

  static async load(index: Index, queue: CommitQueue): Promise<EmbeddedTopics> {
    const byName = new Map<string, EmbeddedTopic>();
    for await (const [, value] of index.iterator(keysUnder('t'))) {
      const stored: StoredTopic = JSON.parse(value.toString());
      const topic = makeTopic(stored);
      byName.set(topic.specification.name, topic);
    }
    const topics = new EmbeddedTopics(queue, byName);
    await topics.reload(index);
    return topics;
  }

  /** Sets the offsets from the index, and wakes the waiting readers. */
  async reload(index: Index): Promise<void> {
    for (const { partitions } of this.byName.values()) {
      for (const partition of partitions) await loadPartition(index, partition);
    }
    for await (const [key, value] of index.iterator(keysUnder('g'))) {
      const [, group = '', topic = '', number] = key.split('!');
      this.byName.get(topic)?.partitions[Number(number)]?.committed.set(group, Number(value.toString()));
    }
    for (const { partitions } of this.byName.values()) {
      for (const { listeners } of partitions) for (const listener of listeners) listener();
    }
  }

  /** Throws `topic_unknown`. */
  get(name: string): EmbeddedTopic {
    const topic = this.byName.get(name);
    if (!topic) throw topicUnknown(name);
    return topic;
  }

  all(): Iterable<EmbeddedTopic> {
    return this.byName.values();
  }

  /** One call after another, so that two calls for the same topic make it once. */
  ensure(specifications: readonly TopicSpecification[]): Promise<void> {
    const done = this.ensuring.then(() => this.make(specifications));
    this.ensuring = done.catch(() => undefined);
    return done;
  }

  private async make(specifications: readonly TopicSpecification[]): Promise<void> {
    const missing = new Map<string, EmbeddedTopic>();
    const differences: (string | null)[] = [];
    for (const specification of specifications) {
      checkSpecification(specification);
      const topic = this.byName.get(specification.name) ?? missing.get(specification.name);
      if (topic) differences.push(differenceBetween(topic.specification, specification));
      else missing.set(specification.name, makeTopic({ specification, incarnation: randomUUID() }));
    }
    requireNoDifference(differences);
    if (missing.size === 0) return;
    const operations = [...missing].map(([name, { specification, incarnation }]) => {
      const stored: StoredTopic = { specification, incarnation };
      return { type: 'put', key: topicKey(name), value: toJson(stored) } as const;
    });
    await this.queue.submit({
      values: [],
      bytes: 0,
      size: operations.length,
      sync: true,
      prepare: () => operations,
    });
    for (const [name, topic] of missing) this.byName.set(name, topic);
  }
}

function differenceBetween(is: TopicSpecification, asked: TopicSpecification): string | null {
  const { name, partitions, cleanup, retentionMs, maxRecordBytes } = asked;
  return differenceOf(name, { ...is }, { partitions, cleanup, retentionMs, maxRecordBytes });
}

function makeTopic({ specification, incarnation }: StoredTopic): EmbeddedTopic {
  const partitions: StoredPartition[] = [];
  const topic: EmbeddedTopic = {
    specification,
    maxRecordBytes: specification.maxRecordBytes ?? defaultMaxRecordBytes,
    incarnation,
    partitions,
  };
  for (let number = 0; number < specification.partitions; number += 1) {
    partitions.push({
      topic,
      number,
      start: 0,
      end: 0,
      next: 0,
      lastTimestamp: 0,
      cleaned: 0,
      committed: new Map(),
      listeners: new Set(),
      readers: new Set(),
    });
  }
  return topic;
}

/** The keys of a partition besides its records. */
export const endOf = (next: number, timestamp: number): Buffer => toJson([next, timestamp]);

async function loadPartition(index: Index, partition: StoredPartition): Promise<void> {
  const { name } = partition.topic.specification;
  const [end, start, cleaned] = await index.getMany([
    endKey(name, partition.number),
    startKey(name, partition.number),
    cleanedKey(name, partition.number),
  ]);
  if (end) [partition.end, partition.lastTimestamp] = JSON.parse(end.toString());
  partition.next = Math.max(partition.next, partition.end);
  if (start) partition.start = JSON.parse(start.toString());
  if (cleaned) partition.cleaned = JSON.parse(cleaned.toString());
}
