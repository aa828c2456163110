/** `POST /channels` makes a channel for clients without a socket. */
import type { CreatedChannel } from '@tidings/contracts/http.ts';
import { createChannelBodySchema } from '@tidings/contracts/schemas/http.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import type { RequestHandler } from 'express';
import type { ChannelHistory } from '../history/channel-history.ts';
import { type GrantParts, grantNewChannel } from '../sockets/admission.ts';

/** Bytes of the body, at most: a user token fits with room to spare. */
export const MAX_CHANNEL_BODY_BYTES = 16 * 1024;

export function postChannels(parts: GrantParts & { readonly history: ChannelHistory }): RequestHandler {
  return async (request, response) => {
    const { userToken } = parse(createChannelBodySchema, request.body ?? {});
    const address = addressKey(request.ip);
    const { channelId, token } = await grantNewChannel(parts, userToken, address);
    const { epoch, seq } = await parts.history.open(channelId, null);
    response.status(201).json({ channelId, token, epoch, seq } satisfies CreatedChannel);
  };
}
