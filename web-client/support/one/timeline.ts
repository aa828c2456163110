/** What has happened to one import, and who ordered what, in the order of time. Pure. */

import {
  type ImportNotificationType,
  importNotificationTypes,
} from '@tidings/contracts/imports/import-notification.ts';
import type { EventItem } from '@tidings/contracts/imports/listed-events.ts';
import type { WebhookDelivery } from '@tidings/contracts/owners/webhooks.ts';
import type { AuditItem } from '@tidings/contracts/services/support.ts';

interface Entry {
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** One event, or several of a kind that followed each other. */
export interface EventsEntry extends Entry {
  readonly kind: 'events';
  readonly type: string;
  readonly count: number;
  /** Of the last of them. */
  readonly until: string;
  /** Of chunks, the numbers: the first ones, from 0. */
  readonly chunks: readonly number[];
  /** Who wrote the first of them; null where it did not say. */
  readonly producer: string | null;
}

export type TimelineEntry =
  | EventsEntry
  /** The owner was told. */
  | (Entry & { readonly kind: 'told'; readonly type: ImportNotificationType })
  | (Entry & { readonly kind: 'order'; readonly order: AuditItem })
  | (Entry & { readonly kind: 'webhook'; readonly host: string; readonly delivery: WebhookDelivery });

export interface SentDelivery {
  /** Of the webhook's address. */
  readonly host: string;
  readonly delivery: WebhookDelivery;
}

/** Of each kind there may be thousands: those that follow each other are told together. */
const manyOfAKind = /^(?:chunk|undo)\.|^webhook\.attempted$/;
/** Tell what another event tells as well, or nothing that somebody looks for. */
const untold: ReadonlySet<string> = new Set([
  ...['chunk.work', 'undo.page', 'upload.heartbeat', 'import.projected'],
]);
/** Orders of people: the audit tells them, with their reasons. */
const ordered = /^control\./;
/** Chunks that an entry names, at most. */
const NAMED_CHUNKS = 5;

export function timelineOf(
  events: readonly EventItem[],
  orders: readonly AuditItem[],
  deliveries: readonly SentDelivery[],
): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    ...events.filter(({ type }) => !untold.has(type) && !ordered.test(type)).map(entryOf),
    ...orders.map((order) => ({
      ...{ kind: 'order' as const, key: `${order.at} ${order.action} ${order.target}` },
      ...{ at: order.at, order },
    })),
    ...deliveries.map(({ host, delivery }) => ({
      ...{ kind: 'webhook' as const, key: `${host} ${delivery.id}`, host, delivery },
      at: delivery.lastAttemptAt ?? delivery.createdAt,
    })),
  ];
  entries.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return entries.reduce<TimelineEntry[]>(gather, []);
}

/** The key of each entry that tells events of the log; null for another. */
export function eventKeys(entries: readonly TimelineEntry[]): (string | null)[] {
  return entries.map(({ kind, key }) => (kind === 'events' || kind === 'told' ? key : null));
}

/** Events of the log that the entries tell. */
export function countEvents(entries: readonly TimelineEntry[]): number {
  return entries.reduce((sum, entry) => {
    if (entry.kind === 'events') return sum + entry.count;
    return entry.kind === 'told' ? sum + 1 : sum;
  }, 0);
}

function entryOf({ eventId, type, at, chunk, producer, causationId }: EventItem): TimelineEntry {
  // The import's first event has the name of the notification that tells of it.
  if (isNotification(type) && (type !== 'import.accepted' || causationId !== eventId))
    return { kind: 'told', key: eventId, at, type };
  const chunks = chunk === undefined ? [] : [chunk];
  return { kind: 'events', key: eventId, at, type, count: 1, until: at, chunks, producer };
}

function isNotification(type: string): type is ImportNotificationType {
  return importNotificationTypes.some((name) => name === type);
}

function gather(entries: TimelineEntry[], next: TimelineEntry): TimelineEntry[] {
  const last = entries.at(-1);
  if (last?.kind !== 'events' || next.kind !== 'events' || !manyOfAKind.test(next.type)) entries.push(next);
  else if (last.type !== next.type) entries.push(next);
  else
    entries[entries.length - 1] = {
      ...last,
      count: last.count + next.count,
      until: next.until,
      chunks: [...last.chunks, ...next.chunks].slice(0, NAMED_CHUNKS),
    };
  return entries;
}
