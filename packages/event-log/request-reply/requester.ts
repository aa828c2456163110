/**
 * Sends requests to services and waits for their replies. This comment and that of `serve-requests.ts` are the contract; the conformance
 * suite tests it over every engine.
 *
 * **A request** is a record of its lane's topic. It names the instance that waits, which alone reads the replies of its partition from
 * its own start on: instances share no table of open requests. It is delivered at least once, so a service may reply to it twice; the first
 * reply counts.
 *
 * **Nothing is left over**: a request is open until its reply, its deadline, the caller's signal or `close`, whichever comes first. With an
 * `ending` the deadline is a reply, too: of all replies the first one on the log counts, and it comes within five seconds or not at all.
 * A reply for which nobody waits is counted and dropped: to a request that is open no longer (`late`), to another instance that shares the
 * partition, or that has died (`foreign`). Whatever stands in the topic stops nobody (`malformed`).
 *
 * **Any instance finds a reply** by the id of its request for as long as the topic keeps it, also after the instance that waited has died.
 *
 * **Bounds**: 10,000 open requests, of which none holds its body; the log bounds the size of bodies.
 */
import { randomUUID } from 'node:crypto';
import { Failure } from '@tidings/failures/failure.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import { partitionOf } from '../engine/partitioner.ts';
import type { EventLog, LogRecord, NewRecord } from '../event-log.ts';
import { ReplySearch } from './reply-search.ts';
import { decodeRequestId, newRequestId } from './request-id.ts';
import {
  decodeReply,
  encodeRequest,
  type Reply,
  type RequestLane,
  type RequestTopics,
  type ServiceRequest,
} from './request-records.ts';

export type DroppedReply = 'late' | 'foreign' | 'malformed';

export interface RequesterOptions {
  readonly log: EventLog;
  readonly topics: RequestTopics;
  /** Requests that may be open at once; default 10,000. */
  readonly maxOpen?: number;
  /** Called for each reply that nobody waits for. Must not throw. */
  onDropped?(reason: DroppedReply): void;
  /** Called each time that replies cannot be read, before the pause. Must not throw. */
  onError?(error: unknown): void;
}

export interface SentRequest {
  readonly requestId: string;
  /** Rejects with `deadline_exceeded`, `requester_closed`, or the reason of the caller's signal. */
  readonly reply: Promise<Reply>;
}

export interface SendOptions {
  /** Its abort ends the wait for the reply: the caller has gone. */
  readonly signal?: AbortSignal;
  /** Records that are appended in the same call, by the id that the request has. */
  readonly beside?: (requestId: string) => readonly NewRecord[];
  /** A reply that is appended at the deadline, by the id that the request has. */
  readonly ending?: (requestId: string) => NewRecord;
}

type RequesterErrorCode = 'deadline_exceeded' | 'too_many_requests_open' | 'requester_closed';

export class RequesterError extends Failure<RequesterErrorCode> {
  override name = 'RequesterError';

  constructor(code: RequesterErrorCode, message: string, { cause }: { readonly cause?: unknown } = {}) {
    super(code, message, { retriable: true, cause });
  }
}

/** The longest time until a deadline, in milliseconds. A timer can count it. */
const maxWaitMs = 24 * 60 * 60 * 1000;
const defaultMaxOpen = 10_000;
/** Milliseconds within which an ending that is appended comes back as a reply. */
const endingMs = 5_000;
/** Milliseconds between attempts to read replies in an outage. */
const pauses = { firstMs: 50, longestMs: 1_000 };

interface OpenRequest {
  resolve(reply: Reply): void;
  reject(reason: unknown): void;
  /** Takes back the timer and what listens to the signal. */
  release(): void;
}

export class ServiceRequester {
  /** The address of this instance. Each start makes a new one, so that no reply to an earlier process arrives. */
  readonly #instance = randomUUID();
  readonly #options: RequesterOptions;
  /** Of the topic of replies. */
  readonly #partitions: number;
  readonly #partition: number;
  readonly #search: ReplySearch;
  readonly #open = new Map<string, OpenRequest>();
  readonly #stopping = new AbortController();
  /** The offset of the reply that is read next. */
  #next: number;
  readonly #following: Promise<void>;

  private constructor(options: RequesterOptions, ends: readonly number[]) {
    this.#options = options;
    this.#partitions = ends.length;
    this.#partition = partitionOf(this.#instance, ends.length);
    this.#search = new ReplySearch(options.log, options.topics.replies, ends.length);
    this.#next = ends[this.#partition] ?? 0;
    this.#following = this.#follow(ends);
  }

  /** Resolves when replies are read. Rejects with `topic_unknown`. */
  static async open(options: RequesterOptions): Promise<ServiceRequester> {
    return new ServiceRequester(options, await options.log.endOffsets(options.topics.replies));
  }

  /** The key of the replies to it. */
  get address(): string {
    return this.#instance;
  }

  /** A key of replies in the partition where a reply to the request is looked for, whichever instance sent it. */
  addressBeside(requestId: string): string {
    const partition = decodeRequestId(requestId)?.partition;
    let address = this.#instance;
    while (
      partition !== undefined &&
      partition < this.#partitions &&
      partitionOf(address, this.#partitions) !== partition
    )
      address = randomUUID();
    return address;
  }

  /** Requests whose replies are waited for. */
  get openRequests(): number {
    return this.#open.size;
  }

  /**
   * Resolves when the request is durable. Where it rejects as `append` does, the request may be worked off all the same.
   * @throws RequesterError `too_many_requests_open`, `requester_closed`
   * @throws RangeError for a deadline that is past or more than a day away, or a header whose name is reserved
   */
  async send(
    request: ServiceRequest & { readonly lane: RequestLane },
    { signal, beside = () => [], ending }: SendOptions = {},
  ): Promise<SentRequest> {
    this.#check(request.deadline);
    signal?.throwIfAborted();
    const { log, topics } = this.#options;
    const requestId = newRequestId({ sentAt: Date.now(), partition: this.#partition });
    const record = encodeRequest(topics[request.lane], {
      ...request,
      headers: request.headers ?? {},
      requestId,
      replyTo: this.#instance,
    });
    const reply = this.#waitFor(requestId, request.deadline, signal, ending?.(requestId));
    // The caller may look at the promise later, so a rejection counts as handled here.
    reply.catch(() => undefined);
    try {
      await log.append([...beside(requestId), record]);
    } catch (error) {
      this.#settle(requestId)?.reject(error);
      throw error;
    }
    return { requestId, reply };
  }

  /** What a service has replied, to whichever instance; null where no reply is there. */
  async findReply(requestId: string): Promise<Reply | null> {
    return this.#open.has(requestId) ? null : this.#search.find(requestId);
  }

  /** Rejects what is open with `requester_closed`. Safe to call twice. */
  async close(): Promise<void> {
    this.#end();
    await this.#following;
  }

  #check(deadline: number): void {
    if (this.#stopping.signal.aborted) throw closed();
    const { maxOpen = defaultMaxOpen } = this.#options;
    if (this.#open.size >= maxOpen) {
      const message = `${maxOpen} requests wait for their replies already. Try again later.`;
      throw new RequesterError('too_many_requests_open', message);
    }
    const remaining = deadline - Date.now();
    if (!(remaining > 0 && remaining <= maxWaitMs))
      throw new RangeError(`The deadline is ${remaining} ms away, not within a day.`);
  }

  #waitFor(
    requestId: string,
    deadline: number,
    signal: AbortSignal | undefined,
    ending: NewRecord | undefined,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#giveUp(requestId, signal?.reason);
      const onDeadline = () => {
        if (ending === undefined) return this.#giveUp(requestId, deadlineExceeded(requestId));
        timer = setTimeout(() => this.#giveUp(requestId, deadlineExceeded(requestId)), endingMs);
        void this.#appendEnding(requestId, ending);
      };
      let timer = setTimeout(onDeadline, Math.max(deadline - Date.now(), 0));
      signal?.addEventListener('abort', onAbort, { once: true });
      const release = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#open.set(requestId, { resolve, reject, release });
    });
  }

  /** Whatever stands first on the log comes by `#take`. */
  async #appendEnding(requestId: string, ending: NewRecord): Promise<void> {
    try {
      await this.#options.log.append([ending]);
    } catch (cause) {
      this.#giveUp(requestId, deadlineExceeded(requestId, cause));
    }
  }

  /** What has been read so far holds no reply to the request, so a later search begins behind it. */
  #giveUp(requestId: string, reason: unknown): void {
    const request = this.#settle(requestId);
    if (request === undefined) return;
    this.#search.beginAt(requestId, this.#next);
    request.reject(reason);
  }

  /** Ends the wait for a request. */
  #settle(requestId: string): OpenRequest | undefined {
    const request = this.#open.get(requestId);
    request?.release();
    this.#open.delete(requestId);
    return request;
  }

  #end(): void {
    this.#stopping.abort(closed());
    for (const requestId of this.#open.keys()) this.#settle(requestId)?.reject(closed());
  }

  /** Resolves when the requester or its log is closed. */
  async #follow(ends: readonly number[]): Promise<void> {
    const { onError } = this.#options;
    const options = {
      ...pauses,
      signal: this.#stopping.signal,
      onFailure: (error: unknown) => onError?.(error),
    };
    try {
      await retryUntil(() => this.#read(ends), options);
    } catch (error) {
      if (!this.#stopping.signal.aborted) onError?.(error);
    }
    // Where the log is closed, nothing will arrive any more.
    this.#end();
  }

  async #read(ends: readonly number[]): Promise<void> {
    const { log, topics } = this.#options;
    const offsets = ends.with(this.#partition, this.#next);
    const options = { topic: topics.replies, partitions: [this.#partition], from: { offsets }, follow: true };
    const batches = log.read(options)[Symbol.asyncIterator]();
    const leave = () => void batches.return?.();
    const { signal } = this.#stopping;
    signal.addEventListener('abort', leave, { once: true });
    try {
      for (let next = await batches.next(); !next.done && !signal.aborted; next = await batches.next()) {
        for (const record of next.value) {
          this.#next = record.offset + 1;
          this.#take(record);
        }
      }
    } finally {
      signal.removeEventListener('abort', leave);
      await batches.return?.();
    }
  }

  #take(record: LogRecord): void {
    const { onDropped } = this.#options;
    const reply = decodeReply(record);
    // Whomever it names: everybody who looks for the request's reply finds this one first.
    const request = reply === null ? undefined : this.#settle(reply.requestId);
    if (reply === null) onDropped?.('malformed');
    else if (request !== undefined)
      request.resolve({ status: reply.status, headers: reply.headers, body: reply.body });
    else onDropped?.(reply.replyTo === this.#instance ? 'late' : 'foreign');
  }
}

function closed(): RequesterError {
  return new RequesterError(
    'requester_closed',
    'The instance that waited is stopping. The reply can be found by the id of its request.',
  );
}

function deadlineExceeded(requestId: string, cause?: unknown): RequesterError {
  const message = `Request ${requestId} got no reply before its deadline.`;
  return new RequesterError('deadline_exceeded', message, { cause });
}
