/** The hub's HTTP API: which handler answers which method at which address. Errors go to the app's error handler, as `Problem`s. */
import { MAX_PUBLISH_BODY_BYTES } from '@tidings/contracts/notifications/notification.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { authenticate, authenticatePublisher } from '@tidings/service-kit/access/authenticate.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { RequestHandler, Router } from 'express';
import { SOCKET_PATH } from '../sockets/handshake.ts';
import { getChannels } from './get-channels.ts';
import { type EventsParts, getEvents } from './get-events.ts';
import { MAX_CHANNEL_BODY_BYTES, postChannels } from './post-channels.ts';
import { mayPublish, postNotifications } from './post-notifications.ts';
import { MAX_PUBLISHER_TOKEN_BODY_BYTES, postPublisherTokens } from './post-publisher-tokens.ts';
import { postTickets } from './post-tickets.ts';
import type { WaitingNotifications } from './waiting-notifications.ts';
import { whileReady } from './while-ready.ts';

export interface RouteParts extends EventsParts {
  readonly log: Pick<EventLog, 'append'>;
  /** A sentence about why no channel can be opened; null where one can. */
  readonly whyNotReady: () => string | null;
  readonly scheduleLoad: WaitingNotifications;
  /** Socket.IO's requests that are no upgrades. */
  readonly answerPolls: RequestHandler;
}

export function createHubRouter(parts: RouteParts): Router {
  const router = createRouter();
  const ready = whileReady(parts.whyNotReady);

  router.post('/channels', readJsonBody(MAX_CHANNEL_BODY_BYTES), ready, postChannels(parts));
  router.get('/channels', getChannels(parts));

  router.get('/channels/:channelId/events', ready, getEvents(parts));
  router.post(
    '/channels/:channelId/tickets',
    authenticate(parts.tokens, parts.requestRates),
    postTickets(parts),
  );

  const publisher = authenticatePublisher(parts.tokens, parts.requestRates);
  router.post(
    '/publisher-tokens',
    publisher,
    readJsonBody(MAX_PUBLISHER_TOKEN_BODY_BYTES),
    postPublisherTokens(parts),
  );
  router.post(
    '/channels/:channelId/notifications',
    publisher,
    mayPublish(parts.tokens),
    readJsonBody(MAX_PUBLISH_BODY_BYTES),
    postNotifications(parts),
  );
  router.all(SOCKET_PATH, parts.answerPolls);
  return router;
}
