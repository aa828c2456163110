/**
 * Finds events where the log has them. Work topics are left out: they are purged, and reports tell of their work. So is progress: of its
 * snapshots only the newest counts. Orders of people stand where what they are about stands.
 *
 * An import is looked for where its keys lead, from the beginning of its newest upload, and among all deliveries to endpoints. A tree is looked for
 * in all partitions of the topics of events, from the time of its first event, where its id tells one. One page looks at as much as `readHistoryPage` says.
 */

import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import type { EventItem, EventPage } from '@tidings/contracts/imports/listed-events.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { planTopics, requestTopics, topics } from '@tidings/contracts/topics.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { type HistoryCursor, type HistorySource, readHistoryPage } from '@tidings/event-log/history-page.ts';
import { decodeRequestId } from '@tidings/event-log/request-reply/request-id.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { z } from 'zod';
import { timeOfUuid } from '../imports/uuid-time.ts';
import { readItems } from './event-items.ts';

/** Clocks of processes and of the log may differ by so much. */
const CLOCK_MARGIN_MS = 60_000;

/** Where events with ids of their own stand. What waits for its time is told until it is delivered, and then where it has gone. */
export const eventTopics: readonly string[] = [
  topics.commands,
  topics.notifications,
  topics.unsettledChunks,
  topics.webhookDeliveries,
  topics.control,
  topics.schedule,
  topics.countryOrders,
  topics.countries,
  topics.timeZones,
  topics.countryChanges,
  topics.ownerSettings,
  topics.ownerTokens,
  topics.ownerChannels,
];
const topicsOfImports: readonly string[] = [
  topics.commands,
  topics.notifications,
  topics.unsettledChunks,
  topics.webhookDeliveries,
  topics.control,
];

/** A compacted topic keeps the newest event of each key, and is not named. */
function keptSecondsOf(searched: readonly string[]): EventPage['keptSeconds'] {
  const plans = planTopics(1).filter(({ name }) => searched.includes(name));
  return Object.fromEntries(
    plans.flatMap(({ name, cleanup, retentionMs }) =>
      cleanup === 'compact' || retentionMs === undefined ? [] : [[name, retentionMs / 1000]],
    ),
  );
}

export interface EventQuery {
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** Who asks: null is support, which sees events of all owners, and the processes that have written them. */
export type Asker = string | null;

type SearchedLog = Pick<EventLog, 'read' | 'endOffsets'>;

/** @throws Problem invalid_request (a cursor that is not ours) */
export async function findImportEvents(
  log: SearchedLog,
  { state, uploadId }: FoldedImport,
  asker: Asker,
  query: EventQuery,
): Promise<EventPage> {
  const { importId, channelId } = state;
  const keys: Readonly<Record<string, string>> = {
    [topics.commands]: importId,
    [topics.notifications]: channelId,
    [topics.unsettledChunks]: importId,
  };
  const sources = [
    ...(await Promise.all(Object.entries(keys).map(([topic, key]) => partitionOfKey(log, topic, key)))),
    // Their keys are endpoints, of which there may be ten, and groups.
    ...(await partitionsOf(log, topics.webhookDeliveries)),
    ...(await partitionsOf(log, topics.control)),
  ];
  const names = mentions(importId);
  return readPage(log, sources, { firstId: uploadId, topics: topicsOfImports }, query, (record) => {
    if ((keys[record.topic] ?? record.key) !== record.key || !names(record)) return [];
    const told = readItems(record, asker === null);
    return told?.event.subject === importId ? told.items : [];
  });
}

/** @throws Problem invalid_request (a cursor that is not ours) */
export async function findTree(
  log: SearchedLog,
  correlationId: string,
  asker: Asker,
  query: EventQuery,
): Promise<EventPage> {
  const isRequest = asker === null && decodeRequestId(correlationId) !== null;
  const searched = [...eventTopics, ...(isRequest ? Object.values(requestTopics) : [])];
  const sources = [
    ...(await Promise.all(eventTopics.map((topic) => partitionsOf(log, topic)))).flat(),
    ...(isRequest ? await sourcesOfRequest(log, correlationId) : []),
  ];
  const names = mentions(correlationId);
  return readPage(log, sources, { firstId: correlationId, topics: searched }, query, (record) => {
    // Support's channel has copies alone.
    if (record.key === SUPPORT_CHANNEL || !(hidesIds.has(record.topic) || names(record))) return [];
    const told = readItems(record, asker === null);
    if (told === null || told.event.correlationId !== correlationId) return [];
    return asker === null || told.event.owner === asker ? told.items : [];
  });
}

/** Topics whose values do not hold the ids as they are: they stand in headers, or are encoded. */
const hidesIds: ReadonlySet<string> = new Set([...Object.values(requestTopics), topics.schedule]);

async function partitionsOf(log: SearchedLog, topic: string): Promise<HistorySource[]> {
  return (await log.endOffsets(topic)).map((_, partition) => ({ topic, partition }));
}

async function partitionOfKey(log: SearchedLog, topic: string, key: string): Promise<HistorySource> {
  const { length } = await log.endOffsets(topic);
  return { topic, partition: partitionOf(key, length) };
}

/** The id of a request is its key, and tells in which partition its replies stand. */
async function sourcesOfRequest(log: SearchedLog, requestId: string): Promise<HistorySource[]> {
  const { normal, heavy, replies } = requestTopics;
  const ofRequest = await Promise.all([normal, heavy].map((topic) => partitionOfKey(log, topic, requestId)));
  const ofReplies = await partitionsOf(log, replies);
  return [
    ...ofRequest,
    ...ofReplies.filter(({ partition }) => partition === decodeRequestId(requestId)?.partition),
  ];
}

/** Whether the id stands anywhere in the value: most records need not be parsed. */
function mentions(id: string): (record: LogRecord) => boolean {
  return ({ value }) =>
    value !== null && Buffer.from(value.buffer, value.byteOffset, value.length).includes(id);
}

async function readPage(
  log: SearchedLog,
  sources: readonly HistorySource[],
  { firstId, topics: searched }: { readonly firstId: string; readonly topics: readonly string[] },
  { cursor, limit }: EventQuery,
  itemsOf: (record: LogRecord) => readonly EventItem[],
): Promise<EventPage> {
  const since = Math.max(0, (timeOfUuid(firstId) ?? 0) - CLOCK_MARGIN_MS);
  const position = cursor === undefined ? undefined : decodeCursor(cursor, sources.length);
  const { items, next } = await readHistoryPage({ log, sources, since, cursor: position, limit, itemsOf });
  return {
    items: withoutRepeated(items),
    nextCursor: next === null ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
    keptSeconds: keptSecondsOf(searched),
  };
}

function withoutRepeated(items: readonly EventItem[]): EventItem[] {
  const seen = new Set<string>();
  return items.filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId));
}

const cursorSchema = z.array(z.int().min(0).nullable());

function decodeCursor(cursor: string, sources: number): HistoryCursor {
  try {
    const json: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return cursorSchema.length(sources).parse(json);
  } catch {
    throw new Problem('invalid_request', 'The cursor is not one of ours.', { field: 'cursor' });
  }
}
