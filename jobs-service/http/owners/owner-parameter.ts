/** The owner that an address names. */
import { isOwnerName } from '@tidings/service-kit/access/user-tokens.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request } from 'express';

/** @throws Problem invalid_request, where no owner has such a name */
export function ownerOf(request: Request): string {
  const owner = String(request.params.owner);
  if (!isOwnerName(owner))
    throw new Problem('invalid_request', 'An owner is 1 to 255 printable characters.', { field: 'owner' });
  return owner;
}
