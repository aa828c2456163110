/** The bearer of a request, checked before any handler runs. */
import type { Request, RequestHandler, Response } from 'express';
import { notFound } from './problem.ts';
import { type Bearer, bearerToken, mayUse, type TokenAuthority } from './tokens.ts';

/** Refuses requests without a valid token; `bearerOf` has the bearer afterwards. */
export function authenticate(tokens: TokenAuthority): RequestHandler {
  return async (request, response, next) => {
    response.locals.bearer = await tokens.verifyBearer(bearerToken(request.headers.authorization));
    next();
  };
}

export function bearerOf(response: Response): Bearer {
  return (response.locals as { bearer: Bearer }).bearer;
}

/** The resource, if the bearer may use it; what is not there and what is not theirs get the same answer. @throws Problem not_found */
export function permitted<Resource extends { owner: string }>(
  bearer: Bearer,
  resource: Resource | null,
  channelId?: (resource: Resource) => string,
): Resource {
  if (resource === null || !mayUse(bearer, { owner: resource.owner, channelId: channelId?.(resource) }))
    throw notFound();
  return resource;
}

/** Seconds that a client is willing to wait (RFC 7240 `Prefer: wait=N`), at most 60; 0 where it does not ask. */
export function preferredWait(request: Request): number {
  const match = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})"?/i.exec(request.get('Prefer') ?? '');
  return Math.min(60, Number(match?.[1] ?? 0));
}
