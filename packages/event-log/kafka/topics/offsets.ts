import type { AdminConnection } from '../connections/admin-connection.ts';
import type { KafkaTopics } from './topics.ts';

/** The request of `cluster.fetchTopicsOffset` for all partitions of a topic. */
type Where = { readonly fromBeginning: boolean } | { readonly fromTimestamp: number };

/** Offsets by partition. */
export class Offsets {
  private readonly connection: AdminConnection;
  private readonly topics: KafkaTopics;

  constructor(connection: AdminConnection, topics: KafkaTopics) {
    this.connection = connection;
    this.topics = topics;
  }

  earliest(topic: string): Promise<number[]> {
    return this.find(topic, { fromBeginning: true });
  }

  /** The offsets after all records, committed or not. */
  ends(topic: string): Promise<number[]> {
    return this.find(topic, { fromBeginning: false });
  }

  /** The offsets of the first records that are not older than the time; the end where there is none. */
  async at(topic: string, timestamp: number): Promise<number[]> {
    const [found, ends] = await Promise.all([
      this.find(topic, { fromTimestamp: timestamp }),
      this.ends(topic),
    ]);
    return found.map((offset, partition) => (offset < 0 ? (ends[partition] ?? 0) : offset));
  }

  async committed(group: string, topic: string): Promise<(number | null)[]> {
    const partitions = await this.topics.countPartitions(topic);
    return this.connection.request('Asking for committed offsets', async ({ admin }) => {
      const found = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const offsets = Array.from<number | null>({ length: partitions }).fill(null);
      for (const { partition, offset } of found[0]?.partitions ?? []) {
        if (Number(offset) >= 0) offsets[partition] = Number(offset);
      }
      return offsets;
    });
  }

  /** Removes the records before the committed offsets. Resolves with an estimate of their number. */
  async forget(topic: string, group: string): Promise<number> {
    const [committed, starts] = await Promise.all([this.committed(group, topic), this.earliest(topic)]);
    const partitions = committed.flatMap((offset, partition) =>
      offset !== null && offset > (starts[partition] ?? 0) ? [{ partition, offset: String(offset) }] : [],
    );
    if (partitions.length === 0) return 0;
    await this.connection.request('Forgetting records', async ({ admin }) => {
      // This call makes kafkajs load the leaders.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions });
    });
    return partitions.reduce(
      (sum, { partition, offset }) => sum + Number(offset) - (starts[partition] ?? 0),
      0,
    );
  }

  private async find(topic: string, where: Where): Promise<number[]> {
    const count = await this.topics.countPartitions(topic);
    return this.connection.request('Asking for offsets', async ({ cluster }) => {
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadataIfNecessary();
      const partitions = Array.from({ length: count }, (_, partition) => ({ partition }));
      const [found] = await cluster.fetchTopicsOffset([{ topic, partitions, ...where }]);
      const offsets = Array.from<number>({ length: count }).fill(0);
      for (const { partition, offset } of found?.partitions ?? []) offsets[partition] = Number(offset);
      return offsets;
    });
  }
}
