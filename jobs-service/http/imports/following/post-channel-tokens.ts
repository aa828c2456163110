/** `POST /imports/{id}/channel-tokens`: gives the owner a token of the import's channel, to follow it on whichever device. */
import type { ChannelToken } from '@tidings/contracts/channels/channels.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';
import type { ImportReader } from '../../../imports/import-reader.ts';
import { readPermittedImport } from '../import-answer.ts';

export interface ChannelTokenParts {
  readonly reader: ImportReader;
  readonly tokens: Pick<TokenAuthority, 'issueChannelToken'>;
}

/** The new token opens what the bearer's own opens, and ends with the same sign-in and the same revocation. */
export function postChannelTokens({ reader, tokens }: ChannelTokenParts): RequestHandler {
  return async (request, response) => {
    const { channelId } = (await readPermittedImport(reader, request, response)).state;
    const bearer = bearerOf(response);
    // A channel's token opens its owner's contacts, which support does not see.
    if (bearer.kind === 'support') throw notFound();
    const { owner, epoch, renewUntil } = bearer;
    const token = await tokens.issueChannelToken({ channelId, owner, epoch, renewUntil });
    response.status(201).json({ channelId, token } satisfies ChannelToken);
  };
}
