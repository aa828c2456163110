/** `GET /channels`: the channels of the person whom the login names, with tokens, so that a notification reaches them on whichever device. */
import type { ListedChannel } from '@tidings/contracts/channels/channels.ts';
import { bearerToken, type ChannelOwner } from '@tidings/service-kit/access/bearers.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { GrantParts } from '../sockets/admission.ts';

export function getChannels({ tokens, requestRates, ownerChannels }: GrantParts): RequestHandler {
  return async (request, response) => {
    if (!tokens.hasLogin)
      throw new Problem('not_found', 'Nobody signs in here, so no channel belongs to a person.');
    const owner = await requestRates.verify(addressKey(request.ip), async () =>
      verifyPerson(tokens, bearerToken(request.headers.authorization)),
    );
    await requestRates.admit({ kind: 'owner', owner: owner.owner }, response);
    const items = ownerChannels.list(owner.owner).map(
      async ({ channelId, createdAt }): Promise<ListedChannel> => ({
        channelId,
        token: await tokens.issueChannelToken({ channelId, ...owner }),
        createdAt: new Date(createdAt).toISOString(),
      }),
    );
    response.json({ items: await Promise.all(items) });
  };
}

/** @throws Problem token_invalid, token_expired, unavailable; not_found for a valid token that is no person's */
async function verifyPerson(tokens: TokenAuthority, token: string): Promise<ChannelOwner> {
  try {
    return await tokens.verifyOwner(token);
  } catch (error) {
    if (error instanceof Problem && error.code === 'token_invalid' && (await isBearer(tokens, token)))
      throw notFound();
    throw error;
  }
}

async function isBearer(tokens: TokenAuthority, token: string): Promise<boolean> {
  return tokens.verifyBearer(token).then(
    () => true,
    () => false,
  );
}
