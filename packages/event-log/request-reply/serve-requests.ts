/**
 * Works off the requests to one service.
 *
 * **Lanes do not wait for each other**: each has a consumer group of its own, `<service>.requests.<lane>`, and slots of its own. Services do
 * not wait for each other either: a member passes over requests to other services.
 *
 * **At least once**: the position moves behind a request when its reply is durable. A handler that fails is tried again as
 * `consumeWithRetry` says, and after the last attempt the request is a dead letter and its reply is a problem with status 500. What an
 * earlier owner of the partition has answered is passed over, although the position is not behind it.
 *
 * **Deadlines**: a request whose deadline has passed is not begun; its reply is a problem with status 504, `deadline_exceeded`. A handler
 * at work then is told by its signal, and nobody waits for it any longer.
 */
import { defaultMaxRecordBytes } from '../engine/topic-checks.ts';
import type { ErrorSummary } from '../error-summary.ts';
import type { Consumer, EventLog, NewRecord } from '../event-log.ts';
import { type ConsumeWithRetryOptions, consumeWithRetry } from '../retry/consume-with-retry.ts';
import type { Ownership } from '../retry/record-attempts.ts';
import { InheritedRequests } from './inherited-requests.ts';
import {
  decodeRequest,
  encodeReply,
  type ReceivedRequest,
  type Reply,
  type RequestLane,
  type RequestTopics,
} from './request-records.ts';

export type DroppedRequest = 'deadline_exceeded' | 'malformed';

export interface ServeRequestsOptions
  extends Pick<
    ConsumeWithRetryOptions,
    'delaysMs' | 'isOutage' | 'describe' | 'recordsAtOnce' | 'concurrency' | 'retry' | 'onError'
  > {
  readonly log: EventLog;
  readonly topics: RequestTopics;
  readonly service: string;
  /** Default: both. */
  readonly lanes?: readonly RequestLane[];
  /** The largest body of a reply in bytes, within what the topic takes; default 1 MiB. A handler that replies with more has failed. */
  readonly maxReplyBytes?: number;
  /**
   * Resolves with the reply; null: one is durable already.
   * @param signal aborted at the deadline
   * @param attempt from 1
   * @param ownership as of `RetryHooks.handle`
   */
  handle(
    request: ReceivedRequest,
    signal: AbortSignal,
    attempt: number,
    ownership: Ownership,
  ): Promise<Reply | null>;
  /** Called for each record that is not worked off: its deadline has passed, or it is no request. Must not throw. */
  onDropped?(reason: DroppedRequest): void;
}

/** The consumer group of a service's workers in a lane: the topics beside are named after it (`retry/topic-names.ts`). */
export function requestGroup(service: string, lane: RequestLane): string {
  return `${service}.requests.${lane}`;
}

/** Resolves when the lanes are consumed. Rejects with `topic_unknown`, also for a topic beside one of a lane. */
export async function serveRequests(options: ServeRequestsOptions): Promise<Consumer> {
  const { lanes = ['normal', 'heavy'] } = options;
  const consumers = await Promise.allSettled(lanes.map((lane) => serveLane(lane, options)));
  const stop = async () => {
    await Promise.all(consumers.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  };
  for (const one of consumers) {
    if (one.status === 'fulfilled') continue;
    await stop();
    throw one.reason;
  }
  return { stop };
}

function serveLane(lane: RequestLane, options: ServeRequestsOptions): Promise<Consumer> {
  const { log, topics, service, delaysMs, isOutage, describe, concurrency, retry, onError } = options;
  const { onDropped, recordsAtOnce } = options;
  const inherited = new InheritedRequests(log, topics.replies);
  return consumeWithRetry({
    ...{ log, delaysMs, isOutage, describe, concurrency, retry, onError, recordsAtOnce },
    group: requestGroup(service, lane),
    topics: [topics[lane]],
    handle: async (record, attempt, ownership) => {
      const request = decodeRequest(record);
      if (request === null) onDropped?.('malformed');
      if (request === null || request.service !== service) return [];
      // What waits in a retry topic has not been answered.
      const isAtOrigin = ownership.topic === record.topic;
      if (isAtOrigin && (await inherited.isAnswered(record, request, ownership))) return [];
      return work(request, attempt, ownership, options);
    },
    onDead: ({ record, error }) => {
      const request = decodeRequest(record);
      return request?.service !== service ? [] : [encodeReply(topics.replies, request, problem(500, error))];
    },
  });
}

async function work(
  request: ReceivedRequest,
  attempt: number,
  ownership: Ownership,
  options: ServeRequestsOptions,
): Promise<readonly NewRecord[]> {
  const { topics, handle, onDropped, maxReplyBytes = defaultMaxRecordBytes } = options;
  const reply = await beforeDeadline(request, (signal) => handle(request, signal, attempt, ownership));
  if (reply === null) return [];
  if (reply === 'late') onDropped?.('deadline_exceeded');
  if (reply !== 'late' && reply.body.byteLength > maxReplyBytes)
    throw new RangeError(`A reply of ${reply.body.byteLength} bytes is longer than ${maxReplyBytes}.`);
  return [encodeReply(topics.replies, request, reply === 'late' ? problem(504, deadlineExceeded) : reply)];
}

/** Resolves with `late` once the deadline has passed, whatever the handler does then. */
async function beforeDeadline(
  { deadline }: ReceivedRequest,
  handle: (signal: AbortSignal) => Promise<Reply | null>,
): Promise<Reply | 'late' | null> {
  const remaining = deadline - Date.now();
  if (remaining <= 0) return 'late';
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.min(remaining, maxTimerMs));
  });
  try {
    const reply = await Promise.race([handle(ending.signal), passed]);
    if (reply === 'late') ending.abort(new Error(deadlineExceeded.message));
    return reply;
  } finally {
    clearTimeout(timer);
  }
}

/** The longest time that a timer counts. */
const maxTimerMs = 2 ** 31 - 1;

const deadlineExceeded: ErrorSummary = {
  code: 'deadline_exceeded',
  message: 'The deadline of the request passed before it was worked off.',
};

/** A problem document (RFC 9457) as a reply. */
function problem(status: number, { code, message }: ErrorSummary): Reply {
  const title = status === 504 ? 'The deadline has passed' : 'The request failed';
  const document = { type: 'about:blank', title, status, code, detail: message, retriable: true };
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: new TextEncoder().encode(JSON.stringify(document)),
  };
}
