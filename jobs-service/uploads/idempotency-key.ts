/** The key by which a sender names an upload, so that a repeat of it makes no second import. */
import { createHash } from 'node:crypto';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request } from 'express';
import { stringify as toUuid } from 'uuid';

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

/** The same owner and key always name the same import: a UUID of version 8 from their hash. */
export function importIdOfKey(owner: string, key: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([owner, key]))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return toUuid(bytes);
}
