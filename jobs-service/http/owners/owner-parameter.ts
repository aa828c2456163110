/** The owner that an address names. */
import { ownerSchema } from '@tidings/contracts/schemas/values/text.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request } from 'express';

/** @throws Problem invalid_request, where no owner can have such a name: whoever can own something can be erased */
export function ownerOf(request: Request): string {
  const owner = ownerSchema.safeParse(request.params.owner);
  if (owner.success) return owner.data;
  const message = 'An owner is 1 to 255 characters, none of them a control character.';
  throw new Problem('invalid_request', message, { field: 'owner' });
}
