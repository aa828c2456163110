/** Who gives an order: support, or the owner of an import. */
import { reasonBodySchema } from '@tidings/contracts/schemas/services/support.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { checkOwnersOrder, type OrderGiver, supportGiver } from '@tidings/service-kit/access/order-giver.ts';
import { parse } from '@tidings/service-kit/http/parse.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler, Response } from 'express';

/** Answers everybody else as if the address did not exist. */
export const supportOnly: RequestHandler = (_request, response, next) => {
  if (bearerOf(response).kind !== 'support') throw notFound();
  next();
};

/**
 * As `supportGiver`, where owners may ask for the same and need no reason.
 * @param ownersReason what their orders say
 * @throws Problem invalid_request: support gives no reason, or the body holds something else
 */
export function giverOf(request: Request, response: Response, ownersReason: string): OrderGiver {
  if (bearerOf(response).kind === 'support') return supportGiver(request);
  checkOwnersOrder(request);
  return { who: 'owner', reason: ownersReason };
}

/** As `supportGiver`, where the address says enough of the reason. @param reason unless the body gives one */
export function supportGiverFor(request: Request, reason: string): OrderGiver {
  return { who: 'support', reason: parse(reasonBodySchema, { reason, ...request.body }).reason };
}
