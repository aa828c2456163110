/**
 * Finds events where the log has them. Work topics are left out: they are purged, and reports tell of their work. So is progress: of its
 * snapshots only the newest counts.
 *
 * An import is looked for in two partitions, from the beginning of its newest upload. A tree is looked for in all partitions of both topics,
 * from the time of its first event, where its id tells one. One page looks at as much as `readHistoryPage` says.
 */
import type { FoldedImport } from '@tidings/contracts/folded-import.ts';
import type { EventItem, EventPage } from '@tidings/contracts/http.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { COMMAND_RETENTION_MS, NOTIFICATION_RETENTION_MS, topics } from '@tidings/contracts/topics.ts';
import { partitionOf } from '@tidings/event-log/engine/partitioner.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { type HistoryCursor, type HistorySource, readHistoryPage } from '@tidings/event-log/history-page.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { z } from 'zod';
import { timeOfUuid } from '../imports/uuid-time.ts';
import { readItems } from './event-items.ts';

/** Clocks of processes and of the log may differ by so much. */
const CLOCK_MARGIN_MS = 60_000;

const searchedTopics = [topics.commands, topics.notifications];

const keptSeconds: EventPage['keptSeconds'] = {
  [topics.commands]: COMMAND_RETENTION_MS / 1000,
  [topics.notifications]: NOTIFICATION_RETENTION_MS / 1000,
};

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
  };
  const sources = await Promise.all(
    Object.entries(keys).map(async ([topic, key]) => {
      const { length } = await log.endOffsets(topic);
      return { topic, partition: partitionOf(key, length) };
    }),
  );
  const names = mentions(importId);
  return readPage(log, sources, uploadId, query, (record) => {
    if (record.key !== keys[record.topic] || !names(record)) return [];
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
  const ends = await Promise.all(searchedTopics.map((topic) => log.endOffsets(topic)));
  const sources = searchedTopics.flatMap((topic, index) =>
    (ends[index] ?? []).map((_, partition) => ({ topic, partition })),
  );
  const names = mentions(correlationId);
  return readPage(log, sources, correlationId, query, (record) => {
    // Support's channel has copies alone.
    if (record.key === SUPPORT_CHANNEL || !names(record)) return [];
    const told = readItems(record, asker === null);
    if (told === null || told.event.correlationId !== correlationId) return [];
    return asker === null || told.event.owner === asker ? told.items : [];
  });
}

/** Whether the id stands anywhere in the value: most records need not be parsed. */
function mentions(id: string): (record: LogRecord) => boolean {
  return ({ value }) =>
    value !== null && Buffer.from(value.buffer, value.byteOffset, value.length).includes(id);
}

async function readPage(
  log: SearchedLog,
  sources: readonly HistorySource[],
  firstId: string,
  { cursor, limit }: EventQuery,
  itemsOf: (record: LogRecord) => readonly EventItem[],
): Promise<EventPage> {
  const since = Math.max(0, (timeOfUuid(firstId) ?? 0) - CLOCK_MARGIN_MS);
  const position = cursor === undefined ? undefined : decodeCursor(cursor, sources.length);
  const { items, next } = await readHistoryPage({ log, sources, since, cursor: position, limit, itemsOf });
  return {
    items: withoutRepeated(items),
    nextCursor: next === null ? null : Buffer.from(JSON.stringify(next)).toString('base64url'),
    keptSeconds,
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
