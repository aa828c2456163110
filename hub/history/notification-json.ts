/** A notification as JSON, which is written once for the history, the other hubs, and all who listen. */
import type { Event } from '@tidings/contracts/event.ts';
import { type Lane, lanes, type Notification } from '@tidings/contracts/notifications/notification.ts';
import { z } from 'zod';
import { type HistoryPosition, toNotificationBody } from './channel-history.ts';

/** The JSON of notifications that come with it. Nobody may change such a notification: its JSON would stay as it was. */
const known = new WeakMap<Notification, string>();
/** The JSON of the last other notification, for all who listen to it. A history in memory must not hold the JSON of all that it keeps. */
let last: { readonly notification: Notification; readonly json: string } | null = null;

export function jsonOf(notification: Notification): string {
  const kept = known.get(notification);
  if (kept !== undefined) return kept;
  if (last?.notification !== notification) last = { notification, json: JSON.stringify(notification) };
  return last.json;
}

/** A notification without a position, and its JSON, for a history that keeps the latter. */
export function bodyOf(
  channelId: string,
  lane: Lane,
  event: Event,
): { readonly body: Omit<Notification, 'epoch'>; readonly json: string } {
  const body = toNotificationBody(channelId, lane, event);
  return { body, json: JSON.stringify(body) };
}

/**
 * Completes a notification without a position, whose JSON is there.
 * @param bodyJson of `body`: an object with at least one field
 * @param position `seq` in the durable lane alone
 */
export function placeNotification(
  body: Omit<Notification, 'epoch'>,
  bodyJson: string,
  position: Pick<HistoryPosition, 'epoch'> & Partial<HistoryPosition>,
): Notification {
  const notification = { ...body, ...position };
  known.set(notification, `${bodyJson.slice(0, -1)},${JSON.stringify(position).slice(1)}`);
  return notification;
}

const bodySchema = z.looseObject({ channelId: z.string(), lane: z.enum(lanes), subject: z.string() });

/** Reads a notification without a position from a history that keeps the JSON. null: it is none. */
export function readBody(json: string): Omit<Notification, 'epoch'> | null {
  try {
    const body: Omit<Notification, 'epoch'> = JSON.parse(json);
    return bodySchema.safeParse(body).success ? body : null;
  } catch {
    return null;
  }
}

/** What a hub goes by. The rest is passed on as another hub has checked and written it. */
const relayedSchema = z.looseObject({
  channelId: z.string(),
  lane: z.enum(lanes),
  subject: z.string(),
  version: z.int().optional(),
  epoch: z.string(),
  seq: z.int().optional(),
});

/** Reads a notification that another hub has written. null: it is none. */
export function readNotification(json: string): Notification | null {
  try {
    const notification: Notification = JSON.parse(json);
    if (!relayedSchema.safeParse(notification).success) return null;
    known.set(notification, json);
    return notification;
  } catch {
    return null;
  }
}
