import { setTimeout as pause } from 'node:timers/promises';
import type { Broker, Cluster, Consumer, IMemberAssignment, TopicPartitionOffset } from 'kafkajs';
import { EventLogError } from '../event-log.ts';
import type { AdminConnection } from './admin-connection.ts';
import { consumerOf, KafkaClient, patientRetry } from './client.ts';
import { coordinatorOf, followCoordinator } from './coordinator.ts';
import { withDeadline } from './deadline.ts';
import type { KafkaLogSettings } from './settings.ts';

/** How often the member's loop looks whether a heartbeat is due. */
const tickMs = 50;
/** A heartbeat is also how a member learns that others have come or gone. */
const heartbeatMs = 500;
/** The group waits this long for its members when it shares its partitions anew. */
const rebalanceTimeoutMs = 20_000;
/** Beyond what any step of a healthy member takes. */
const silenceMs = rebalanceTimeoutMs + 15_000;
const leaveTimeoutMs = 5_000;
/** Between two looks for a coordinator that is gone. */
const coordinatorPauseMs = 200;
const firstPauseMs = 100;
const longestPauseMs = 5_000;

export interface MembershipOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** The group is about to share its partitions anew: resolves when nothing runs any more, and positions are kept. */
  beforeRejoin(): Promise<void>;
  /** The member did not join anew: it keeps its partitions, and held handlers may go on. */
  rejoinCancelled(): void;
  /** @param same whether the member is still the one that it was, so that nobody else has had the partitions that it keeps */
  assigned(assignment: IMemberAssignment, same: boolean): void;
  /** The member is none any more; its partitions go to others. */
  lost(): void;
}

interface WaitingCommit {
  readonly position: TopicPartitionOffset;
  resolve(): void;
  reject(error: unknown): void;
}

/** One kafkajs consumer, from joining to its end. */
interface Session {
  readonly client: KafkaClient;
  readonly consumer: Consumer;
  readonly ended: Promise<unknown>;
  end(reason: unknown): void;
  /** Of the last sign of life (performance.now). */
  lastSign: number;
}

/**
 * A member of a consumer group, for ever: whenever its kafkajs consumer ends, or shows no sign of life, there is another one after a
 * pause. The consumer only joins, beats and commits; it fetches nothing, as all its partitions are paused: its fetch loop
 * would wait for the slowest handler.
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
  private session: Session | null = null;
  private memberId: string | null = null;
  /** `beforeRejoin` was called, and neither a join nor the session's end has come of it. */
  private isRejoining = false;
  private pauseMs = firstPauseMs;

  constructor(settings: KafkaLogSettings, connection: AdminConnection, options: MembershipOptions) {
    this.settings = settings;
    this.connection = connection;
    this.options = options;
    this.running = this.run();
  }

  /** Rejects when Kafka has not taken the position: it cannot be reached, or the member is none any more. */
  commit(topic: string, partition: number, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const position = { topic, partition, offset: String(offset) };
      this.waiting.push({ position, resolve, reject });
      if (!this.committing) void this.commitWaiting();
    });
  }

  /** Resolves when Kafka has said, after this call, that the member is one; or when it has stopped. */
  confirmed(): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.signs.add(resolve));
  }

  /** Leaves the group. Whatever is to be committed has to be before. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.tell();
    this.session?.end(null);
    await this.running;
  }

  /** Kafka takes its time over a commit: all positions that come meanwhile go together in the next one. */
  private async commitWaiting(): Promise<void> {
    this.committing = true;
    while (this.waiting.length > 0) {
      const waiting = this.waiting.splice(0);
      try {
        if (!this.session) throw new Error('The group is not joined.');
        const work = this.session.consumer.commitOffsets(waiting.map(({ position }) => position));
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
      this.settings.logger.warn({ err: reason, group }, 'A member of a consumer group starts anew.');
      await pause(this.pauseMs, undefined, { signal }).catch(() => undefined);
      this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
    }
  }

  /** Resolves with the reason for which the session has ended. */
  private async live(): Promise<unknown> {
    const session = this.begin();
    this.session = session;
    const watchdog = setInterval(() => {
      if (performance.now() - session.lastSign > silenceMs)
        session.end(new Error('It showed no sign of life.'));
    }, heartbeatMs);
    try {
      const { consumer } = session;
      const started = async (): Promise<unknown> => {
        await consumer.connect();
        await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async () => undefined,
        });
        return session.ended;
      };
      return await Promise.race([started(), session.ended]);
    } catch (error) {
      return error;
    } finally {
      clearInterval(watchdog);
      this.session = null;
      this.memberId = null;
      this.isRejoining = false;
      await withDeadline('Leaving a group', leaveTimeoutMs, session.consumer.disconnect()).catch(
        () => undefined,
      );
      session.client.cut();
      this.options.lost();
    }
  }

  private begin(): Session {
    const { sessionTimeoutMs: sessionTimeout } = this.settings;
    const client = new KafkaClient(this.settings, { retry: patientRetry });
    const { consumer, cluster } = consumerOf(client, {
      groupId: this.options.group,
      sessionTimeout,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatMs,
      maxWaitTimeInMs: tickMs,
      retry: patientRetry,
    });
    this.holdBack(cluster);
    let end = (_reason: unknown): void => undefined;
    const ended = new Promise<unknown>((resolve) => {
      end = resolve;
    });
    const session: Session = {
      client,
      consumer,
      ended,
      end: (reason) => end(reason),
      lastSign: performance.now(),
    };
    this.listen(session);
    return session;
  }

  /** kafkajs tells nobody that it is about to join again. Its first step is to ask for the coordinator: it gets the answer when we are ready. */
  private holdBack(cluster: Cluster): void {
    const find = cluster.findGroupCoordinator;
    cluster.findGroupCoordinator = async (group) => {
      // Without heartbeats the group waits no longer than this.
      this.isRejoining = true;
      const work = this.options.beforeRejoin();
      await withDeadline('Finishing before joining anew', this.settings.sessionTimeoutMs * 0.7, work).catch(
        () => undefined,
      );
      const first = await find.call(cluster, group);
      return followCoordinator(first, () => this.findCoordinator(cluster));
    };
  }

  /** kafkajs itself doubles its pauses up to seconds, while the group's new coordinator forgets members that do not beat. */
  private async findCoordinator(cluster: Cluster): Promise<Broker> {
    const { group } = this.options;
    const end = performance.now() + this.settings.sessionTimeoutMs;
    for (;;) {
      try {
        return await cluster.findBroker({ nodeId: String(await coordinatorOf(this.connection, group)) });
      } catch (error) {
        const isClosed = error instanceof EventLogError && error.code === 'log_closed';
        if (isClosed || performance.now() >= end) throw error;
      }
      // Until the others have noticed, it is still the one that is gone.
      await pause(coordinatorPauseMs);
    }
  }

  private listen(session: Session): void {
    const { consumer } = session;
    const alive = (): void => {
      session.lastSign = performance.now();
      this.pauseMs = firstPauseMs;
      this.tell();
    };
    consumer.on(consumer.events.HEARTBEAT, () => {
      alive();
      // kafkajs beats in a membership that it has, and gives up joining anew after a lost connection: a broker that was killed
      // meanwhile knows nothing of a change, and takes the beat.
      if (this.session === session && this.isRejoining) this.options.rejoinCancelled();
      this.isRejoining = false;
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => session.end(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.session !== session) return;
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
