import { retryUntil } from '@tidings/failures/retry.ts';
import type { Admin, Cluster } from 'kafkajs';
import { logClosed } from '../../engine/failures.ts';
import { consumerOf, KafkaClient, quickRetry } from './client.ts';
import { withDeadline } from './deadline.ts';
import { fromKafkaError, isFinal, isOutage, refusalOf } from './failures.ts';
import type { KafkaLogSettings } from './settings.ts';

const pauses = { firstMs: 50, longestMs: 1_000 };

/** The clients by which a request is sent. */
export interface AdminHandles {
  readonly admin: Admin;
  /** Its offsets include uncommitted records. */
  readonly cluster: Cluster;
}

interface SharedHandles extends AdminHandles {
  readonly client: KafkaClient;
  readonly ready: Promise<void>;
  users: number;
  retired: boolean;
}

/**
 * Requests about topics, offsets and groups. All requests share one kafkajs client. After a failure the next request gets a new client:
 * kafkajs asks for every topic that it ever saw, and fails for all of them when one topic is gone.
 */
export class AdminConnection {
  private readonly settings: KafkaLogSettings;
  private current: SharedHandles | null = null;
  private closed = false;
  /** Whether Kafka has answered before. From then on a refusal is retried, because a password may be in change. */
  private wasAccepted = false;

  constructor(settings: KafkaLogSettings) {
    this.settings = settings;
  }

  /**
   * Tries `work` until Kafka does it. Rejects with a final refusal of Kafka, and with `log_unavailable` after `callTimeoutMs`, for the reason
   * that Kafka gave last, if it gave any.
   * @param what names the request in the error of a deadline
   */
  async request<Result>(what: string, work: (handles: AdminHandles) => Promise<Result>): Promise<Result> {
    const { callTimeoutMs: withinMs } = this.settings;
    const end = performance.now() + withinMs;
    const retriable = (error: unknown): boolean =>
      !isFinal(error) && (this.wasAccepted || refusalOf(error) === null);
    // The last attempt is cut off by the end of the time, which says nothing.
    let given: unknown = null;
    const onFailure = (error: unknown): void => {
      if (!isOutage(error)) given = error;
    };
    try {
      return await retryUntil(() => this.attempt(what, end - performance.now(), work), {
        ...pauses,
        withinMs,
        retriable,
        onFailure,
      });
    } catch (error) {
      const reason = isOutage(error) && given !== null ? given : error;
      throw (this.wasAccepted ? null : refusalOf(reason)) ?? asCallersError(reason);
    }
  }

  close(): void {
    this.closed = true;
    this.current?.client.cut();
    this.current = null;
  }

  private async attempt<Result>(
    what: string,
    timeoutMs: number,
    work: (handles: AdminHandles) => Promise<Result>,
  ): Promise<Result> {
    if (this.closed) throw logClosed();
    this.current ??= connect(this.settings);
    const handles = this.current;
    handles.users += 1;
    try {
      const answer = handles.ready.then(() => work(handles));
      const answered = await withDeadline(what, timeoutMs, answer);
      this.wasAccepted = true;
      return answered;
    } catch (error) {
      handles.retired = true;
      if (this.current === handles) this.current = null;
      throw error;
    } finally {
      handles.users -= 1;
      if (handles.retired && handles.users === 0) handles.client.cut();
    }
  }
}

function connect(settings: KafkaLogSettings): SharedHandles {
  const client = new KafkaClient(settings);
  const admin = client.kafka.admin({ retry: quickRetry });
  const { cluster } = consumerOf(client, { groupId: 'tidings-none', readUncommitted: true });
  const ready = Promise.all([admin.connect(), cluster.connect()]).then(() => undefined);
  ready.catch(() => undefined);
  return { client, admin, cluster, ready, users: 0, retired: false };
}

/** What Kafka refuses for good keeps Kafka's name; a failure that may pass becomes `log_unavailable`. */
function asCallersError(error: unknown): unknown {
  return isFinal(error) ? error : fromKafkaError(error);
}
