import { randomInt } from 'node:crypto';
import { retryUntil } from '@tidings/failures/retry.ts';
import type { IResourceConfigEntry, PartitionMetadata } from 'kafkajs';
import { topicUnknown } from '../../engine/failures.ts';
import {
  checkSpecification,
  defaultMaxRecordBytes,
  differenceOf,
  requireNoDifference,
} from '../../engine/topic-checks.ts';
import { EventLogError, type TopicDescription, type TopicSpecification } from '../../event-log.ts';
import type { AdminConnection, AdminHandles } from '../connections/admin-connection.ts';
import { kafkaErrorType } from '../connections/failures.ts';

/** Bytes that Kafka's limit, which is for a whole batch, leaves for key, headers and framing besides the value. */
export const framingBytes = 64 * 1024;
/** Requests for the leaders of a new topic, for two minutes at most: an election takes seconds. */
const leaderPolls = { firstMs: 20, longestMs: 20, withinMs: 120_000 };
/** `ConfigResourceTypes.TOPIC`, which Node does not find among the exports of kafkajs. */
const topicResource = 2;

/**
 * kafkajs does not get the identity of a topic. This setting of the topic holds one: it is made and deleted with the topic, and has
 * no other effect, because it only counts for timestamps that clients set. The value is the time of creation in
 * nanoseconds, the last six digits random.
 */
const incarnationSetting = 'message.timestamp.before.max.ms';

export interface KafkaTopic extends TopicDescription {
  readonly maxRecordBytes: number;
  /** Ids of the brokers that hold copies of its partitions. */
  readonly brokers: readonly number[];
}

interface TopicState extends KafkaTopic {
  readonly cleanup: string;
  readonly retentionMs: number | undefined;
  readonly timestamps: string;
}

/** What is known of the topics. */
export class KafkaTopics {
  private readonly connection: AdminConnection;
  private readonly replication: number;
  private readonly known = new Map<string, Promise<KafkaTopic>>();
  private ensuring: Promise<void> = Promise.resolve();

  constructor(connection: AdminConnection, replication: number) {
    this.connection = connection;
    this.replication = replication;
  }

  /** The topic as it is now. Rejects with `topic_unknown`. */
  describe(name: string): Promise<KafkaTopic> {
    const answer = this.connection.request('Describing a topic', (handles) => describeTopic(handles, name));
    this.known.set(name, answer);
    answer.catch(() => {
      if (this.known.get(name) === answer) this.known.delete(name);
    });
    return answer;
  }

  /** The number of partitions as it is now, by fewer requests than `describe`. Rejects with `topic_unknown`. */
  async countPartitions(name: string): Promise<number> {
    const partitions = await this.connection.request('Counting partitions', ({ admin }) =>
      partitionsOf(admin, name),
    );
    return partitions.length;
  }

  /** The topic as it was at the last request. */
  get(name: string): Promise<KafkaTopic> {
    return this.known.get(name) ?? this.describe(name);
  }

  /** Forgets the topic after a failed request, so that the next call loads it again. */
  forget(name: string): void {
    this.known.delete(name);
  }

  /** One call after another, so that two calls for the same topic make it once. */
  ensure(specifications: readonly TopicSpecification[]): Promise<void> {
    const done = this.ensuring.then(() => this.make(specifications));
    this.ensuring = done.catch(() => undefined);
    return done;
  }

  /** Checks the existing topics first: where one has other settings, no topic is made by the same mistake. */
  private async make(specifications: readonly TopicSpecification[]): Promise<void> {
    for (const specification of specifications) checkSpecification(specification);
    const names = new Set(
      await this.connection.request('Listing the topics', ({ admin }) => admin.listTopics()),
    );
    const missing = specifications.filter(({ name }) => !names.has(name));
    await this.requireSame(specifications.filter(({ name }) => names.has(name)));
    for (const specification of missing) {
      await this.connection.request('Making a topic', (handles) => this.create(handles, specification));
    }
    // Another process may have made the topic meanwhile, with other settings.
    await this.requireSame(missing);
  }

  private async requireSame(specifications: readonly TopicSpecification[]): Promise<void> {
    const differences = specifications.map(async (specification) => {
      const { name } = specification;
      const is = await this.connection.request('Describing a topic', (handles) =>
        describeTopic(handles, name),
      );
      this.known.set(name, Promise.resolve(is));
      const { brokers: _, ...existing } = is;
      return differenceOf(name, existing, askedFor(specification));
    });
    requireNoDifference(await Promise.all(differences));
  }

  /** Resolves when the topic exists and can be written to. */
  private async create(handles: AdminHandles, specification: TopicSpecification): Promise<void> {
    const topic = {
      topic: specification.name,
      numPartitions: specification.partitions,
      replicationFactor: this.replication,
      configEntries: configOf(specification, this.replication),
    };
    // Answers false where another process has made the topic. kafkajs's wait for leaders fails while the brokers learn of the topic.
    await handles.admin.createTopics({ topics: [topic], waitForLeaders: false });
    await leadersOf(handles, specification.name);
  }
}

function configOf(specification: TopicSpecification, replication: number): IResourceConfigEntry[] {
  const { cleanup, retentionMs = -1, maxRecordBytes = defaultMaxRecordBytes } = specification;
  const incarnation = BigInt(Date.now()) * 1_000_000n + BigInt(randomInt(1_000_000));
  const config: Record<string, string | number | bigint> = {
    'cleanup.policy': cleanup,
    'retention.ms': retentionMs,
    'max.message.bytes': maxRecordBytes + framingBytes,
    'message.timestamp.type': 'LogAppendTime',
    [incarnationSetting]: incarnation,
    'min.insync.replicas': replication > 2 ? 2 : 1,
  };
  if (cleanup === 'compact') {
    // A table is read from its beginning at every start, so replaced records should go soon.
    config['min.cleanable.dirty.ratio'] = 0.1;
    config['segment.bytes'] = 64 * 1024 * 1024;
    config['segment.ms'] = 3_600_000;
  }
  return Object.entries(config).map(([name, value]) => ({ name, value: String(value) }));
}

/** Resolves when every partition can be written to. */
function leadersOf({ admin }: AdminHandles, name: string): Promise<void> {
  const requireLeaders = async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
    if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return;
    throw new EventLogError('log_unavailable', `A partition of ${name} has no leader.`);
  };
  return retryUntil(requireLeaders, { ...leaderPolls, retriable: mayGetLeaders });
}

function mayGetLeaders(error: unknown): boolean {
  const type = kafkaErrorType(error);
  return (
    error instanceof EventLogError || type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'LEADER_NOT_AVAILABLE'
  );
}

async function describeTopic({ admin }: AdminHandles, name: string): Promise<TopicState> {
  const [partitions, config] = await Promise.all([partitionsOf(admin, name), configFrom(admin, name)]);
  const stamp = config.get(incarnationSetting);
  const retentionMs = Number(config.get('retention.ms') ?? -1);
  return {
    name,
    partitions: partitions.length,
    brokers: [...new Set(partitions.flatMap(({ replicas }) => replicas))],
    // A topic without a stamp was made by another tool.
    incarnation: stamp && stamp !== String(2n ** 63n - 1n) ? stamp : 'unstamped',
    maxRecordBytes: Number(config.get('max.message.bytes') ?? 0) - framingBytes,
    cleanup: config.get('cleanup.policy') ?? '',
    retentionMs: retentionMs < 0 ? undefined : retentionMs,
    timestamps: config.get('message.timestamp.type') ?? '',
  };
}

async function partitionsOf(
  admin: AdminHandles['admin'],
  name: string,
): Promise<readonly PartitionMetadata[]> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    return topics.find((topic) => topic.name === name)?.partitions ?? [];
  } catch (error) {
    const type = kafkaErrorType(error);
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION') throw topicUnknown(name);
    throw error;
  }
}

async function configFrom(admin: AdminHandles['admin'], name: string): Promise<Map<string, string>> {
  const resources = [{ type: topicResource, name }];
  try {
    const answer = await admin.describeConfigs({ resources, includeSynonyms: false });
    const entries = answer.resources[0]?.configEntries ?? [];
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw topicUnknown(name);
    throw error;
  }
}

function askedFor({ partitions, cleanup, retentionMs, maxRecordBytes }: TopicSpecification) {
  return {
    partitions,
    cleanup,
    retentionMs,
    maxRecordBytes: maxRecordBytes ?? defaultMaxRecordBytes,
    timestamps: 'LogAppendTime',
  };
}
