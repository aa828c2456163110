import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import { notFound } from '@tidings/service-kit/http/problem.ts';
import type { Response } from 'express';

/** Whose token the request bears. @throws Problem not_found: the support token has nothing of its own */
export function ownerOfBearer(response: Response): string {
  const bearer = bearerOf(response);
  if (bearer.kind === 'support') throw notFound();
  return bearer.owner;
}
