import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Cluster } from 'kafkajs';
import { consumerOf, KafkaClient, quickRetry } from './client.ts';
import { withDeadline } from './deadline.ts';
import { asEventLogError, isFinal, logClosed, refusalOf } from './failures.ts';
import type { KafkaLogSettings } from './options.ts';

const firstPauseMs = 50;
const longestPauseMs = 1_000;

export interface Connection {
  readonly admin: Admin;
  /** Answers questions for offsets with what is written, committed or not. */
  readonly cluster: Cluster;
}

interface SharedConnection extends Connection {
  readonly client: KafkaClient;
  readonly ready: Promise<void>;
  users: number;
  retired: boolean;
}

/**
 * Questions and orders to Kafka, over one connection for all. After any failure the next one gets a new connection: kafkajs keeps
 * asking for every topic that it ever saw, and fails for all of them when one is gone.
 */
export class Calls {
  private readonly settings: KafkaLogSettings;
  private current: SharedConnection | null = null;
  private closed = false;
  /** Whether Kafka has answered before. From then on a refusal may pass: somebody may be changing a password. */
  private wasLetIn = false;

  constructor(settings: KafkaLogSettings) {
    this.settings = settings;
  }

  /** Tries until it is answered; rejects with what Kafka refuses for good, and with `log_unavailable` when the time is over. */
  async ask<Result>(what: string, question: (connection: Connection) => Promise<Result>): Promise<Result> {
    const { callTimeoutMs } = this.settings;
    const end = performance.now() + callTimeoutMs;
    let pauseMs = firstPauseMs;
    for (;;) {
      if (this.closed) throw logClosed();
      try {
        return await this.once(what, end - performance.now(), question);
      } catch (error) {
        if (isFinal(error)) throw error;
        const refusal = this.wasLetIn ? null : refusalOf(error);
        if (refusal !== null) throw refusal;
        if (performance.now() + pauseMs >= end) throw asEventLogError(error);
      }
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  close(): void {
    this.closed = true;
    this.current?.client.cut();
    this.current = null;
  }

  private async once<Result>(
    what: string,
    timeoutMs: number,
    question: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    this.current ??= connect(this.settings);
    const connection = this.current;
    connection.users += 1;
    try {
      const answer = connection.ready.then(() => question(connection));
      const answered = await withDeadline(what, timeoutMs, answer);
      this.wasLetIn = true;
      return answered;
    } catch (error) {
      connection.retired = true;
      if (this.current === connection) this.current = null;
      throw error;
    } finally {
      connection.users -= 1;
      if (connection.retired && connection.users === 0) connection.client.cut();
    }
  }
}

function connect(settings: KafkaLogSettings): SharedConnection {
  const client = new KafkaClient(settings);
  const admin = client.kafka.admin({ retry: quickRetry });
  const { cluster } = consumerOf(client, { groupId: 'tidings-none', readUncommitted: true });
  const ready = Promise.all([admin.connect(), cluster.connect()]).then(() => undefined);
  ready.catch(() => undefined);
  return { client, admin, cluster, ready, users: 0, retired: false };
}
