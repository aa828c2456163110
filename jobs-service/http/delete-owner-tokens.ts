/** `DELETE /owners/{owner}/tokens`: support takes back all tokens of an owner. */
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { isOwnerName } from '@tidings/service-kit/access/user-tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { RequestHandler } from 'express';

export function deleteOwnerTokens(ownerTokens: Pick<OwnerTokens, 'revoke'>): RequestHandler {
  return async (request, response) => {
    if (bearerOf(response).kind !== 'support') throw notFound();
    const owner = String(request.params.owner);
    if (!isOwnerName(owner))
      throw new Problem('invalid_request', 'An owner is 1 to 255 printable characters.', { field: 'owner' });
    await ownerTokens.revoke(owner);
    response.status(204).end();
  };
}
