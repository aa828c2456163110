/** What workers by HTTP do at this instance: take requests, and renew and reply to those of any instance. */
import { randomUUID } from 'node:crypto';
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import {
  encodeReply,
  type Reply,
  type RequestLane,
} from '@tidings/event-log/request-reply/request-records.ts';
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { type HandOutParts, HandOuts, type LaneHandedOut } from './hand-outs.ts';
import { type LeaseAnswer, LeaseCalls } from './lease-calls.ts';
import { leaseToken, type RequestLease, readLeaseToken } from './lease-tokens.ts';

export interface WorkerParts extends HandOutParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
  readonly services: Iterable<string>;
  /** As of `LeaseCallParts`. */
  readonly answerMs?: number;
}

export class Workers {
  readonly #parts: WorkerParts;
  /** A new name for each start: a lease of an earlier process must not be taken for one of this process. */
  readonly #instance = randomUUID();
  readonly #services: ReadonlyMap<string, HandOuts>;
  #calls: LeaseCalls | null = null;

  private constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#services = new Map([...parts.services].map((service) => [service, new HandOuts(service, parts)]));
  }

  static async open(parts: WorkerParts): Promise<Workers> {
    const workers = new Workers(parts);
    const { log, logger, answerMs } = parts;
    workers.#calls = await LeaseCalls.open({
      ...{ log, logger, answerMs, instance: workers.#instance },
      holder: {
        renew: (leaseId) => workers.#renew(leaseId),
        reply: (leaseId, lease, reply) => workers.#settle(leaseId, lease, reply),
      },
    });
    return workers;
  }

  serves(service: string): boolean {
    return this.#services.has(service);
  }

  /** null where no request has come. */
  async take(
    service: string,
    lane: RequestLane | undefined,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<LaneHandedOut | null> {
    return (await this.#services.get(service)?.take(lane, milliseconds, signal)) ?? null;
  }

  giveBack(service: string, handedOut: LaneHandedOut): void {
    this.#services.get(service)?.giveBack(handedOut);
  }

  leaseOf({ leaseId, request }: LaneHandedOut): string {
    const { requestId, replyTo, correlationId, deadline } = request;
    const holder = this.#instance;
    return leaseToken(this.#parts.tags, { leaseId, holder, requestId, replyTo, correlationId, deadline });
  }

  /** null where the token is none of ours, or about another request. */
  readLease(requestId: string, token: string): RequestLease | null {
    const lease = readLeaseToken(this.#parts.tags, token);
    return lease?.requestId === requestId ? lease : null;
  }

  async renew(lease: RequestLease): Promise<LeaseAnswer> {
    if (lease.holder === this.#instance) return this.#renew(lease.leaseId) ? 'done' : 'ended';
    return (await this.#calls?.renew(lease)) ?? 'unknown';
  }

  /**
   * Resolves when the reply is durable. If the instance that gave the lease does not answer, this one appends the reply, unless the log
   * holds one already: of several replies the first one counts.
   * @throws RangeError for headers that a reply cannot have
   */
  async reply(lease: RequestLease, reply: Reply): Promise<'done' | 'ended'> {
    const record = encodeReply(requestTopics.replies, lease, reply);
    if (lease.deadline < Date.now()) return 'ended';
    if (lease.holder === this.#instance)
      return (await this.#settle(lease.leaseId, lease, reply)) ? 'done' : 'ended';
    const answer = (await this.#calls?.reply(lease, reply)) ?? 'unknown';
    if (answer !== 'unknown') return answer;
    if (await this.#parts.isAnswered(lease.requestId)) return 'ended';
    await this.#parts.log.append([record]);
    return 'done';
  }

  /** Hands nothing out any more. Resolves once workers have replied to what they have in hand, or after the time. */
  async drain(milliseconds: number): Promise<void> {
    await Promise.all([...this.#services.values()].map((handOuts) => handOuts.drain(milliseconds)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services.values()].map((handOuts) => handOuts.close()));
    await this.#calls?.close();
  }

  #renew(leaseId: string): boolean {
    return [...this.#services.values()].some((handOuts) => handOuts.renew(leaseId));
  }

  async #settle(leaseId: string, lease: Parameters<typeof encodeReply>[1], reply: Reply): Promise<boolean> {
    const record = encodeReply(requestTopics.replies, lease, reply);
    for (const handOuts of this.#services.values()) {
      if (await handOuts.settle(leaseId, () => this.#parts.log.append([record]))) return true;
    }
    return false;
  }
}
