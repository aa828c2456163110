/** Checks the bearer of a request before any handler runs. */
import type { Request, RequestHandler, Response } from 'express';
import { notFound, Problem } from '../http/problem.ts';
import {
  type AnyBearer,
  type Bearer,
  bearerToken,
  type ChannelOwner,
  mayUse,
  type PublisherBearer,
  revoked,
} from './bearers.ts';
import { addressKey } from './client-address.ts';
import type { PersonSender, RequestRates } from './rates.ts';
import type { TokenAuthority } from './tokens.ts';

/** Refuses requests without a valid token, those of publishers, and those that are too many; `bearerOf` has the bearer afterwards. */
export function authenticate(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    const bearer = await admitBearer(request, response, tokens, rates);
    if (isPublisher(bearer)) throw notFound();
    response.locals.bearer = bearer;
    answerOnly(response, tokens, bearer.kind === 'channel' ? bearer : null);
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
  const bearer = await admitBearer(request, response, tokens, rates);
  if (!isPublisher(bearer)) throw notFound();
  return bearer;
}

/** Who asks a service for something: whose the answer is, and what else the bearer may use. */
export interface Caller {
  /** null: the API key or support. */
  readonly owner: string | null;
  readonly bearer: AnyBearer | null;
}

/** Admits whoever has a channel's token, a token of the site's login, the support token or the API key; `callerOf` has the caller afterwards. */
export function authenticateCaller(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    const verify = () => verifyCaller(tokens, bearerToken(request.headers.authorization));
    const caller = await rates.verify(addressKey(request.ip), verify);
    const { bearer, owner } = caller;
    const person = bearer === null && owner !== null ? tokens.ownerNamed(owner) : null;
    answerOnly(response, tokens, bearer?.kind === 'channel' ? bearer : person);
    // The answers of services are held, so their number has a bound of its own.
    if (bearer !== null && bearer.kind !== 'channel') await rates.count(bearer);
    else await rates.admit(bearer ?? { kind: 'owner', owner: owner ?? '' }, response);
    // A publisher token publishes, and does nothing else.
    if (bearer?.kind === 'publisher' && !hasApiKey(bearer)) throw notFound();
    response.locals.caller = caller;
    next();
  };
}

async function verifyCaller(tokens: TokenAuthority, token: string): Promise<Caller> {
  const sender = await verifySender(tokens, token);
  if (sender.kind === 'owner') return { bearer: null, owner: sender.owner };
  return { bearer: sender, owner: sender.kind === 'channel' ? sender.owner : null };
}

/**
 * Whose the token is: of one of our bearers, or of a person who signed in.
 * @throws Problem token_invalid, token_expired; unavailable where the login's keys cannot be had
 */
export async function verifySender(tokens: TokenAuthority, token: string): Promise<AnyBearer | PersonSender> {
  try {
    return await tokens.verifyBearer(token);
  } catch (error) {
    if (!tokens.hasLogin || !(error instanceof Problem) || error.code !== 'token_invalid') throw error;
    return { kind: 'owner', owner: (await tokens.verifyOwner(token)).owner };
  }
}

export function callerOf(response: Response): Caller {
  return (response.locals as { caller: Caller }).caller;
}

/** Whether it is the API key itself, and no token that was made with it. */
export function hasApiKey({ owner, channelId }: PublisherBearer): boolean {
  return owner === null && channelId === null;
}

function isPublisher(bearer: AnyBearer): bearer is PublisherBearer {
  return bearer.kind === 'publisher';
}

/** Bounds the requests of a route that needs no token. A token that comes all the same must be valid, and its bearer is counted. */
export function admitSender(tokens: TokenAuthority, rates: RequestRates): RequestHandler {
  return async (request, response, next) => {
    if (request.headers.authorization !== undefined) await admitBearer(request, response, tokens, rates);
    else await rates.admit({ kind: 'address', address: addressKey(request.ip) }, response);
    next();
  };
}

/** A person's own token is valid, and fits no route of bearers: its answer is that for what does not exist. */
async function admitBearer(
  request: Request,
  response: Response,
  tokens: TokenAuthority,
  rates: RequestRates,
): Promise<AnyBearer> {
  const verify = async () => verifySender(tokens, bearerToken(request.headers.authorization));
  const sender = await rates.verify(addressKey(request.ip), verify);
  await rates.admit(sender, response);
  if (sender.kind === 'owner') throw notFound();
  return sender;
}

export function bearerOf(response: Response): Bearer {
  return (response.locals as { bearer: Bearer }).bearer;
}

/** What an answer that takes long looks at. */
interface Standing {
  readonly isRevoked: () => boolean;
  readonly onRevoked: (listener: () => void) => () => void;
}

/** Says by whose tokens the request came: a long answer ends where they are taken back. null: by such as nobody takes back. */
export function answerOnly(
  response: Response,
  tokens: Pick<TokenAuthority, 'isRevoked' | 'onRevoked'>,
  sender: Pick<ChannelOwner, 'owner' | 'epoch'> | null,
): void {
  const isRevoked = () => sender !== null && tokens.isRevoked(sender);
  const standing: Standing = {
    isRevoked,
    onRevoked: (listener) =>
      tokens.onRevoked((owner) => owner === sender?.owner && isRevoked() && listener()),
  };
  response.locals.standing = standing;
}

function standingOf(response: Response): Standing {
  return (response.locals as { standing: Standing }).standing;
}

/** For an answer that takes long. @throws Problem token_invalid: the sender's tokens were taken back since the request came */
export function refuseRevoked(response: Response): void {
  if (standingOf(response).isRevoked()) throw revoked();
}

/** Calls the listener once the sender's tokens are taken back. Returns the function that ends this. */
export function onRevoked(response: Response, listener: () => void): () => void {
  return standingOf(response).onRevoked(listener);
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

/** Seconds that a client is willing to wait (RFC 7240 `Prefer: wait=N`), at most 60; null where it does not ask, or names no whole number. */
export function preferredWait(request: Request): number | null {
  const match = /(?:^|[,;\s])wait\s*=\s*("?)(\d+)\1\s*(?:[,;]|$)/i.exec(request.get('Prefer') ?? '');
  return match === null ? null : Math.min(60, Number(match[2]));
}

/** Whether a client would rather be refused than get another answer (RFC 7240 `Prefer: handling=strict`). The first `handling` counts. */
export function prefersStrict(request: Request): boolean {
  const match = /(?:^|[,;\s])handling\s*=\s*"?([\w-]*)/i.exec(request.get('Prefer') ?? '');
  return match?.[1]?.toLowerCase() === 'strict';
}
