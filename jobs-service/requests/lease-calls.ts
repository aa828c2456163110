/**
 * Passes what a worker says about its lease to the instance that gave the lease: as a request by the log, to which that instance replies.
 * So a worker may send each of its HTTP requests to any instance.
 */
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import {
  decodeRequest,
  encodeReply,
  type ReceivedRequest,
  type Reply,
} from '@tidings/event-log/request-reply/request-records.ts';
import { RequesterError, ServiceRequester } from '@tidings/event-log/request-reply/requester.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { RequestLease } from './lease-tokens.ts';

/** `ended`: the lease has ended. `unknown`: its holder does not answer. */
export type LeaseAnswer = 'done' | 'ended' | 'unknown';

export interface LeaseHolder {
  renew(leaseId: string): boolean;
  /** Resolves with false where the lease has ended. */
  reply(leaseId: string, request: ReceivedRequest | RequestLease, reply: Reply): Promise<boolean>;
}

export interface LeaseCallParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** The name of this instance as a holder. */
  readonly instance: string;
  readonly holder: LeaseHolder;
  /** Milliseconds in which a holder must answer; default 3,000. */
  readonly answerMs?: number;
}

const ANSWER_MS = 3_000;
const none = new Uint8Array();

export class LeaseCalls {
  readonly #parts: LeaseCallParts;
  readonly #requester: ServiceRequester;
  readonly #stopping = new AbortController();
  readonly #following: Promise<void>;

  private constructor(parts: LeaseCallParts, requester: ServiceRequester, ends: readonly number[]) {
    this.#parts = parts;
    this.#requester = requester;
    this.#following = this.#follow([...ends]);
  }

  /** Resolves when the calls of others are heard. */
  static async open(parts: LeaseCallParts): Promise<LeaseCalls> {
    const { log } = parts;
    const called = { normal: topics.leases, heavy: topics.leases, replies: requestTopics.replies };
    const ends = await log.endOffsets(topics.leases);
    return new LeaseCalls(parts, await ServiceRequester.open({ log, topics: called }), ends);
  }

  renew(lease: RequestLease): Promise<LeaseAnswer> {
    return this.#call(lease, 'renew', { status: 200, headers: {}, body: none });
  }

  reply(lease: RequestLease, reply: Reply): Promise<LeaseAnswer> {
    return this.#call(lease, 'reply', reply);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#requester.close();
    await this.#following;
  }

  async #call(
    lease: RequestLease,
    method: 'renew' | 'reply',
    { status, headers, body }: Reply,
  ): Promise<LeaseAnswer> {
    const { answerMs = ANSWER_MS } = this.#parts;
    const deadline = Date.now() + answerMs;
    const called = {
      service: lease.holder,
      method,
      lane: 'normal',
      deadline,
      body,
      headers: { lease: JSON.stringify(lease), status: String(status), headers: JSON.stringify(headers) },
    } as const;
    try {
      const { reply } = await this.#requester.send(called);
      return (await reply).status === 200 ? 'done' : 'ended';
    } catch (error) {
      if (error instanceof RequesterError && error.code === 'deadline_exceeded') return 'unknown';
      throw error;
    }
  }

  async #follow(offsets: number[]): Promise<void> {
    const { signal } = this.#stopping;
    const onFailure = (error: unknown) =>
      this.#parts.logger.warn({ err: error }, 'reading calls about leases failed; retrying');
    try {
      await retryUntil(() => this.#read(offsets), { signal, onFailure, firstMs: 50, longestMs: 1_000 });
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    }
  }

  async #read(offsets: number[]): Promise<void> {
    const options = { topic: topics.leases, from: { offsets }, follow: true };
    const batches = this.#parts.log.read(options)[Symbol.asyncIterator]();
    const { signal } = this.#stopping;
    const leave = () => void batches.return?.();
    signal.addEventListener('abort', leave, { once: true });
    try {
      for (let next = await batches.next(); !next.done && !signal.aborted; next = await batches.next()) {
        for (const record of next.value) {
          offsets[record.partition] = record.offset + 1;
          void this.#hear(record);
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      await batches.return?.();
    }
  }

  /** Never rejects. A caller that gets no answer decides by itself. */
  async #hear(record: LogRecord): Promise<void> {
    const call = decodeRequest(record);
    const { log, instance, logger } = this.#parts;
    if (call === null || call.service !== instance || call.deadline < Date.now()) return;
    try {
      const status = (await this.#obey(call)) ? 200 : 409;
      await log.append([encodeReply(requestTopics.replies, call, { status, headers: {}, body: none })]);
    } catch (error) {
      logger.warn({ err: error, requestId: call.requestId }, 'call about a lease not answered');
    }
  }

  async #obey({ method, headers, body }: ReceivedRequest): Promise<boolean> {
    const { holder } = this.#parts;
    const lease = JSON.parse(headers.lease ?? '') as RequestLease;
    if (method === 'renew') return holder.renew(lease.leaseId);
    const reply = { status: Number(headers.status), headers: JSON.parse(headers.headers ?? ''), body };
    return holder.reply(lease.leaseId, lease, reply);
  }
}
