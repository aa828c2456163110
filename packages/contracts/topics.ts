/** The topics, what is kept of each, and the consumer groups. ARCHITECTURE.md says who writes and who reads each. */

import type { WorkPriority } from './imports/work.ts';
import { MAX_REQUEST_FILE_BYTES } from './services/requests.ts';
import { REPORTS_KEPT_MS, type ServiceName } from './services/services.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

export const topics = {
  /** Key `importId:chunk`; raw CSV bytes. Importers purge what their group has committed; the retention is only a backstop. */
  expressWork: 'import-work.express',
  bulkWork: 'import-work.bulk',
  /** Key importId. */
  commands: 'import-commands',
  /** Key importId; compacted. As many partitions as the commands. */
  state: 'import-state',
  /** Key importId. One partition. Chunks whose reports came out of their time. */
  unsettledChunks: 'unsettled-chunks',
  /** Key channelId. Only the newest state of a subject counts. */
  progress: 'progress',
  /** Key channelId. */
  notifications: 'notifications',
  /** Key: the country's code; compacted, as the time zones, which a consumer of the countries derives. */
  countries: 'reference.countries',
  timeZones: 'reference.time-zones',
  /** Key: the country's code. One partition. What is to become of a country, and what became of it. */
  countryOrders: 'reference.country-orders',
  countryChanges: 'reference.country-changes',
  /** Key `choices/owner` or `mapping/<digest>/owner`; compacted. One partition. What owners have set. */
  ownerSettings: 'owner-settings',
  /** Key owner; compacted. One partition: the offset of a revocation is the owner's epoch. */
  ownerTokens: 'owner-tokens',
  /** Key `owner/channelId`; compacted. The channels of owners that a login names. */
  ownerChannels: 'owner-channels',
  /** Key: the group that is meant. One partition, so that all orders of people have one order. Also the audit. */
  control: 'control',
  /** Key `group/topic/partition`; compacted. Partitions that stand at a record which fails each time. */
  blocked: 'blocked',
  /** Key: the request's id. Requests to services, by lane. */
  normalRequests: 'requests.normal',
  heavyRequests: 'requests.heavy',
  /** Key: the instance that waits. */
  replies: 'requests.replies',
  /** Key: the instance that holds a lease. One partition. What workers tell another instance than the one that handed a request out. */
  leases: 'requests.leases',
  /** Key: the request's id; compacted. One partition. Requests whose outcome a channel is to be told, until it is. */
  watchedRequests: 'requests.watched',
  /** Key: the schedule. One partition, so that what is due at once has one order. What sets, moves and cancels schedules. */
  scheduleCommands: 'schedule.commands',
  /** Key: the schedule; compacted. One partition. What waits for its time. */
  schedule: 'schedule',
  /** Key: the schedule. One partition. Each record is one run of the removal of old details. */
  retentionRuns: 'retention-runs',
  /** Key: the endpoint; compacted. One partition. Where owners have outcomes sent. */
  webhookEndpoints: 'webhook-endpoints',
  /** Key: the endpoint. Deliveries, attempts at them, and orders about them. */
  webhookDeliveries: 'webhook-deliveries',
  /** Key `endpoint/delivery`, or the endpoint; compacted. */
  webhookDeliveryStates: 'webhook-delivery-states',
  /** Key `service/instance`. One partition. What each process says of the services in it. */
  serviceReports: 'service-reports',
} as const;

/** Where the requests of each lane stand, and the replies to both. */
export const requestTopics = {
  normal: topics.normalRequests,
  heavy: topics.heavyRequests,
  replies: topics.replies,
} as const;

/** The log keeps a group's position under the group's name: under another name it would read its topics from the start. */
export const consumerGroups = {
  /** Folds `topics.commands`. */
  aggregator: 'aggregator',
  /** Projects imports that have ended, from `topics.state`. */
  projection: 'import-projection',
  /** Settles `topics.unsettledChunks`. */
  settling: 'chunk-settling',
  /** Work off `topics.expressWork` and `topics.bulkWork`. */
  expressWork: 'importer.express',
  bulkWork: 'importer.bulk',
  /** Reads `topics.notifications` and `topics.progress`, where hubs share their history. */
  hub: 'hub',
  /** Changes `topics.countries` as `topics.countryOrders` says. */
  countries: 'reference-data.countries',
  /** Derives `topics.timeZones` from `topics.countries`. */
  timeZones: 'reference-data.time-zones',
  /** Obeys the orders of `topics.control` about dead letters. */
  control: 'control',
  /** Reads the replies to requests, and tells the channels that their callers have named. */
  requestOutcomes: 'request-outcomes',
  /** Folds `topics.scheduleCommands`, and delivers what is due. */
  schedule: 'schedule',
  /** Removes old details, at each record of `topics.retentionRuns`. */
  retention: 'retention',
  /** Finds the outcomes that go to endpoints, in `topics.notifications`. */
  webhookOutcomes: 'webhook-outcomes',
  /** Delivers what stands on `topics.webhookDeliveries`. */
  webhookDeliveries: 'webhook-deliveries',
} as const;

/** The topic of the chunks of each priority, and the group that works them off. */
export const workTopics: Readonly<Record<WorkPriority, ConsumedTopic>> = {
  express: { topic: topics.expressWork, group: consumerGroups.expressWork },
  bulk: { topic: topics.bulkWork, group: consumerGroups.bulkWork },
};

/**
 * Milliseconds before each further attempt at a chunk that failed, so that a chunk has one attempt more. Each delay has a topic of its
 * own: with another number of delays, what waits in a topic that is no more is forgotten.
 */
export const WORK_RETRY_DELAYS_MS: readonly number[] = [5_000, 60_000];

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs?: number;
  /** Bytes of a value; default 1 MiB. */
  readonly maxRecordBytes?: number;
}

/** Milliseconds for which a client can catch up with durable notifications. */
export const NOTIFICATION_RETENTION_MS = DAY;
/** Milliseconds for which the log tells what an import was told to do, and what became of each chunk. */
export const COMMAND_RETENTION_MS = 7 * DAY;

/** @param partitions of each topic that work is spread over, 1 to 1,000 */
export function planTopics(partitions: number): TopicPlan[] {
  return [
    { name: topics.expressWork, partitions, cleanup: 'delete', retentionMs: 7 * DAY },
    { name: topics.bulkWork, partitions, cleanup: 'delete', retentionMs: 7 * DAY },
    ...Object.values(workTopics).flatMap((work) => planTopicsBeside(work, partitions)),
    { name: topics.commands, partitions, cleanup: 'delete', retentionMs: COMMAND_RETENTION_MS },
    { name: topics.state, partitions, cleanup: 'compact' },
    { name: topics.unsettledChunks, partitions: 1, cleanup: 'delete', retentionMs: COMMAND_RETENTION_MS },
    { name: topics.progress, partitions, cleanup: 'delete', retentionMs: HOUR },
    { name: topics.notifications, partitions, cleanup: 'delete', retentionMs: NOTIFICATION_RETENTION_MS },
    { name: topics.countries, partitions: 1, cleanup: 'compact' },
    { name: topics.timeZones, partitions: 1, cleanup: 'compact' },
    { name: topics.countryOrders, partitions: 1, cleanup: 'delete', retentionMs: 7 * DAY },
    { name: topics.countryChanges, partitions: 1, cleanup: 'delete', retentionMs: YEAR },
    { name: topics.ownerSettings, partitions: 1, cleanup: 'compact' },
    { name: topics.ownerTokens, partitions: 1, cleanup: 'compact' },
    { name: topics.ownerChannels, partitions: 1, cleanup: 'compact' },
    { name: topics.control, partitions: 1, cleanup: 'delete', retentionMs: YEAR },
    { name: topics.blocked, partitions: 1, cleanup: 'compact' },
    ...Object.values(requestTopics).map((name) =>
      withFiles({ name, partitions, cleanup: 'delete', retentionMs: DAY }),
    ),
    withFiles({ name: topics.leases, partitions: 1, cleanup: 'delete', retentionMs: HOUR }),
    { name: topics.watchedRequests, partitions: 1, cleanup: 'compact' },
    // Purged once committed; the retention is only a backstop.
    { name: topics.scheduleCommands, partitions: 1, cleanup: 'delete', retentionMs: 7 * DAY },
    { name: topics.schedule, partitions: 1, cleanup: 'compact' },
    { name: topics.retentionRuns, partitions: 1, cleanup: 'delete', retentionMs: DAY },
    { name: topics.webhookEndpoints, partitions: 1, cleanup: 'compact' },
    { name: topics.webhookDeliveries, partitions, cleanup: 'delete', retentionMs: 7 * DAY },
    { name: topics.webhookDeliveryStates, partitions, cleanup: 'compact' },
    { name: topics.serviceReports, partitions: 1, cleanup: 'delete', retentionMs: REPORTS_KEPT_MS },
  ];
}

/** Requests and replies hold one file, at most. */
function withFiles(plan: TopicPlan): TopicPlan {
  return { ...plan, maxRecordBytes: MAX_REQUEST_FILE_BYTES };
}

interface ConsumedTopic {
  readonly topic: string;
  readonly group: string;
}

/** Where a chunk waits for a further attempt: one topic for each delay. The event log's `retry/topic-names.ts` gives the same names. */
function retryPlaces({ topic, group }: ConsumedTopic): ConsumedTopic[] {
  return WORK_RETRY_DELAYS_MS.map((_, place) => ({
    topic: `${topic}.${group}.retry-${place + 1}`,
    group: `${group}.retry`,
  }));
}

/** Everywhere that chunks wait for an importer, in the order in which a chunk passes. */
export const workPlaces: readonly ConsumedTopic[] = Object.values(workTopics).flatMap((work) => [
  work,
  ...retryPlaces(work),
]);

/** The topics beside one of work: further attempts, dead letters, and what was begun. */
function planTopicsBeside(work: ConsumedTopic, partitions: number): TopicPlan[] {
  const { topic, group } = work;
  return [
    ...retryPlaces(work).map(
      (place): TopicPlan => ({
        name: place.topic,
        partitions,
        cleanup: 'delete',
        retentionMs: 7 * DAY,
      }),
    ),
    { name: `${topic}.${group}.dlq`, partitions: 1, cleanup: 'compact' },
    { name: `${group}.attempts`, partitions: 1, cleanup: 'compact' },
  ];
}

/** A group, what it reads, and the service whose members it has. */
export interface ReadingGroup {
  readonly group: string;
  readonly service: ServiceName;
  readonly topics: readonly string[];
}

/** Every group that may read something. Hubs of one machine share no history, so that they have no group. */
export const readingGroups: readonly ReadingGroup[] = [
  ...Object.values(workTopics).flatMap((work): ReadingGroup[] => [
    { group: work.group, service: 'importer', topics: [work.topic] },
    {
      group: `${work.group}.retry`,
      service: 'importer',
      topics: retryPlaces(work).map(({ topic }) => topic),
    },
  ]),
  { group: consumerGroups.aggregator, service: 'aggregator', topics: [topics.commands] },
  { group: consumerGroups.projection, service: 'jobs-service', topics: [topics.state] },
  { group: consumerGroups.settling, service: 'jobs-service', topics: [topics.unsettledChunks] },
  { group: consumerGroups.control, service: 'jobs-service', topics: [topics.control] },
  { group: consumerGroups.requestOutcomes, service: 'jobs-service', topics: [topics.replies] },
  { group: consumerGroups.schedule, service: 'jobs-service', topics: [topics.scheduleCommands] },
  { group: consumerGroups.retention, service: 'jobs-service', topics: [topics.retentionRuns] },
  { group: consumerGroups.hub, service: 'hub', topics: [topics.notifications, topics.progress] },
  { group: consumerGroups.countries, service: 'reference-data', topics: [topics.countryOrders] },
  { group: consumerGroups.timeZones, service: 'reference-data', topics: [topics.countries] },
  { group: consumerGroups.webhookOutcomes, service: 'webhooks', topics: [topics.notifications] },
  { group: consumerGroups.webhookDeliveries, service: 'webhooks', topics: [topics.webhookDeliveries] },
];
