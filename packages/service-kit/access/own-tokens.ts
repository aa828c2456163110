/** The tokens that we sign: how each kind is written, and read again. */
import { type KeyObject, randomUUID } from 'node:crypto';
import { Problem } from '../http/problem.ts';
import {
  type Bearer,
  type ChannelBearer,
  type ChannelOwner,
  type PublisherBearer,
  revoked,
  type SupportBearer,
} from './bearers.ts';
import { type Claims, readSignedToken, type SignedToken, signToken } from './signed-tokens.ts';
import type { Tags } from './tags.ts';

const AUDIENCE = 'tidings:channel';
const PUBLISHER_AUDIENCE = 'tidings:publish';
const TICKET_AUDIENCE = 'tidings:events';
export const SESSION_AUDIENCE = 'tidings:support';
/** The type in the header of our tokens, so that no other JWT of the same secret counts as one. */
const TOKEN_TYPE = 'tidings-channel+jwt';
export const PUBLISHER_TOKEN_TYPE = 'tidings-publisher+jwt';
const TICKET_TYPE = 'tidings-ticket+jwt';
export const SESSION_TYPE = 'tidings-support+jwt';
/** The type that earlier versions wrote. */
const FORMER_TOKEN_TYPE = 'JWT';

const tokenKinds = {
  channel: { typ: TOKEN_TYPE, audience: AUDIENCE },
  publisher: { typ: PUBLISHER_TOKEN_TYPE, audience: PUBLISHER_AUDIENCE },
  ticket: { typ: TICKET_TYPE, audience: TICKET_AUDIENCE },
  session: { typ: SESSION_TYPE, audience: SESSION_AUDIENCE },
} as const;

/** A new token of the kind. @param endsAt milliseconds since 1970 */
export function signOwn(
  claims: Claims,
  kind: keyof typeof tokenKinds,
  endsAt: number,
  key: KeyObject,
): string {
  const { typ, audience } = tokenKinds[kind];
  const times = { iat: toSeconds(Date.now()), exp: toSeconds(endsAt) };
  return signToken(typ, { ...claims, aud: audience, ...times }, key);
}

export interface VerifiedToken extends SignedToken {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What one of our tokens says, of any kind. @throws Problem token_invalid, token_expired */
export function verifyOwn(token: string, keys: readonly KeyObject[]): VerifiedToken {
  const read = readSignedToken(token, keys);
  const audiences: readonly unknown[] = Object.values(tokenKinds).map((kind) => kind.audience);
  if (read === null || !audiences.includes(read.claims.aud)) throw notOurs();
  const { exp } = read.claims;
  if (typeof exp !== 'number') throw notOurs();
  if (exp <= toSeconds(Date.now())) throw expired();
  return { ...read, expiresAt: exp * 1000 };
}

/** A session is of the support token that it was made with. @throws Problem token_invalid */
export function readSession(
  { claims, expiresAt }: VerifiedToken,
  tags: Tags,
  supportToken: string,
): SupportBearer {
  if (!tags.isOurs(SESSION_AUDIENCE, supportToken, String(claims.key))) throw notOurs();
  return { kind: 'support', expiresAt };
}

/** @throws Problem token_invalid, token_expired */
export function readChannelToken({ typ, claims, expiresAt }: VerifiedToken): ChannelBearer {
  if (typ === FORMER_TOKEN_TYPE) throw expired();
  if (typ !== TOKEN_TYPE) throw notOurs();
  const { channelId, owner, epoch, renewUntil } = claims;
  if (typeof channelId !== 'string' || typeof owner !== 'string') {
    throw new Problem('token_invalid', 'The token names no channel.');
  }
  return {
    kind: 'channel',
    channelId,
    owner,
    epoch: typeof epoch === 'number' ? epoch : 0,
    expiresAt,
    renewUntil: typeof renewUntil === 'number' ? renewUntil * 1000 : null,
  };
}

/** What a ticket says of its bearer, whose own token it does not hold. */
export function ticketFor(bearer: Bearer): Claims {
  const jti = randomUUID();
  if (bearer.kind === 'support') return { jti, kind: bearer.kind, tokenEndsAt: bearer.expiresAt };
  const { kind, channelId, owner, epoch, renewUntil, expiresAt } = bearer;
  return { jti, kind, channelId, owner, epoch, renewUntil, tokenEndsAt: expiresAt };
}

/** @throws Problem token_invalid */
export function readTicket({ typ, claims }: VerifiedToken): { bearer: Bearer; id: string } {
  if (typ !== TICKET_TYPE || claims.jti === undefined)
    throw new Problem('token_invalid', 'That is no ticket.');
  const ticket = claims as unknown as TicketPayload;
  if (ticket.kind === 'support') {
    const end = ticket.tokenEndsAt === undefined ? {} : { expiresAt: ticket.tokenEndsAt };
    return { bearer: { kind: 'support', ...end }, id: ticket.jti };
  }
  const { jti, kind, channelId, owner, epoch, renewUntil, tokenEndsAt } = ticket;
  return { bearer: { kind, channelId, owner, epoch, renewUntil, expiresAt: tokenEndsAt }, id: jti };
}

/** We have signed it, so it has the form in which `ticketFor` writes it. */
type TicketPayload = { readonly jti: string } & (
  | { readonly kind: 'support'; readonly tokenEndsAt?: number }
  | (Omit<ChannelBearer, 'expiresAt'> & { readonly tokenEndsAt: number })
);

/** @throws Problem token_invalid, also where the token was taken back */
export function readPublisherToken(
  { claims }: VerifiedToken,
  isRevoked: (channel: Pick<ChannelOwner, 'owner' | 'epoch'>) => boolean,
): PublisherBearer {
  const { owner, epoch, channelId } = claims;
  if (typeof owner === 'string' && typeof epoch === 'number') {
    if (isRevoked({ owner, epoch })) throw revoked();
    return { kind: 'publisher', owner, channelId: null };
  }
  if (typeof channelId === 'string') return { kind: 'publisher', owner: null, channelId };
  throw new Problem('token_invalid', 'The token names neither an owner nor a channel.');
}

function expired(): Problem {
  return new Problem(
    'token_expired',
    'The token has expired: open the channel anew, or ask for another token.',
  );
}

function notOurs(): Problem {
  return new Problem('token_invalid', 'The token is not one of ours, or was altered.');
}

/** As JWTs count time. */
export function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
