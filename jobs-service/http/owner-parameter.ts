/** The owner that an address names, for routes of support. */
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { isOwnerName } from '@tidings/service-kit/access/user-tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, Response } from 'express';

/** @throws Problem not_found, unless support asks; invalid_request, where no owner has such a name */
export function ownerForSupport(request: Request, response: Response): string {
  if (bearerOf(response).kind !== 'support') throw notFound();
  const owner = String(request.params.owner);
  if (!isOwnerName(owner))
    throw new Problem('invalid_request', 'An owner is 1 to 255 printable characters.', { field: 'owner' });
  return owner;
}
