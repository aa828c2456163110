/** Checks the bearer of a request before any handler runs. */
import type { Request, RequestHandler, Response } from 'express';
import { notFound } from '../http/problem.ts';
import { addressKey } from './client-address.ts';
import type { RequestRates } from './rates.ts';
import {
  type AnyBearer,
  type Bearer,
  bearerToken,
  mayUse,
  type PublisherBearer,
  type TokenAuthority,
} from './tokens.ts';

/** Refuses requests without a valid token, those of publishers, and those that are too many; `bearerOf` has the bearer afterwards. */
export function authenticate(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    const bearer = await verified(request, tokens, rates);
    await rates.admit(bearer, response);
    if (isPublisher(bearer)) throw notFound();
    response.locals.bearer = bearer;
    next();
  };
}

/** Admits publishers alone, as `authenticate` admits all others; `publisherOf` has the publisher afterwards. */
export function authenticatePublisher(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    response.locals.bearer = await admitPublisher(request, response, tokens, rates);
    next();
  };
}

/** @throws Problem token_missing, token_invalid, token_expired, rate_limited; not_found for the token of anybody else */
export async function admitPublisher(
  request: Request,
  response: Response,
  tokens: TokenAuthority,
  rates: RequestRates,
): Promise<PublisherBearer> {
  const bearer = await verified(request, tokens, rates);
  await rates.admit(bearer, response);
  if (!isPublisher(bearer)) throw notFound();
  return bearer;
}

function isPublisher(bearer: AnyBearer): bearer is PublisherBearer {
  return bearer.kind === 'publisher';
}

/** Bounds the requests of a route that needs no token. A token that comes all the same must be valid, and its bearer is counted. */
export function admitSender(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    const isKnown = request.headers.authorization !== undefined;
    const address = addressKey(request.ip);
    const sender = isKnown ? await verified(request, tokens, rates) : ({ kind: 'address', address } as const);
    await rates.admit(sender, response);
    next();
  };
}

function verified(request: Request, tokens: TokenAuthority, rates: RequestRates): Promise<AnyBearer> {
  const verify = async () => tokens.verifyBearer(bearerToken(request.headers.authorization));
  return rates.verify(addressKey(request.ip), verify);
}

export function bearerOf(response: Response): Bearer {
  return (response.locals as { bearer: Bearer }).bearer;
}

export function publisherOf(response: Response): PublisherBearer {
  return (response.locals as { bearer: PublisherBearer }).bearer;
}

/** The resource, if the bearer may use it. A missing resource and a foreign one get the same answer. @throws Problem not_found */
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
