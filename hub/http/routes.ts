/** The hub's HTTP API: which handler answers which method at which address. Errors go to the app's error handler, as `Problem`s. */
import { MAX_PUBLISH_BODY_BYTES } from '@tidings/contracts/notification.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { authenticatePublisher } from '@tidings/service-kit/access/authenticate.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Router } from 'express';
import type { ChannelHistory } from '../history/channel-history.ts';
import type { HubMetrics } from '../metrics.ts';
import type { Once } from '../once/once.ts';
import type { GrantParts } from '../sockets/admission.ts';
import { getChannels } from './get-channels.ts';
import { MAX_CHANNEL_BODY_BYTES, postChannels } from './post-channels.ts';
import { mayPublish, postNotifications } from './post-notifications.ts';
import { MAX_PUBLISHER_TOKEN_BODY_BYTES, postPublisherTokens } from './post-publisher-tokens.ts';
import { whileReady } from './while-ready.ts';

export interface RouteParts extends GrantParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly logger: Logger;
  readonly metrics: HubMetrics;
  readonly history: ChannelHistory;
  readonly once: Once;
  /** Whether channels can be opened. */
  readonly isReady: () => boolean;
}

export function createHubRouter(parts: RouteParts): Router {
  const router = createRouter();
  const ready = whileReady(parts.isReady);

  router.post('/channels', readJsonBody(MAX_CHANNEL_BODY_BYTES), ready, postChannels(parts));
  router.get('/channels', getChannels(parts));

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
  return router;
}
