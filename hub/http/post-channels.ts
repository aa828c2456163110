/** `POST /channels` makes a channel for clients without a socket; with the API key, for the owner that a service names. */
import type { CreatedChannel } from '@tidings/contracts/channels/channels.ts';
import { createChannelBodySchema } from '@tidings/contracts/schemas/channels/channels.ts';
import { admitPublisher, hasApiKey } from '@tidings/service-kit/access/authenticate.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { ChannelHistory } from '../history/channel-history.ts';
import { type GrantParts, grantNewChannel, grantServiceChannel } from '../sockets/admission.ts';

/** Bytes of the body, at most: a user token fits with room to spare. */
export const MAX_CHANNEL_BODY_BYTES = 16 * 1024;

export function postChannels(parts: GrantParts & { readonly history: ChannelHistory }): RequestHandler {
  const { tokens, requestRates } = parts;
  return async (request, response) => {
    const { userToken, owner } = parse(createChannelBodySchema, request.body ?? {});
    const isService = request.headers.authorization !== undefined || owner !== undefined;
    if (isService && !hasApiKey(await admitPublisher(request, response, tokens, requestRates)))
      throw notFound();
    if (isService && userToken !== undefined) throw ambiguous();
    const { channelId, token } = isService
      ? await grantServiceChannel(parts, owner)
      : await grantNewChannel(parts, userToken, addressKey(request.ip));
    const { epoch, seq } = await parts.history.begin(channelId);
    response.status(201).json({ channelId, token, epoch, seq } satisfies CreatedChannel);
  };
}

function ambiguous(): Problem {
  const message = 'Send `userToken` without the API key, or `owner` with it.';
  return new Problem('invalid_request', message, { field: 'userToken' });
}
