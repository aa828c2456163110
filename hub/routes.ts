/** The hub over HTTP. */
import type { Router } from 'express';
import { type CreatedChannel, createChannelBodySchema } from '../contracts/http.ts';
import { addressKey } from '../service-kit/client-address.ts';
import { readJsonBody } from '../service-kit/json-body.ts';
import { Problem } from '../service-kit/problem.ts';
import { createRouter } from '../service-kit/router.ts';
import { type GrantParts, grantNewChannel } from './admission.ts';
import type { ChannelHistory } from './channel-history.ts';

export interface RouteParts extends GrantParts {
  readonly history: ChannelHistory;
  /** Whether the history is there. */
  readonly isReady: () => boolean;
}

/** `POST /channels`: a channel for those without a socket. Errors go to the app's error handler, as `Problem`s. */
export function createHubRouter(parts: RouteParts): Router {
  const router = createRouter();
  router.post('/channels', readJsonBody('16kb'), async (request, response) => {
    if (!parts.isReady()) {
      throw new Problem('unavailable', 'The hub is starting or stopping.', { retryAfterSeconds: 1 });
    }
    const body = createChannelBodySchema.safeParse(request.body ?? {});
    if (!body.success)
      throw new Problem('invalid_request', 'The body may hold `userToken`, a string, and no more is needed.');
    const address = addressKey(request.ip);
    const { channelId, token } = await grantNewChannel(parts, body.data.userToken, address);
    const { epoch, seq } = await parts.history.open(channelId, null);
    response.status(201).json({ channelId, token, epoch, seq } satisfies CreatedChannel);
  });
  return router;
}
