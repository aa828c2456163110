/** Reads the notifications of a request that publishes. */
import {
  MAX_DELIVER_AHEAD_MS,
  MAX_NOTIFICATION_DATA_BYTES,
  MAX_NOTIFICATION_DEPTH,
  type PublishedNotification,
} from '@tidings/contracts/notifications/notification.ts';
import {
  publishedBatchSchema,
  publishedNotificationSchema,
} from '@tidings/contracts/schemas/notifications/notification.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** The event around the data is one level itself. */
const MAX_DATA_DEPTH = MAX_NOTIFICATION_DEPTH - 1;

/**
 * @param body one notification, or an array of them
 * @param now milliseconds since 1970
 * @throws Problem invalid_request, request_too_large; both name the item, from 0, and the field
 */
export function readPublished(body: unknown, now: number): PublishedNotification[] {
  const isBatch = Array.isArray(body);
  const published = isBatch ? parse(publishedBatchSchema, body) : [parse(publishedNotificationSchema, body)];
  for (const [index, { data, deliverAt }] of published.entries()) {
    const prefix = isBatch ? `${index}.` : '';
    checkData(data, `${prefix}data`);
    if (deliverAt !== undefined) checkTime(Date.parse(deliverAt) - now, `${prefix}deliverAt`);
  }
  return published;
}

function checkTime(aheadMs: number, field: string): void {
  if (aheadMs <= MAX_DELIVER_AHEAD_MS) return;
  throw new Problem('invalid_request', `\`${field}\`: more than 30 days ahead.`, { field });
}

function checkData(data: unknown, field: string): void {
  if (isDeeper(data, MAX_DATA_DEPTH)) {
    const message = `\`${field}\`: more than ${MAX_DATA_DEPTH} objects and arrays inside each other.`;
    throw new Problem('invalid_request', message, { field });
  }
  if (!isWritable(data)) {
    const message = `\`${field}\`: a number is beyond what a double holds. Send it as text.`;
    throw new Problem('invalid_request', message, { field });
  }
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes <= MAX_NOTIFICATION_DATA_BYTES) return;
  const message = `\`${field}\`: ${bytes} bytes of JSON, where ${MAX_NOTIFICATION_DATA_BYTES} are allowed.`;
  throw new Problem('request_too_large', message, { field });
}

/** Whether objects and arrays are nested deeper than the bound. A deep body would overflow the stack of a recursion. */
function isDeeper(data: unknown, most: number): boolean {
  let level = [data].filter(isNested);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((value) => Object.values(value)).filter(isNested);
  }
  return false;
}

/** Whether every number can be written as JSON: `1e400` is read as infinite, and would be written as null. */
function isWritable(data: unknown): boolean {
  if (isNested(data)) return Object.values(data).every(isWritable);
  return typeof data !== 'number' || Number.isFinite(data);
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
