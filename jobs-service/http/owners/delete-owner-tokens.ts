/** `DELETE /owners/{owner}/tokens`: support takes back all tokens of an owner. */
import type { OwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import type { RequestHandler } from 'express';
import type { Orders } from '../../orders/orders.ts';
import { supportGiverFor } from '../order-giver.ts';
import { ownerOf } from './owner-parameter.ts';

export interface DeleteOwnerTokensParts {
  readonly ownerTokens: Pick<OwnerTokens, 'revoke'>;
  readonly orders: Pick<Orders, 'note'>;
}

export function deleteOwnerTokens({ ownerTokens, orders }: DeleteOwnerTokensParts): RequestHandler {
  return async (request, response) => {
    const owner = ownerOf(request);
    await orders.note('revoke_tokens', `owner/${owner}`, supportGiverFor(request, 'tokens taken back'));
    await ownerTokens.revoke(owner);
    response.status(204).end();
  };
}
