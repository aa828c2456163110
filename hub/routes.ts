/** The hub's routes. */
import type { CreatedChannel } from '@tidings/contracts/http.ts';
import { createChannelBodySchema } from '@tidings/contracts/schemas/http.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { readJsonBody } from '@tidings/service-kit/http/json-body.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import { createRouter } from '@tidings/service-kit/http/router.ts';
import type { Router } from 'express';
import type { ChannelHistory } from './history/channel-history.ts';
import { type GrantParts, grantNewChannel } from './sockets/admission.ts';

/** Bytes of a request's body, at most: a user token fits with room to spare. */
const MAX_BODY_BYTES = 16 * 1024;

export interface RouteParts extends GrantParts {
  readonly history: ChannelHistory;
  /** Whether channels can be opened. */
  readonly isReady: () => boolean;
}

/** `POST /channels` makes a channel for clients without a socket. Errors go to the app's error handler, as `Problem`s. */
export function createHubRouter(parts: RouteParts): Router {
  const router = createRouter();
  router.post('/channels', readJsonBody(MAX_BODY_BYTES), async (request, response) => {
    if (!parts.isReady()) {
      throw new Problem('unavailable', 'The hub is starting or stopping.', { retryAfterSeconds: 1 });
    }
    const body = createChannelBodySchema.safeParse(request.body ?? {});
    if (!body.success)
      throw new Problem('invalid_request', 'The body may have one field, `userToken`, a string.');
    const address = addressKey(request.ip);
    const { channelId, token } = await grantNewChannel(parts, body.data.userToken, address);
    const { epoch, seq } = await parts.history.open(channelId, null);
    response.status(201).json({ channelId, token, epoch, seq } satisfies CreatedChannel);
  });
  return router;
}
