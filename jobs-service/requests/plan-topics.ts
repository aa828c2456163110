/** The topics beside those of requests, by which each service's workers try again and give up. */
import { requestTopics, type TopicPlan } from '@tidings/contracts/topics.ts';
import type { RequestLane } from '@tidings/event-log/request-reply/request-records.ts';
import { requestGroup } from '@tidings/event-log/request-reply/serve-requests.ts';
import { attemptsTopic, deadLetterTopic, retryTopic } from '@tidings/event-log/retry/topic-names.ts';

export const requestLanes = ['normal', 'heavy'] as const satisfies readonly RequestLane[];

/**
 * Milliseconds before each further attempt at a request, which has three in all. Each delay has a topic of its own, so workers on Kafka
 * use the same delays.
 */
export const REQUEST_RETRY_DELAYS_MS: readonly number[] = [1_000, 5_000];

/** Where the requests to the services are worked off, and given up. */
export function requestSources(
  services: Iterable<string>,
): { readonly topic: string; readonly group: string }[] {
  return [...services].flatMap((service) =>
    requestLanes.map((lane) => ({ topic: requestTopics[lane], group: requestGroup(service, lane) })),
  );
}

const DAY = 24 * 60 * 60 * 1000;

/** @param partitions of the topics of requests @param maxRecordBytes of a value of theirs */
export function planTopicsOf(
  service: string,
  { partitions, maxRecordBytes }: Pick<TopicPlan, 'partitions' | 'maxRecordBytes'>,
): TopicPlan[] {
  return requestSources([service]).flatMap(({ topic, group }) => {
    return [
      ...REQUEST_RETRY_DELAYS_MS.map(
        (_, place): TopicPlan => ({
          name: retryTopic(topic, group, place + 1),
          ...{ partitions, maxRecordBytes, cleanup: 'delete', retentionMs: DAY },
        }),
      ),
      {
        name: deadLetterTopic(topic, group),
        ...{ partitions: 1, maxRecordBytes, cleanup: 'compact' },
      },
      { name: attemptsTopic(group), partitions: 1, cleanup: 'compact' },
    ];
  });
}
