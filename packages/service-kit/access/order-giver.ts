/** Who gives an order, and why, which the audit keeps. */
import { reasonBodySchema } from '@tidings/contracts/schemas/services/support.ts';
import type { Request } from 'express';
import { readJsonBody } from '../http/json-body.ts';
import { parse } from '../http/parse.ts';

export interface OrderGiver {
  /** `support` or `owner`, as the token tells. */
  readonly who: 'support' | 'owner';
  readonly reason: string;
}

/** Bytes of a body that holds a reason. */
const MAX_REASON_BYTES = 8 * 1024;

export const readReason = readJsonBody(MAX_REASON_BYTES);

/** Runs after the reader of JSON bodies. @throws Problem invalid_request */
export function supportGiver(request: Request): OrderGiver {
  return { who: 'support', reason: parse(reasonBodySchema, request.body ?? {}).reason };
}

/** An owner needs no reason, and one that is given is not kept. Runs after the reader of JSON bodies. @throws Problem invalid_request */
export function checkOwnersOrder(request: Request): void {
  parse(reasonBodySchema.partial(), request.body ?? {});
}
