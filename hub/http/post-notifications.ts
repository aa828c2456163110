/**
 * `POST /channels/{id}/notifications`: a service publishes one notification, or up to 100 of them, to a channel. The answer comes when all of them
 * are durable in the log. One item that is not valid refuses the whole request.
 */
import { createHash } from 'node:crypto';
import type {
  AcceptedNotifications,
  PublishedNotification,
} from '@tidings/contracts/notifications/notification.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { publisherOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { readIdempotencyKey } from '@tidings/service-kit/http/idempotency-key.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { hashedUuid } from '@tidings/service-kit/process/hashed-uuid.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { HubMetrics } from '../metrics.ts';
import type { Once } from '../once/once.ts';
import { readPublished } from './published.ts';
import { appendPublished } from './to-log.ts';
import { refuseTooMuchWaiting, type WaitingNotifications } from './waiting-notifications.ts';

/** Milliseconds for which an `Idempotency-Key` is known. */
const KEY_TTL_MS = 24 * 60 * 60 * 1000;
/** `Retry-After` of a repeat whose first request is still at work, in seconds. */
const RETRY_AFTER_SECONDS = 1;

export interface PublishParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly once: Once;
  readonly logger: Logger;
  readonly metrics: Pick<HubMetrics, 'published'>;
  readonly scheduleLoad: WaitingNotifications;
}

/** Refuses, before the body is read, a channel that was never opened and one of others, both by the same answer. */
export function mayPublish(tokens: TokenAuthority): RequestHandler {
  return (request, response, next) => {
    if (!tokens.mayPublish(publisherOf(response), channelOf(request))) throw notFound();
    next();
  };
}

export function postNotifications(parts: PublishParts): RequestHandler {
  return async (request, response) => {
    const channelId = channelOf(request);
    const published = readPublished(request.body, Date.now());
    refuseTooMuchWaiting(published, parts.scheduleLoad);
    const key = readIdempotencyKey(request);
    if (key === null) return accept(response, await publish(parts, channelId, published));
    const { owner } = publisherOf(response);
    const digest = createHash('sha256').update(JSON.stringify(published)).digest('base64url');
    const eventIds = published.map((_, index) => hashedUuid('publish', owner, channelId, key, digest, index));
    const name = JSON.stringify(['publish', owner, channelId, key]);
    const isRepeat = await publishOnce(parts, { name, digest }, () =>
      publish(parts, channelId, published, eventIds),
    );
    if (isRepeat) response.set('Idempotent-Replayed', 'true');
    accept(response, eventIds);
  };
}

function channelOf(request: Request): string {
  return String(request.params.channelId);
}

function accept(response: Response, eventIds: string[]): void {
  response.status(202).json({ eventIds } satisfies AcceptedNotifications);
}

async function publish(
  { log, metrics }: PublishParts,
  channelId: string,
  published: readonly PublishedNotification[],
  eventIds?: readonly string[],
): Promise<string[]> {
  const appended = await appendPublished(log, channelId, published, eventIds);
  for (const { lane } of published) metrics.published.inc({ lane });
  return appended;
}

/**
 * Resolves with whether an earlier request under the key has published. After a failure some notifications may stand in the log; a repeat
 * appends them again, under the same ids.
 * @throws Problem request_in_progress, idempotency_mismatch, and what `work` throws
 */
async function publishOnce(
  { once, logger }: PublishParts,
  { name, digest }: { readonly name: string; readonly digest: string },
  work: () => Promise<unknown>,
): Promise<boolean> {
  const begun = await once.begin(name, digest, KEY_TTL_MS);
  if (begun === 'done') return true;
  if (begun === 'running') throw inProgress();
  if (begun === 'other') throw mismatch();
  try {
    await work();
  } catch (error) {
    // If this call fails too, the key is free again after a minute.
    await once.forget(name).catch(() => undefined);
    throw error;
  }
  // The notifications are durable, so the request has succeeded whatever becomes of the key.
  await once.finish(name).catch((error: unknown) => {
    logger.warn({ err: error }, 'idempotency key not kept; a repeat publishes again');
  });
  return false;
}

function inProgress(): Problem {
  return new Problem('request_in_progress', 'The first request under this key is being worked on.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

function mismatch(): Problem {
  const message = 'The first request under this key had another body. Use a new key.';
  return new Problem('idempotency_mismatch', message, { field: 'Idempotency-Key' });
}
