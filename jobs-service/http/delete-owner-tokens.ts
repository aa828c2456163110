/** `DELETE /owners/{owner}/tokens`: support takes back all tokens of an owner. */
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import type { RequestHandler } from 'express';
import { ownerOf } from './owner-parameter.ts';

export function deleteOwnerTokens(ownerTokens: Pick<OwnerTokens, 'revoke'>): RequestHandler {
  return async (request, response) => {
    await ownerTokens.revoke(ownerOf(request));
    response.status(204).end();
  };
}
