/**
 * Who may do what. Bearer tokens are JWTs (RFC 7519, HS256): a channel token is the capability to one channel and names
 * the owner of the imports made through it; a publisher token lets a service publish to one channel, or to all of one owner.
 * The support token and the API key of publishers are plain secrets. The site's own login says who the owner
 * is, by a user JWT that comes when a channel is opened. Where no login is configured the owner is `default`.
 */
import { createHash, type KeyObject, randomUUID, timingSafeEqual } from 'node:crypto';
import { CHANNEL_TOKEN_SECONDS, SUPPORT_SESSION_SECONDS } from '@tidings/contracts/http.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { Problem } from '../http/problem.ts';
import { createChannelIds } from './channel-ids.ts';
import { noRevocations, type Revocations } from './owner-tokens.ts';
import { type Claims, readSignedToken, type SignedToken, signingKey, signToken } from './signed-tokens.ts';
import { createTags, type Tags } from './tags.ts';
import { createLogin, DEFAULT_OWNER, type LoginSettings } from './user-tokens.ts';

/** Milliseconds after the end of a user token until which the channels that it opened keep and renew their tokens. */
const AFTER_LOGIN_MS = 24 * 60 * 60 * 1000;

const AUDIENCE = 'tidings:channel';
const PUBLISHER_AUDIENCE = 'tidings:publish';
const TICKET_AUDIENCE = 'tidings:events';
const SESSION_AUDIENCE = 'tidings:support';
/** The type in the header of our tokens, so that no other JWT of the same secret counts as one. */
const TOKEN_TYPE = 'tidings-channel+jwt';
const PUBLISHER_TOKEN_TYPE = 'tidings-publisher+jwt';
const TICKET_TYPE = 'tidings-ticket+jwt';
const SESSION_TYPE = 'tidings-support+jwt';
/** Milliseconds. */
const TICKET_MS = 60_000;
/** The type that earlier versions wrote. */
const FORMER_TOKEN_TYPE = 'JWT';

/** Whose a channel is. */
export interface ChannelOwner {
  readonly owner: string;
  /** The owner's epoch when the first token of the channel was made; see `owner-tokens.ts`. */
  readonly epoch: number;
  /** Milliseconds since 1970: no token of this channel is valid longer. null: renewed as long as it is used. */
  readonly renewUntil: number | null;
}

export interface ChannelBearer extends ChannelOwner {
  readonly kind: 'channel';
  readonly channelId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A person, or support: reads and changes what belongs to the channel, to its owner, or to all. */
export type Bearer = ChannelBearer | SupportBearer;

export interface SupportBearer {
  readonly kind: 'support';
  /** Of a session, milliseconds since 1970; absent where the support token itself came. */
  readonly expiresAt?: number;
}

/** A service that notifies channels: those of an owner, one channel, or, with the API key, all; then both fields are null. */
export interface PublisherBearer {
  readonly kind: 'publisher';
  readonly owner: string | null;
  readonly channelId: string | null;
}

/** What a valid bearer token lets its bearer do. */
export type AnyBearer = Bearer | PublisherBearer;

/** What a publisher token is for. */
export type PublisherScope = { readonly owner: string } | { readonly channelId: string };

export interface TokenSettings extends LoginSettings {
  /** Signs, and verifies. At least 32 bytes; every service of an installation has the same. */
  readonly authSecret: string;
  /** Verify only: the next secret, or the one before. */
  readonly verifyingSecrets?: readonly string[];
  readonly supportToken: string;
  /** Publishes to every channel, and makes publisher tokens; not given: nobody does. */
  readonly publishApiKey?: string;
}

export interface TokenAuthority {
  /** Prove texts that we hand out and get back. */
  readonly tags: Tags;
  /** Whether people sign in; where they do not, everything belongs to one owner. */
  readonly hasLogin: boolean;
  /** Holds 128 random bits; see `channel-ids.ts`. @param owner default `default` */
  newChannelId(owner?: string): string;
  /** Whether `newChannelId` of this installation made it. An id stays one for as long as the secret that made it is configured. */
  isChannelId(channelId: string): boolean;
  /** @param channel by default its owner's epoch is 0, and its tokens are renewed without end */
  issueChannelToken(channel: { channelId: string; owner: string } & Partial<ChannelOwner>): Promise<string>;
  /** A token of an owner ends when the owner's tokens are taken back. @param endsAt milliseconds since 1970 */
  issuePublisherToken(scope: PublisherScope, endsAt: number): Promise<string>;
  /** A ticket stands for its bearer in an address, where a token must not stand: it ends a minute later. `expiresAt`: milliseconds since 1970. */
  issueTicket(bearer: Bearer): Promise<{ readonly ticket: string; readonly expiresAt: number }>;
  /** What support's browser holds in place of the support token. It ends with its time, or as soon as the support token is another one. */
  issueSupportSession(): { readonly token: string; readonly expiresAt: number };
  /** That no ticket is used twice, the caller takes care by its id. @throws Problem token_invalid, token_expired */
  verifyTicket(ticket: string): Promise<{ readonly bearer: Bearer; readonly id: string }>;
  /** Whether a publisher may publish to a channel. */
  mayPublish(bearer: AnyBearer, channelId: string): boolean;
  /** @throws Problem token_invalid, token_expired */
  verifyBearer(token: string): Promise<AnyBearer>;
  /**
   * The owner that the site's login names.
   * @param userToken the login's JWT, if one came
   * @throws Problem token_missing (a login is configured, no token came), token_invalid, token_expired; unavailable where the
   * login's keys cannot be had
   */
  verifyOwner(userToken: string | undefined): Promise<ChannelOwner>;
  /** The owner of channels that a service opens: their tokens are renewed for as long as they are used, until they are taken back. */
  ownerNamed(owner: string): ChannelOwner;
  /** Whether the owner's tokens of that epoch were taken back. */
  isRevoked(channel: Pick<ChannelOwner, 'owner' | 'epoch'>): boolean;
  /** Calls the listener for each owner whose tokens are taken back. Returns the function that ends this. */
  onRevoked(listener: (owner: string) => void): () => void;
}

/** @param revocations default: none are possible */
export function createTokenAuthority(
  settings: TokenSettings,
  revocations: Revocations = noRevocations,
): TokenAuthority {
  const secrets = [settings.authSecret, ...(settings.verifyingSecrets ?? [])] as const;
  const signing = signingKey(settings.authSecret);
  const verifying = secrets.map(signingKey);
  const channelIds = createChannelIds(secrets);
  const tags = createTags(secrets);
  const login = createLogin(settings);
  const epochOf = (owner: string) => revocations.get(owner)?.epoch ?? 0;
  const ownerNamed = (owner: string): ChannelOwner => ({ owner, epoch: epochOf(owner), renewUntil: null });
  const isRevoked: TokenAuthority['isRevoked'] = ({ owner, epoch }) => epoch < epochOf(owner);
  return {
    tags,
    hasLogin: login !== null,
    newChannelId: (owner = DEFAULT_OWNER) => channelIds.make(owner),
    isChannelId: channelIds.isOurs,
    issueChannelToken: async ({ channelId, owner, epoch = 0, renewUntil = null }) => {
      const renewal = renewUntil === null ? {} : { renewUntil: toSeconds(renewUntil) };
      const token = { channelId, owner, epoch, ...renewal };
      return signOwn(token, 'channel', channelTokenEnd(Date.now(), renewUntil), signing);
    },
    issuePublisherToken: async (scope, endsAt) => {
      const token = 'owner' in scope ? { owner: scope.owner, epoch: epochOf(scope.owner) } : scope;
      return signOwn(token, 'publisher', endsAt, signing);
    },
    issueTicket: async (bearer) => {
      const expiresAt = toSeconds(Date.now() + TICKET_MS) * 1000;
      return { ticket: signOwn(ticketFor(bearer), 'ticket', expiresAt, signing), expiresAt };
    },
    issueSupportSession: () => {
      const expiresAt = toSeconds(Date.now() + SUPPORT_SESSION_SECONDS * 1000) * 1000;
      const key = tags.make(SESSION_AUDIENCE, settings.supportToken);
      return { token: signOwn({ key }, 'session', expiresAt, signing), expiresAt };
    },
    verifyTicket: async (ticket) => {
      const read = readTicket(verifyOwn(ticket, verifying));
      if (read.bearer.kind === 'channel' && isRevoked(read.bearer)) throw revoked();
      return read;
    },
    mayPublish: (bearer, channelId) => {
      if (bearer.kind !== 'publisher') return false;
      if (bearer.owner !== null) return channelIds.isOf(channelId, bearer.owner);
      return channelIds.isOurs(channelId) && (bearer.channelId ?? channelId) === channelId;
    },
    verifyBearer: async (token) => {
      if (equalSecrets(token, settings.supportToken)) return { kind: 'support' };
      if (settings.publishApiKey !== undefined && equalSecrets(token, settings.publishApiKey))
        return { kind: 'publisher', owner: null, channelId: null };
      const verified = verifyOwn(token, verifying);
      if (verified.typ === SESSION_TYPE) return readSession(verified, tags, settings.supportToken);
      if (verified.typ === PUBLISHER_TOKEN_TYPE) return readPublisherToken(verified, isRevoked);
      const bearer = readChannelToken(verified);
      if (isRevoked(bearer)) throw revoked();
      return bearer;
    },
    verifyOwner: async (userToken) => {
      if (login === null) return ownerNamed(DEFAULT_OWNER);
      if (userToken === undefined)
        throw new Problem('token_missing', 'Sign in first: a user token is needed to open a channel.');
      const { owner, issuedAt, endsAt } = await login.verify(userToken);
      // To the second, like `iat`: a token of a new sign-in in the same second is valid.
      if (issuedAt < Math.floor((revocations.get(owner)?.at ?? 0) / 1000) * 1000) throw revoked();
      return { owner, epoch: epochOf(owner), renewUntil: endsAt + AFTER_LOGIN_MS };
    },
    ownerNamed,
    isRevoked,
    onRevoked: (listener) => revocations.onRevoked(listener),
  };
}

/** When a channel token that is made now ends, in milliseconds since 1970. */
export function channelTokenEnd(now: number, renewUntil: number | null): number {
  return Math.min(now + CHANNEL_TOKEN_SECONDS * 1000, renewUntil ?? Number.POSITIVE_INFINITY);
}

/** Whether a bearer may see and use what belongs to a channel and its owner. */
export function mayUse(bearer: AnyBearer, resource: { channelId?: string; owner: string }): boolean {
  if (bearer.kind === 'publisher') return false;
  return (
    bearer.kind === 'support' || bearer.owner === resource.owner || bearer.channelId === resource.channelId
  );
}

/** Whether a bearer may listen to a channel: its own token, or support on the support channel. */
export function mayListen(bearer: AnyBearer, channelId: string): boolean {
  if (bearer.kind === 'publisher') return false;
  return bearer.kind === 'support' ? channelId === SUPPORT_CHANNEL : bearer.channelId === channelId;
}

/**
 * The token of an `Authorization: Bearer` header (RFC 6750).
 * @throws Problem token_missing, token_invalid
 */
export function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new Problem('token_missing', 'Send the token as `Authorization: Bearer …`.');
  const match = /^Bearer +([^\s]+) *$/i.exec(authorization);
  if (match?.[1] === undefined)
    throw new Problem('token_invalid', 'The Authorization header is not of the form `Bearer <token>`.');
  return match[1];
}

const tokenKinds = {
  channel: { typ: TOKEN_TYPE, audience: AUDIENCE },
  publisher: { typ: PUBLISHER_TOKEN_TYPE, audience: PUBLISHER_AUDIENCE },
  ticket: { typ: TICKET_TYPE, audience: TICKET_AUDIENCE },
  session: { typ: SESSION_TYPE, audience: SESSION_AUDIENCE },
} as const;

/** @param endsAt milliseconds since 1970 */
function signOwn(claims: Claims, kind: keyof typeof tokenKinds, endsAt: number, key: KeyObject): string {
  const { typ, audience } = tokenKinds[kind];
  const times = { iat: toSeconds(Date.now()), exp: toSeconds(endsAt) };
  return signToken(typ, { ...claims, aud: audience, ...times }, key);
}

interface VerifiedToken extends SignedToken {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** @throws Problem token_invalid, token_expired */
function verifyOwn(token: string, keys: readonly KeyObject[]): VerifiedToken {
  const read = readSignedToken(token, keys);
  const audiences: readonly unknown[] = Object.values(tokenKinds).map((kind) => kind.audience);
  if (read === null || !audiences.includes(read.claims.aud)) throw notOurs();
  const { exp } = read.claims;
  if (typeof exp !== 'number') throw notOurs();
  if (exp <= toSeconds(Date.now())) throw expired();
  return { ...read, expiresAt: exp * 1000 };
}

/** A session is of the support token that it was made with. */
function readSession({ claims, expiresAt }: VerifiedToken, tags: Tags, supportToken: string): SupportBearer {
  if (!tags.isOurs(SESSION_AUDIENCE, supportToken, String(claims.key))) throw notOurs();
  return { kind: 'support', expiresAt };
}

function readChannelToken({ typ, claims, expiresAt }: VerifiedToken): ChannelBearer {
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
function ticketFor(bearer: Bearer): Claims {
  const jti = randomUUID();
  if (bearer.kind === 'support') return { jti, kind: bearer.kind, tokenEndsAt: bearer.expiresAt };
  const { kind, channelId, owner, epoch, renewUntil, expiresAt } = bearer;
  return { jti, kind, channelId, owner, epoch, renewUntil, tokenEndsAt: expiresAt };
}

function readTicket({ typ, claims }: VerifiedToken): { bearer: Bearer; id: string } {
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

function readPublisherToken(
  { claims }: VerifiedToken,
  isRevoked: TokenAuthority['isRevoked'],
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

/** The problem for a token that was taken back. */
export function revoked(): Problem {
  return new Problem('token_invalid', 'The token was taken back; sign in again.');
}

function notOurs(): Problem {
  return new Problem('token_invalid', 'The token is not one of ours, or was altered.');
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
