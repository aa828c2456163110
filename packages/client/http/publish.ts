/** Publishes to a channel, for services. */
import type {
  AcceptedNotifications,
  Lane,
  PublishedNotification,
} from '@tidings/contracts/notifications/notification.ts';
import { createIdempotencyKey } from './idempotency-key.ts';
import { pathOf, requestJson, whateverIsRetriable } from './request.ts';

/** `lane` is `durable` by default. `data` has at most 8 KiB as JSON. */
export type NotificationToPublish = Omit<PublishedNotification, 'lane'> & { readonly lane?: Lane };

export interface PublishOptions {
  /** The server's origin. */
  readonly baseUrl: string;
  /** The API key, or a publisher token of the channel or its owner. */
  readonly token: string;
  readonly channelId: string;
  /** One, or 1 to 100; either all of them are published or none. */
  readonly notifications: NotificationToPublish | readonly NotificationToPublish[];
  /** Names this publication for 24 hours: what is sent again under it is published once. Default: a random one. */
  readonly idempotencyKey?: string;
  /** Milliseconds of waiting between attempts in all, after which the failure is passed on. Default five minutes; 0: one attempt. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Resolves once the server keeps the notifications, with their ids in the same order. What it cannot take yet, and what gets no
 * answer, is sent again under the same key.
 *
 * @throws ProblemError
 */
export function publish(options: PublishOptions): Promise<AcceptedNotifications> {
  const { baseUrl, token, channelId, notifications, idempotencyKey, patienceMs, signal } = options;
  return requestJson(pathOf('channels', channelId, 'notifications'), {
    baseUrl,
    method: 'POST',
    token: () => token,
    headers: { 'Idempotency-Key': idempotencyKey ?? createIdempotencyKey() },
    body: notifications,
    signal,
    again: { isWorthIt: whateverIsRetriable, patienceMs },
  });
}
