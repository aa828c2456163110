/** Sends the requests of callers to services, and finds the replies to those that came earlier, at whichever instance. */
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { encodeReply, type Reply } from '@tidings/event-log/request-reply/request-records.ts';
import {
  type SendOptions,
  type SentRequest,
  ServiceRequester,
} from '@tidings/event-log/request-reply/requester.ts';
import { codeOf } from '@tidings/failures/failure.ts';
import type { Tags } from '@tidings/service-kit/access/tags.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Counter, Gauge, type Registry } from '@tidings/service-kit/process/metrics.ts';
import { deadlineReply } from './deadlines.ts';
import { encodeAddress } from './outcomes.ts';
import type { RequestBody } from './request-body.ts';
import { callerKey, ownerKey, publicRequestId, readRequestId } from './request-ids.ts';
import type { MethodSettings } from './request-settings.ts';
import type { Watch, WatchedRequests } from './watched-requests.ts';

export interface ServiceRequestsParts {
  readonly log: EventLog;
  readonly tags: Tags;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly watched: WatchedRequests;
}

export interface AskedRequest {
  readonly service: string;
  readonly method: string;
  readonly settings: MethodSettings;
  /** null: whoever has the API key or the support token. */
  readonly owner: string | null;
  /** Whose share of the watched requests it is. */
  readonly caller: string;
  readonly body: RequestBody;
  /** The channel that is told of the outcome; null: none. */
  readonly channelId: string | null;
}

/** A request whose reply is awaited here. */
export interface OpenRequest {
  /** The id by which the caller knows the request. */
  readonly id: string;
  /** null: not within the time, or this process is stopping. Rejects with the signal's reason. */
  wait(milliseconds: number, signal: AbortSignal): Promise<Reply | null>;
  /** Nobody waits any more; the reply can still be found. */
  leave(): void;
}

/** A reply, or `waiting` for it. Where the deadline has passed, the reply says so. */
export type FoundReply = Reply | 'waiting';

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
      onError: (error) => parts.logger.warn({ err: error }, 'reading replies to requests failed; retrying'),
    });
    return new ServiceRequests(parts, requester);
  }

  /** Resolves when the request is durable. @throws what `ServiceRequester.send` throws; Problem rate_limited, unavailable */
  async ask({
    service,
    method,
    settings,
    owner,
    caller,
    body,
    channelId,
  }: AskedRequest): Promise<OpenRequest> {
    const deadline = Date.now() + settings.timeoutMs;
    const left = new AbortController();
    const { lane } = settings;
    const key = ownerKey(owner);
    const correlationId =
      channelId === null ? undefined : encodeAddress({ channelId, deadline, ownerKey: key });
    const replyTo = this.#requester.address;
    const ending = (id: string) => endingOf({ requestId: id, replyTo, correlationId: correlationId ?? id });
    const { requestId, reply } = await this.#send(
      { service, method, lane, deadline, correlationId, ...body },
      { signal: left.signal, ending },
      correlationId === undefined ? null : { replyTo, correlationId, deadline, caller: callerKey(caller) },
    );
    this.#asked.inc({ lane });
    const outcome = reply.catch((error: unknown) => {
      if (codeOf(error) !== 'deadline_exceeded') throw error;
      return this.#unknown(error);
    });
    // The caller hears of it by `wait`.
    outcome.catch(() => undefined);
    return {
      id: publicRequestId(this.#parts.tags, { requestId, deadline }, key),
      wait: (milliseconds, signal) => within(outcome, milliseconds, signal),
      leave: () => left.abort(),
    };
  }

  /** @param watch null where no channel is to be told */
  async #send(
    request: Parameters<ServiceRequester['send']>[0],
    options: SendOptions,
    watch: Watch | null,
  ): Promise<SentRequest> {
    const { watched } = this.#parts;
    if (watch === null) return this.#requester.send(request, options);
    let begun: string | null = null;
    const beside = (requestId: string) => {
      const records = watched.begin(requestId, watch);
      begun = requestId;
      return records;
    };
    try {
      return await this.#requester.send(request, { ...options, beside });
    } catch (error) {
      if (begun !== null) watched.abandon(begun);
      throw error;
    }
  }

  /**
   * What the log says of a request whose deadline has passed. A reply that says so is appended first: behind it no other one counts,
   * so that whoever asks for the request later, at whichever instance, hears the same. null where nobody knows at the moment.
   */
  async #conclude(address: Parameters<typeof encodeReply>[1]): Promise<Reply | null> {
    try {
      await this.#parts.log.append([endingOf(address)]);
      return await this.#requester.findReply(address.requestId);
    } catch (error) {
      return this.#unknown(error);
    }
  }

  #unknown(error: unknown): null {
    this.#parts.logger.warn({ err: error }, 'looking for the reply to a request failed');
    return null;
  }

  /** null where the id is none of ours, or the request is somebody else's. @param owner null may see all */
  async find(id: string, owner: string | null): Promise<FoundReply | null> {
    const known = readRequestId(this.#parts.tags, id, owner);
    if (known === null) return null;
    const isOver = Date.now() > known.deadline + SETTLE_MS;
    const { requestId } = known;
    const reply = await this.#requester.findReply(requestId);
    if (reply !== null || !isOver) return reply ?? 'waiting';
    const replyTo = this.#requester.addressBeside(requestId);
    const address = this.#parts.watched.addressOf(requestId) ?? {
      requestId,
      replyTo,
      correlationId: requestId,
    };
    return (await this.#conclude(address)) ?? 'waiting';
  }

  /** Whether a reply stands on the log. */
  async isAnswered(requestId: string): Promise<boolean> {
    return (await this.#requester.findReply(requestId)) !== null;
  }

  close(): Promise<void> {
    return this.#requester.close();
  }
}

/** A reply that says that the deadline has passed. */
function endingOf(address: Parameters<typeof encodeReply>[1]): NewRecord {
  return encodeReply(requestTopics.replies, address, deadlineReply());
}

/** null: no reply came within the time, or this process is stopping. */
function within(
  reply: Promise<Reply | null>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<Reply | null> {
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
      (error: unknown) => end(() => (codeOf(error) === 'requester_closed' ? resolve(null) : reject(error))),
    );
  });
}
