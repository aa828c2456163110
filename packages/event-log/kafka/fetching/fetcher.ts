import { pause, pauseAfter } from '@tidings/failures/retry.ts';
import type { Cluster } from 'kafkajs';
import { Wakeup } from '../../engine/wakeup.ts';
import { consumerOf, KafkaClient } from '../connections/client.ts';
import { withDeadline } from '../connections/deadline.ts';
import { kafkaErrorType } from '../connections/failures.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import { type FetchResponse, recordsOf } from './fetch-response.ts';

/**
 * Milliseconds for which Kafka keeps a fetch without records: a partition that is left out, because it is full or new, waits that long.
 * So it is short while one is full, and long only once nothing has changed for a time.
 */
const waits = { busyMs: 25, idleMs: 250, quietMs: 1_000 };
const quietAfterMs = 5_000;
const stalePauseMs = 50;
/** Between two connections, after failures. */
const pauses = { firstMs: 50, longestMs: 2_000 };
/** Empty fetches in a row, although there are records, after which the partition is fetched alone: others fill the request, or compaction has emptied a batch. */
const emptyFetchesUntilAlone = 2;
const isolationReadCommitted = 1;

/** Errors after which the leader is another broker, or soon will be. */
const stale: ReadonlySet<string> = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
]);

export interface FetcherOptions {
  /** Bytes that all buffers together may hold. */
  readonly maxHeldBytes: number;
  /** Called for each failure; the fetcher then goes on by itself. `sinceMs`: milliseconds without a fetch. */
  onFailure?(error: unknown, sinceMs: number): void;
}

interface Connection {
  readonly client: KafkaClient;
  readonly cluster: Cluster;
  readonly topics: Set<string>;
  /** Brokers with a running request of ours. A broker answers the requests of a connection one by one. */
  readonly busyNodes: Set<string>;
  failure: unknown;
}

/**
 * Fetches committed records for its buffers, without a group: one request at a time to each broker, for all buffers on its
 * partitions that have room. It goes on for ever, and connects again after each failure.
 */
export class Fetcher {
  private readonly settings: KafkaLogSettings;
  private readonly options: FetcherOptions;
  private readonly buffers = new Set<FetchBuffer>();
  private readonly wakeup = new Wakeup();
  private connection: Connection | null = null;
  private readonly closing = new AbortController();
  private lastSuccess = performance.now();
  /** Time at which something was fetched, or a partition was new, or not idle (performance.now). */
  private lastChange = performance.now();
  /** Failures in a row, without a fetch between two. */
  private failures = 0;

  constructor(settings: KafkaLogSettings, options: FetcherOptions) {
    this.settings = settings;
    this.options = options;
    void this.run();
  }

  add(buffer: FetchBuffer): void {
    this.buffers.add(buffer);
    this.expectPartitions();
    this.wakeup.wake();
  }

  /** Call it when partitions may be added soon: the fetches before them then end soon, too. */
  expectPartitions(): void {
    this.lastChange = performance.now();
  }

  remove(buffer: FetchBuffer): void {
    this.buffers.delete(buffer);
  }

  /** Call it when a buffer may have room. */
  readonly wake = (): void => this.wakeup.wake();

  close(): void {
    this.closing.abort(new Error('The fetcher is closed.'));
    this.connection?.client.cut();
    this.wakeup.wake();
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      const connection = this.begin();
      try {
        await withDeadline('Connecting', this.settings.callTimeoutMs, connection.cluster.connect());
        await this.serve(connection);
      } catch (error) {
        if (!this.isClosed) await this.interrupted(error);
      } finally {
        connection.client.cut();
      }
    }
  }

  private begin(): Connection {
    const client = new KafkaClient(this.settings, {
      requestTimeoutMs: waits.quietMs + this.settings.deadlines.fetchMs,
    });
    const { cluster } = consumerOf(client, { groupId: 'tidings-none', readUncommitted: true });
    this.connection = { client, cluster, topics: new Set(), busyNodes: new Set(), failure: null };
    return this.connection;
  }

  private async interrupted(error: unknown): Promise<void> {
    const sinceMs = performance.now() - this.lastSuccess;
    const { logger } = this.settings;
    // One warning for each outage.
    if (this.failures === 0) logger.warn({ err: error }, 'fetching from Kafka failed; retrying');
    else logger.debug?.({ err: error, sinceMs }, 'fetching from Kafka failed again; retrying');
    this.options.onFailure?.(error, sinceMs);
    this.failures += 1;
    await pause(pauseAfter(this.failures, pauses), this.closing.signal).catch(() => undefined);
  }

  private async serve(connection: Connection): Promise<void> {
    while (!this.isClosed) {
      if (connection.failure) throw connection.failure;
      await this.addMissingTopics(connection);
      for (const [node, buffers] of this.buffersByBroker(connection)) {
        connection.busyNodes.add(node);
        void this.fetchFrom(connection, node, buffers);
      }
      await this.wakeup.wait();
    }
  }

  private async addMissingTopics({ cluster, topics }: Connection): Promise<void> {
    const missing = [...new Set([...this.buffers].map(({ topic }) => topic))].filter(
      (topic) => !topics.has(topic),
    );
    if (missing.length === 0) return;
    await withDeadline(
      'Asking for leaders',
      this.settings.callTimeoutMs,
      cluster.addMultipleTargetTopics(missing),
    );
    for (const topic of missing) topics.add(topic);
  }

  private buffersByBroker({ cluster, busyNodes }: Connection): Map<string, FetchBuffer[]> {
    const byNode = new Map<string, FetchBuffer[]>();
    for (const buffer of this.buffers) {
      if (buffer.wanted === 0) continue;
      const [node] = Object.keys(cluster.findLeaderForPartitions(buffer.topic, [buffer.partition]));
      if (node === undefined)
        throw new Error(`Partition ${buffer.partition} of ${buffer.topic} has no leader.`);
      if (busyNodes.has(node)) continue;
      const buffers = byNode.get(node);
      if (buffers) buffers.push(buffer);
      else byNode.set(node, [buffer]);
    }
    return this.budget > 0 ? byNode : new Map();
  }

  private get budget(): number {
    let held = 0;
    for (const buffer of this.buffers) held += buffer.heldBytes;
    return this.options.maxHeldBytes - held;
  }

  private async fetchFrom(
    connection: Connection,
    node: string,
    buffers: readonly FetchBuffer[],
  ): Promise<void> {
    try {
      const alone = buffers.find(({ emptyFetches }) => emptyFetches >= emptyFetchesUntilAlone);
      await this.fetch(connection, node, alone ? [alone] : buffers, alone !== undefined);
      this.lastSuccess = performance.now();
      this.failures = 0;
    } catch (error) {
      await this.recover(connection, error).catch((failure: unknown) => {
        connection.failure ??= failure;
      });
    } finally {
      connection.busyNodes.delete(node);
      this.wakeup.wake();
    }
  }

  private async fetch(
    { cluster }: Connection,
    node: string,
    buffers: readonly FetchBuffer[],
    alone: boolean,
  ): Promise<void> {
    const waitMs = alone ? 0 : this.waitMs();
    const asked = buffers.map((buffer) => {
      return { buffer, position: buffer.position ?? 0, wanted: buffer.wanted, take: buffer.fetching() };
    });
    const work = async (): Promise<FetchResponse> => {
      const broker = await cluster.findBroker({ nodeId: node });
      return broker.fetch({
        isolationLevel: isolationReadCommitted,
        maxWaitTime: waitMs,
        minBytes: 1,
        maxBytes: Math.max(this.budget, 1),
        topics: asked.map(({ buffer: { topic, partition }, position, wanted }) => ({
          topic,
          partitions: [{ partition, fetchOffset: String(position), maxBytes: wanted }],
        })),
      });
    };
    const { responses } = await withDeadline('Fetching', waitMs + this.settings.deadlines.fetchMs, work());
    for (const { topicName, partitions } of responses) {
      for (const partition of partitions) {
        const one = asked.find(
          ({ buffer }) => buffer.topic === topicName && buffer.partition === partition.partition,
        );
        if (!one || !this.buffers.has(one.buffer)) continue;
        const fetched = recordsOf(topicName, partition, one.position);
        if (fetched.records.length > 0) this.lastChange = performance.now();
        one.take(fetched);
        // A fetch of one partition gives its first batch whole, so this batch has no record left.
        if (alone && fetched.isIncomplete) one.buffer.skip();
      }
    }
  }

  private waitMs(): number {
    const buffers = [...this.buffers];
    if (!buffers.every(({ isIdle }) => isIdle)) this.lastChange = performance.now();
    if (buffers.some(({ isFull }) => isFull)) return waits.busyMs;
    return performance.now() - this.lastChange < quietAfterMs ? waits.idleMs : waits.quietMs;
  }

  private async recover({ cluster }: Connection, error: unknown): Promise<void> {
    const type = kafkaErrorType(error);
    if (type === 'OFFSET_OUT_OF_RANGE') return this.toEarliest(cluster, error);
    if (type === null || !stale.has(type)) throw error;
    await pause(stalePauseMs, this.closing.signal);
    await withDeadline('Asking for leaders', this.settings.callTimeoutMs, cluster.refreshMetadata());
  }

  /** The record at the position is already removed, or the topic was made again. */
  private async toEarliest(cluster: Cluster, error: unknown): Promise<void> {
    const [buffer] = [...this.buffers].filter(
      ({ topic, partition }) =>
        error instanceof Error &&
        'topic' in error &&
        'partition' in error &&
        error.topic === topic &&
        error.partition === partition,
    );
    if (!buffer) throw error;
    const { topic, partition } = buffer;
    const asked = cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }]);
    const [found] = await withDeadline('Asking for the earliest offset', this.settings.callTimeoutMs, asked);
    this.settings.logger.warn(
      { topic, partition, position: buffer.position },
      'records deleted before they were read; reading on at the earliest offset',
    );
    buffer.rewind(Number(found?.partitions[0]?.offset ?? 0));
  }
}
