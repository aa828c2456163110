/**
 * The log on Apache Kafka 3.6 and later, by kafkajs. What kafkajs 2.2.4 does well is used, what it does not is worked around here, and
 * nothing outside of this folder knows of either:
 *
 * - `append`: one idempotent producer, thrown away after its first failure (`appender.ts`);
 * - groups: a kafkajs consumer joins and commits, but fetches nothing (`membership.ts`); records are fetched by ourselves,
 *   without a group, so that no partition waits for another's handler (`fetcher.ts`). `read` uses the same fetcher;
 * - `process`: one transactional producer for each input partition (`process-worker.ts`, `transactions.ts`);
 * - every client has connections of its own, and can be cut off (`client.ts`).
 *
 * The identity of a topic is a stamp in one of its settings (`topics.ts`). Members of a group have to ask for the same topics.
 */
import PQueue from 'p-queue';
import { batchLimits, checkName } from '../engine/limits.ts';
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
import { AdminConnection } from './admin-connection.ts';
import { Appender } from './appender.ts';
import { ConsumeWorker } from './consume-worker.ts';
import { logClosed } from './failures.ts';
import { GroupConsumer, type GroupOptions } from './group-consumer.ts';
import { Offsets } from './offsets.ts';
import { ProcessWorker } from './process-worker.ts';
import { Reader } from './reader.ts';
import { type KafkaLogOptions, type KafkaLogSettings, settingsOf } from './settings.ts';
import { Topics } from './topics.ts';

export type { KafkaLogLogger, KafkaLogOptions } from './settings.ts';

/** Partitions whose processors are thought to run at once, for the bound of what is held. */
const processorsAtOnce = 4;

/**
 * Resolves when Kafka has answered; rejects with `log_unavailable` when it does not within `callTimeoutMs`, and with `log_refused`
 * where it takes no password or certificate of ours, or we none of its. Whatever happens to Kafka later, the log connects again by itself.
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
  private readonly topics: Topics;
  private readonly offsets: Offsets;
  private readonly appender: Appender;
  private readonly consumers = new Set<Consumer>();
  private readonly readers = new Set<Reader>();
  private closing: Promise<void> | null = null;

  constructor(settings: KafkaLogSettings, connection: AdminConnection) {
    this.settings = settings;
    this.connection = connection;
    this.topics = new Topics(connection, settings.replication);
    this.offsets = new Offsets(connection, this.topics);
    this.appender = new Appender(settings, this.topics);
  }

  /** To be called once, before anything else. */
  async prepare(): Promise<void> {
    await this.appender.prepare();
  }

  async ensureTopics(topics: readonly TopicSpecification[]): Promise<void> {
    this.checkOpen();
    await this.topics.ensure(topics);
    await this.appender.learn(topics.map(({ name }) => name));
  }

  async describeTopic(topic: string): Promise<TopicDescription> {
    this.checkOpen();
    const { name, partitions, incarnation } = await this.topics.describe(topic);
    return { name, partitions, incarnation };
  }

  async append(records: readonly NewRecord[]): Promise<RecordPosition[]> {
    this.checkOpen();
    return records.length === 0 ? [] : this.appender.append(records);
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const { concurrency = 1 } = options;
    const slots = new PQueue({ concurrency });
    return this.subscribe(options, {
      handlers: concurrency,
      createWorker: (parts, place) => new ConsumeWorker(parts, options, place, slots),
    });
  }

  async process(options: ProcessOptions): Promise<Consumer> {
    return this.subscribe(options, {
      handlers: processorsAtOnce,
      createWorker: (parts, place) => new ProcessWorker(parts, options, place),
    });
  }

  read(options: ReadOptions): AsyncIterable<readonly LogRecord[]> {
    const { settings, topics, offsets } = this;
    const check = (): void => this.checkOpen();
    const history = new Reader({ settings, topics, offsets, check }, options, (ended) =>
      this.readers.delete(ended),
    );
    this.readers.add(history);
    return history;
  }

  async endOffsets(topic: string): Promise<number[]> {
    this.checkOpen();
    return this.offsets.ends(topic);
  }

  async committedOffsets(group: string, topic: string): Promise<(number | null)[]> {
    this.checkOpen();
    return this.offsets.committed(group, topic);
  }

  async purge(topic: string, group: string): Promise<number> {
    this.checkOpen();
    return this.offsets.forget(topic, group);
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await Promise.all([...this.readers].map((reader) => reader.return()));
    await this.appender.close();
    this.connection.close();
  }

  private checkOpen(): void {
    if (this.closing) throw logClosed();
  }

  private async subscribe(
    options: ConsumeOptions | ProcessOptions,
    workers: Pick<GroupOptions, 'handlers' | 'createWorker'>,
  ): Promise<Consumer> {
    this.checkOpen();
    checkName('group', options.group);
    const limits = batchLimits(options);
    await Promise.all(options.topics.map((topic) => this.topics.describe(topic)));
    this.checkOpen();
    const { settings, connection, topics, offsets } = this;
    const member = new GroupConsumer(
      { settings, connection, topics, offsets },
      { group: options.group, topics: options.topics, limits, ...workers },
    );
    const consumer: Consumer = {
      stop: () => member.stop().finally(() => this.consumers.delete(consumer)),
    };
    this.consumers.add(consumer);
    return consumer;
  }
}
