import { codeOf } from '@tidings/failures/failure.ts';
import { pause, pauseAfter, retryUntil } from '@tidings/failures/retry.ts';
import type { Broker, Cluster, Consumer, IMemberAssignment, TopicPartitionOffset } from 'kafkajs';
import type { AdminConnection } from '../connections/admin-connection.ts';
import { consumerOf, KafkaClient, patientRetry } from '../connections/client.ts';
import { withDeadline } from '../connections/deadline.ts';
import type { KafkaLogSettings } from '../connections/settings.ts';
import { coordinatorOf, followCoordinator } from './coordinator.ts';

/** Milliseconds between heartbeats, by which a member also learns of a rebalance. */
const heartbeatMs = 500;
/** Milliseconds between two checks whether a heartbeat is due: a member that is to leave waits for the next one. A third, and a little for the clock. */
const tickMs = 170;
const leaveTimeoutMs = 5_000;
/** Between two searches for a lost coordinator. */
const coordinatorPauses = { firstMs: 200, longestMs: 200 };
/** Between two consumers of the member. */
const pauses = { firstMs: 100, longestMs: 5_000 };

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Called before a rebalance: resolves when no handler runs, and the positions are committed. */
  beforeRejoin(): Promise<void>;
  /** The member did not join again: it keeps its partitions, and held handlers may go on. */
  rejoinCancelled(): void;
  /** @param same whether the member id is the same, so that no other member has had the partitions that it keeps */
  assigned(assignment: IMemberAssignment, same: boolean): void;
  /** The member has left the group, and its partitions go to others. */
  lost(): void;
}

interface WaitingCommit {
  readonly position: TopicPartitionOffset;
  resolve(): void;
  reject(error: unknown): void;
}

/** One kafkajs consumer, from joining to its end. */
interface ConsumerLife {
  readonly client: KafkaClient;
  readonly consumer: Consumer;
  readonly ended: Promise<unknown>;
  end(reason: unknown): void;
  /** Time of the last sign of life (performance.now). */
  lastSign: number;
}

/**
 * A lasting member of a consumer group: when its kafkajs consumer ends, or shows no sign of life, another one follows after a
 * pause. The consumer only joins, sends heartbeats and commits. It fetches nothing, because all of its partitions are paused: its
 * fetch loop would wait for the slowest handler.
 */
export class Membership {
  private readonly settings: KafkaLogSettings;
  private readonly connection: AdminConnection;
  private readonly options: MembershipOptions;
  private readonly signs = new Set<() => void>();
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private readonly waiting: WaitingCommit[] = [];
  private committing = false;
  private life: ConsumerLife | null = null;
  private memberId: string | null = null;
  /** Whether `beforeRejoin` was called, and neither a join nor the end of the consumer has followed. */
  private isRejoining = false;
  /** Ends of its consumers in a row, without a heartbeat between two. */
  private failures = 0;

  constructor(settings: KafkaLogSettings, connection: AdminConnection, options: MembershipOptions) {
    this.settings = settings;
    this.connection = connection;
    this.options = options;
    this.running = this.run();
  }

  /** Rejects when Kafka has not taken the position, because it cannot be reached, or because the member has left the group. */
  commit(topic: string, partition: number, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const position = { topic, partition, offset: String(offset) };
      this.waiting.push({ position, resolve, reject });
      if (!this.committing) void this.commitWaiting();
    });
  }

  /** Resolves when Kafka has confirmed the membership after this call, or when the member has stopped. */
  confirmed(): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.signs.add(resolve));
  }

  /** Leaves the group. Commit every position before. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.tell();
    this.life?.end(null);
    await this.running;
  }

  /** Commits take time: all positions that come during one go together in the next. */
  private async commitWaiting(): Promise<void> {
    this.committing = true;
    while (this.waiting.length > 0) {
      const waiting = this.waiting.splice(0);
      try {
        if (!this.life) throw new Error('The group is not joined.');
        const work = this.life.consumer.commitOffsets(waiting.map(({ position }) => position));
        await withDeadline('Committing positions', this.settings.callTimeoutMs, work);
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.committing = false;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const reason = await this.live();
      if (signal.aborted) return;
      const { group } = this.options;
      this.settings.logger.warn({ err: reason, group }, 'consumer group member failed; joining again');
      this.failures += 1;
      await pause(pauseAfter(this.failures, pauses), signal).catch(() => undefined);
    }
  }

  /** Resolves with the reason for which the consumer has ended. */
  private async live(): Promise<unknown> {
    const life = this.begin();
    this.life = life;
    const watchdog = setInterval(() => {
      if (performance.now() - life.lastSign > this.settings.deadlines.memberMs)
        life.end(new Error('It showed no sign of life.'));
    }, this.settings.deadlines.memberMs / 10);
    try {
      const { consumer } = life;
      const started = async (): Promise<unknown> => {
        await consumer.connect();
        await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async () => undefined,
        });
        return life.ended;
      };
      return await Promise.race([started(), life.ended]);
    } catch (error) {
      return error;
    } finally {
      clearInterval(watchdog);
      this.life = null;
      this.memberId = null;
      this.isRejoining = false;
      await withDeadline('Leaving a group', leaveTimeoutMs, life.consumer.disconnect()).catch(
        () => undefined,
      );
      life.client.cut();
      this.options.lost();
    }
  }

  private begin(): ConsumerLife {
    const { sessionTimeoutMs: sessionTimeout } = this.settings;
    const client = new KafkaClient(this.settings, { retry: patientRetry });
    const { consumer, cluster } = consumerOf(client, {
      groupId: this.options.group,
      sessionTimeout,
      rebalanceTimeout: this.settings.deadlines.rebalanceMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: tickMs,
      retry: patientRetry,
    });
    this.holdBack(cluster);
    let end = (_reason: unknown): void => undefined;
    const ended = new Promise<unknown>((resolve) => {
      end = resolve;
    });
    const life: ConsumerLife = {
      client,
      consumer,
      ended,
      end: (reason) => end(reason),
      lastSign: performance.now(),
    };
    this.listen(life);
    return life;
  }

  /** kafkajs does not announce that it joins again. Its first step is to find the coordinator, so that call is held until the handlers have ended. */
  private holdBack(cluster: Cluster): void {
    const find = cluster.findGroupCoordinator;
    cluster.findGroupCoordinator = async (group) => {
      // Without heartbeats the group waits for at most this time.
      this.isRejoining = true;
      const work = this.options.beforeRejoin();
      await withDeadline('Finishing before joining anew', this.settings.sessionTimeoutMs * 0.7, work).catch(
        () => undefined,
      );
      const first = await find.call(cluster, group);
      return followCoordinator(first, () => this.findCoordinator(cluster));
    };
  }

  /** The pauses of kafkajs double up to seconds, and meanwhile the new coordinator removes members without heartbeats. */
  private findCoordinator(cluster: Cluster): Promise<Broker> {
    const { group } = this.options;
    const find = async () =>
      cluster.findBroker({ nodeId: String(await coordinatorOf(this.connection, group)) });
    // Until the other brokers have noticed, they still name the lost coordinator.
    return retryUntil(find, {
      ...coordinatorPauses,
      withinMs: this.settings.sessionTimeoutMs,
      retriable: (error) => codeOf(error) !== 'log_closed',
    });
  }

  private listen(life: ConsumerLife): void {
    const { consumer } = life;
    const alive = (): void => {
      life.lastSign = performance.now();
      this.failures = 0;
      this.tell();
    };
    consumer.on(consumer.events.HEARTBEAT, () => {
      alive();
      // After a lost connection kafkajs keeps its membership and sends heartbeats instead of joining again. A broker that was
      // restarted meanwhile knows of no rebalance and accepts them, so the join does not come.
      if (this.life === life && this.isRejoining) this.options.rejoinCancelled();
      this.isRejoining = false;
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => life.end(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.life !== life) return;
      consumer.pause(this.options.topics.map((topic) => ({ topic })));
      const same = this.memberId === payload.memberId;
      this.memberId = payload.memberId;
      this.isRejoining = false;
      this.options.assigned(payload.memberAssignment, same);
      alive();
    });
  }

  private tell(): void {
    const signs = [...this.signs];
    this.signs.clear();
    for (const sign of signs) sign();
  }
}
