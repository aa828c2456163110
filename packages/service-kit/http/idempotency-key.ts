/** The key by which a sender names a request, so that a repeat of it has no second effect. */
import type { Request } from 'express';
import { Problem } from './problem.ts';

const HEADER = 'Idempotency-Key';
/** 1 to 255 visible characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** null where the request has none. @throws Problem invalid_request */
export function readIdempotencyKey(request: Request): string | null {
  const key = request.get(HEADER);
  if (key === undefined) return null;
  if (KEY.test(key)) return key;
  throw new Problem('invalid_request', `\`${HEADER}\` is 1 to 255 visible ASCII characters.`, {
    field: HEADER,
  });
}
