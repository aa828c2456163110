/** `POST /publisher-tokens`: with the API key, makes a token that publishes to the channels of one owner, or to one channel. */
import type { CreatedPublisherToken } from '@tidings/contracts/channels/publisher-tokens.ts';
import { createPublisherTokenBodySchema } from '@tidings/contracts/schemas/channels/publisher-tokens.ts';
import { hasApiKey, publisherOf } from '@tidings/service-kit/access/authenticate.ts';
import type { PublisherScope } from '@tidings/service-kit/access/bearers.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';

/** Bytes of the body, at most: owner and channel fit with room to spare. */
export const MAX_PUBLISHER_TOKEN_BODY_BYTES = 4 * 1024;

export interface PublisherTokenParts {
  readonly tokens: TokenAuthority;
  readonly now: () => number;
}

export function postPublisherTokens({ tokens, now }: PublisherTokenParts): RequestHandler {
  return async (request, response) => {
    // A publisher token makes no further tokens, because they would outlive it.
    if (!hasApiKey(publisherOf(response))) throw notFound();
    const { owner, channelId, ttlSeconds } = parse(createPublisherTokenBodySchema, request.body);
    const endsAt = now() + ttlSeconds * 1000;
    const token = await tokens.issuePublisherToken(scopeOf(tokens, owner, channelId), endsAt);
    const expiresAt = new Date(Math.floor(endsAt / 1000) * 1000).toISOString();
    response.status(201).json({ token, expiresAt } satisfies CreatedPublisherToken);
  };
}

function scopeOf(
  tokens: TokenAuthority,
  owner: string | undefined,
  channelId: string | undefined,
): PublisherScope {
  if (owner !== undefined) return { owner };
  if (channelId === undefined || !tokens.isChannelId(channelId)) throw notFound();
  return { channelId };
}
