/** What the tests of requests and replies share: topics, a requester, workers. */
import { onTestFinished } from 'vitest';
import type { EventLog } from '../../event-log.ts';
import type { Reply, RequestLane, RequestTopics } from '../../request-reply/request-records.ts';
import { type DroppedReply, type RequesterOptions, ServiceRequester } from '../../request-reply/requester.ts';
import {
  type DroppedRequest,
  requestGroup,
  type ServeRequestsOptions,
  serveRequests,
} from '../../request-reply/serve-requests.ts';
import { attemptsTopic, deadLetterTopic, retryTopic } from '../../retry/topic-names.ts';
import { text, topicFor, unique } from '../fixtures.ts';

export const minute = 60_000;
/** A deadline that does not pass, on a busy machine either. */
export const soon = () => Date.now() + 5 * minute;
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Topics of requests, and a service that has workers in both lanes. */
export interface Requested {
  readonly topics: RequestTopics;
  readonly service: string;
}

export async function requested(log: EventLog, partitions = 2, replyPartitions = 1): Promise<Requested> {
  const service = unique('service');
  const topics = {
    normal: await topicFor(log, { partitions }),
    heavy: await topicFor(log, { partitions }),
    replies: await topicFor(log, { partitions: replyPartitions }),
  };
  await log.ensureTopics(topicsBeside({ topics, service }, partitions));
  return { topics, service };
}

export function topicsBeside({ topics, service }: Requested, partitions: number) {
  return (['normal', 'heavy'] as const).flatMap((lane) => {
    const group = requestGroup(service, lane);
    return [
      { name: attemptsTopic(group), partitions: 1, cleanup: 'compact' as const },
      { name: deadLetterTopic(topics[lane], group), partitions: 1, cleanup: 'compact' as const },
      { name: retryTopic(topics[lane], group, 1), partitions, cleanup: 'delete' as const },
    ];
  });
}

/** A requester that is closed after the test, and what it has dropped. */
export async function requesterFor(
  log: EventLog,
  { topics }: Requested,
  options: Partial<RequesterOptions> = {},
) {
  const dropped: DroppedReply[] = [];
  const onDropped = (reason: DroppedReply) => void dropped.push(reason);
  const requester = await ServiceRequester.open({ log, topics, onDropped, ...options });
  onTestFinished(() => requester.close());
  return { requester, dropped };
}

/** Serves until the test ends. */
export async function serve(
  log: EventLog,
  { topics, service }: Requested,
  handle: ServeRequestsOptions['handle'],
  options: Partial<ServeRequestsOptions> = {},
) {
  const dropped: DroppedRequest[] = [];
  const worker = await serveRequests({
    log,
    topics,
    service,
    delaysMs: [20],
    retry: { initialDelayMs: 5, maxDelayMs: 20 },
    isOutage: () => false,
    describe: () => ({ code: 'broken', message: 'It is broken.' }),
    onDropped: (reason) => void dropped.push(reason),
    handle,
    ...options,
  });
  onTestFinished(() => worker.stop());
  return { worker, dropped };
}

export const ask = (
  { service }: Requested,
  body: string,
  {
    lane = 'normal',
    deadline = soon(),
    ...more
  }: { lane?: RequestLane; deadline?: number; correlationId?: string } = {},
) => ({ service, method: 'create', lane, deadline, body: bytes(body), ...more });

export const answer = (body: string, status = 200): Reply => ({ status, headers: {}, body: bytes(body) });
export const told = ({ status, body }: Reply): [number, string] => [status, text(body)];
