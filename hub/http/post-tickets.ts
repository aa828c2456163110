/** `POST /channels/{id}/tickets`: makes a ticket. A browser's `EventSource` needs one to follow the channel, because it can send no header. */
import type { CreatedTicket } from '@tidings/contracts/channels/channels.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { mayListen } from '@tidings/service-kit/access/bearers.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';

export function postTickets({ tokens }: { readonly tokens: TokenAuthority }): RequestHandler {
  return async (request, response) => {
    const bearer = bearerOf(response);
    if (!mayListen(bearer, String(request.params.channelId))) throw notFound();
    const { ticket, expiresAt } = await tokens.issueTicket(bearer);
    response
      .status(201)
      .json({ ticket, expiresAt: new Date(expiresAt).toISOString() } satisfies CreatedTicket);
  };
}
