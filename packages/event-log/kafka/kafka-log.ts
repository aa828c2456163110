/**
 * The log on Apache Kafka 3.6 and later, by kafkajs 2.2.4. This folder works around the faults of kafkajs, so that no other room
 * meets them:
 *
 * - `append`: one idempotent producer, which is thrown away after its first failure (`producing/appender.ts`);
 * - groups: a kafkajs consumer joins and commits, but fetches nothing (`groups/membership.ts`). A fetcher of our own fetches the records
 *   without a group, so that no partition waits for the handler of another (`fetching/fetcher.ts`). `read` uses the same fetcher;
 * - `process`: one transactional producer for each input partition (`groups/partition-source.ts`, `producing/transactions.ts`);
 * - every client has connections of its own, and can be cut off (`connections/client.ts`).
 *
 * The identity of a topic is a stamp in one of its settings (`topics/topics.ts`). All members of a group must consume the same topics.
 */
import { consumeWorkers } from '../engine/consume-workers.ts';
import { Lifetime } from '../engine/lifetime.ts';
import { batchLimits, checkName } from '../engine/limits.ts';
import { ProcessWorker } from '../engine/process-worker.ts';
import type {
  ConsumeOptions,
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  ProcessOptions,
  ReadOptions,
  RecordPosition,
  TopicDescription,
  TopicSpecification,
} from '../event-log.ts';
import { AdminConnection } from './connections/admin-connection.ts';
import { type KafkaLogOptions, type KafkaLogSettings, settingsOf } from './connections/settings.ts';
import { KafkaReaderSource } from './fetching/reader-source.ts';
import { GroupConsumer, type KafkaGroupOptions } from './groups/group-consumer.ts';
import { Appender } from './producing/appender.ts';
import { Offsets } from './topics/offsets.ts';
import { KafkaTopics } from './topics/topics.ts';

export type { KafkaLogLogger, KafkaLogOptions } from './connections/settings.ts';

/** Processors that are assumed to run at once; bounds the bytes that are held. */
const processorsAtOnce = 4;

/**
 * Resolves when Kafka has answered. Rejects with `log_unavailable` after `callTimeoutMs`, and with `log_refused`
 * where Kafka refuses our password or certificate, or we do not trust its certificate. After later outages the log connects again by itself.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const settings = settingsOf(options);
  const connection = new AdminConnection(settings);
  try {
    await connection.request('Looking for Kafka', ({ admin }) => admin.listTopics());
  } catch (error) {
    connection.close();
    throw error;
  }
  const log = new KafkaLog(settings, connection);
  await log.prepare();
  return log;
}

class KafkaLog implements EventLog {
  private readonly settings: KafkaLogSettings;
  private readonly connection: AdminConnection;
  private readonly topics: KafkaTopics;
  private readonly offsets: Offsets;
  private readonly appender: Appender;
  private readonly lifetime = new Lifetime();

  constructor(settings: KafkaLogSettings, connection: AdminConnection) {
    this.settings = settings;
    this.connection = connection;
    this.topics = new KafkaTopics(connection, settings.replication);
    this.offsets = new Offsets(connection, this.topics);
    this.appender = new Appender(settings, this.topics);
  }

  /** Call it once, before anything else. */
  async prepare(): Promise<void> {
    await this.appender.prepare();
  }

  async ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    this.lifetime.check();
    await this.topics.ensure(topics);
    await this.appender.prefetchLeaders(topics.map(({ name }) => name));
  }

  async describeTopic(topic: string): Promise<TopicDescription> {
    this.lifetime.check();
    const { name, partitions, incarnation } = await this.topics.describe(topic);
    return { name, partitions, incarnation };
  }

  async append(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    this.lifetime.check();
    return records.length === 0 ? [] : this.appender.append(records);
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    return this.join(options, {
      handlers: options.concurrency ?? 1,
      createWorker: consumeWorkers(options),
    });
  }

  async process(options: ProcessOptions): Promise<Consumer> {
    const { onCrashPoint } = this.settings;
    return this.join(options, {
      handlers: processorsAtOnce,
      createWorker: (source) => new ProcessWorker(source, options, onCrashPoint),
    });
  }

  read(options: ReadOptions): AsyncIterable<readonly LogRecord[]> {
    const { settings, topics, offsets, lifetime } = this;
    return this.lifetime.addReader(
      new KafkaReaderSource({ settings, topics, offsets, check: lifetime.check }, options),
    );
  }

  async endOffsets(topic: string): Promise<number[]> {
    this.lifetime.check();
    return this.offsets.ends(topic);
  }

  async committedOffsets(group: string, topic: string): Promise<(number | null)[]> {
    this.lifetime.check();
    return this.offsets.committed(group, topic);
  }

  async countMembers(group: string): Promise<number> {
    this.lifetime.check();
    return this.connection.request('Asking for members', async ({ admin }) => {
      const { groups } = await admin.describeGroups([group]);
      return groups[0]?.members.length ?? 0;
    });
  }

  async purge(topic: string, group: string): Promise<number> {
    this.lifetime.check();
    return this.offsets.forget(topic, group);
  }

  close(): Promise<void> {
    return this.lifetime.close(async () => {
      await this.appender.close();
      this.connection.close();
    });
  }

  private async join(
    options: ConsumeOptions | ProcessOptions,
    workers: Pick<KafkaGroupOptions, 'handlers' | 'createWorker'>,
  ): Promise<Consumer> {
    this.lifetime.check();
    const { group, topics } = options;
    checkName('group', group);
    const { maxBytes: maxBatchBytes } = batchLimits(options);
    await Promise.all(topics.map((topic) => this.topics.describe(topic)));
    this.lifetime.check();
    const { settings, connection, offsets } = this;
    const member = new GroupConsumer(
      { settings, connection, topics: this.topics, offsets },
      { group, topics, maxBatchBytes, ...workers },
    );
    return this.lifetime.addConsumer(() => member.stop());
  }
}
