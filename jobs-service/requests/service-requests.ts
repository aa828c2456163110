/** Sends the requests of callers to services, and finds the replies to those that came earlier, at whichever instance. */
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Reply } from '@tidings/event-log/request-reply/request-records.ts';
import { RequesterError, ServiceRequester } from '@tidings/event-log/request-reply/requester.ts';
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { encodeAddress, type OutcomeAddress, outcome } from './outcomes.ts';
import type { RequestBody } from './request-body.ts';
import { ownerKey, publicRequestId, readRequestId } from './request-ids.ts';
import type { MethodSettings } from './request-settings.ts';

export interface ServiceRequestsParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface AskedRequest {
  readonly service: string;
  readonly method: string;
  readonly settings: MethodSettings;
  /** null: whoever has the API key or the support token. */
  readonly owner: string | null;
  readonly body: RequestBody;
  /** The channel that is told of the outcome; null: none. */
  readonly channelId: string | null;
}

/** A request whose reply is awaited here. */
export interface OpenRequest {
  /** The id by which the caller knows the request. */
  readonly id: string;
  /** null: not within the time, or this process is stopping. Rejects with `deadline_exceeded`, or the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<Reply | null>;
  /** Nobody waits any more; the reply can still be found. */
  leave(): void;
}

/** A reply, `waiting` for it, or `expired`: none will come. */
export type FoundReply = Reply | 'waiting' | 'expired';

/** The status of a request that nobody has answered. */
const DEADLINE_STATUS = 504;
/** Milliseconds after a deadline within which an earlier reply becomes visible. */
const SETTLE_MS = 2_000;

export class ServiceRequests {
  readonly #requester: ServiceRequester;
  readonly #parts: ServiceRequestsParts;
  readonly #asked: Counter<'lane'>;

  private constructor(parts: ServiceRequestsParts, requester: ServiceRequester) {
    this.#parts = parts;
    this.#requester = requester;
    const registers = [parts.registry];
    this.#asked = new Counter({
      name: 'tidings_requests_total',
      help: 'Requests to services that were put on the log, by lane',
      labelNames: ['lane'],
      registers,
    });
    new Gauge({
      name: 'tidings_requests_open',
      help: 'Requests to services whose replies this process waits for',
      registers,
      collect() {
        this.set(requester.openRequests);
      },
    });
  }

  /** Resolves when replies are read. */
  static async open(parts: ServiceRequestsParts): Promise<ServiceRequests> {
    const dropped = new Counter({
      name: 'tidings_request_replies_dropped_total',
      help: 'Replies that nobody waited for, by reason',
      labelNames: ['reason'],
      registers: [parts.registry],
    });
    const requester = await ServiceRequester.open({
      log: parts.log,
      topics: requestTopics,
      onDropped: (reason) => dropped.inc({ reason }),
      onError: (error) =>
        parts.logger.warn({ err: error }, 'replies to requests cannot be read at the moment'),
    });
    return new ServiceRequests(parts, requester);
  }

  /** Resolves when the request is durable. @throws what `ServiceRequester.send` throws */
  async ask({ service, method, settings, owner, body, channelId }: AskedRequest): Promise<OpenRequest> {
    const deadline = Date.now() + settings.timeoutMs;
    const left = new AbortController();
    const { lane } = settings;
    const address = channelId === null ? null : { channelId, deadline, ownerKey: ownerKey(owner) };
    const correlationId = address === null ? undefined : encodeAddress(address);
    const { requestId, reply } = await this.#requester.send(
      { service, method, lane, deadline, correlationId, ...body },
      left.signal,
    );
    this.#asked.inc({ lane });
    if (address !== null) this.#watch(requestId, reply, address);
    return {
      id: publicRequestId(this.#parts.tags, { requestId, deadline }, ownerKey(owner)),
      wait: (milliseconds, signal) => within(reply, milliseconds, signal),
      // A request with a channel stays open, so that its channel is told if no reply comes.
      leave: () => (address === null ? left.abort() : undefined),
    };
  }

  /** Tells the channel when the deadline has passed without a reply; replies are told of by `notifyOutcomes`. */
  #watch(requestId: string, reply: Promise<Reply>, address: OutcomeAddress): void {
    const { log, tags, logger } = this.#parts;
    reply.catch(async (error: unknown) => {
      if (!(error instanceof RequesterError) || error.code !== 'deadline_exceeded') return;
      await log
        .append([outcome(tags, address, requestId, DEADLINE_STATUS)])
        .catch((failure: unknown) => logger.warn({ err: failure, requestId }, 'an outcome was not told'));
    });
  }

  /** null where the id is none of ours, or the request is somebody else's. @param owner null may see all */
  async find(id: string, owner: string | null): Promise<FoundReply | null> {
    const known = readRequestId(this.#parts.tags, id, owner);
    if (known === null) return null;
    const isOver = Date.now() > known.deadline + SETTLE_MS;
    const reply = await this.#requester.findReply(known.requestId);
    return reply ?? (isOver ? 'expired' : 'waiting');
  }

  /** Whether a reply stands on the log. */
  async isAnswered(requestId: string): Promise<boolean> {
    return (await this.#requester.findReply(requestId)) !== null;
  }

  close(): Promise<void> {
    return this.#requester.close();
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof RequesterError && error.code === 'requester_closed';
}

/** null: no reply came within the time, or this process is stopping. */
function within(reply: Promise<Reply>, milliseconds: number, signal: AbortSignal): Promise<Reply | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => resolve(null)), milliseconds);
    const onAbort = () => end(() => reject(signal.reason));
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    reply.then(
      (found) => end(() => resolve(found)),
      (error: unknown) => end(() => (isClosed(error) ? resolve(null) : reject(error))),
    );
  });
}
