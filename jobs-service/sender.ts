/** For whom uploads and large answers count: the owner that a login names, or else the address. */

import type { Bearer } from '@tidings/service-kit/access/bearers.ts';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import type { Request } from 'express';

/** @param owner the one that a login names; null where nobody signs in, and only addresses tell senders apart */
export function senderOf(request: Request, owner: string | null): string {
  return owner === null ? `address ${addressKey(request.ip)}` : `owner ${owner}`;
}

/** The sender of a request that has shown its token. */
export function senderOfBearer(
  { hasLogin }: Pick<TokenAuthority, 'hasLogin'>,
  request: Request,
  bearer: Bearer,
): string {
  if (bearer.kind === 'support') return bearer.kind;
  return senderOf(request, hasLogin ? bearer.owner : null);
}
