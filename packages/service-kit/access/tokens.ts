/**
 * Who may do what. Bearer tokens are JWTs (RFC 7519, HS256). A channel token is a capability: it opens one channel, and names
 * the owner of the imports made through it.
 * A publisher token lets a service publish to one channel, or to all of one owner.
 * The support token and the API key of publishers are plain secrets. The site's own login says who the owner
 * is, by a user JWT that comes when a channel is opened. Where no login is configured the owner is `default`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/channels/channels.ts';
import { SUPPORT_SESSION_SECONDS } from '@tidings/contracts/services/support-session.ts';
import { Problem } from '../http/problem.ts';
import { type AnyBearer, type Bearer, type ChannelOwner, type PublisherScope, revoked } from './bearers.ts';
import { createChannelIds } from './channel-ids.ts';
import {
  PUBLISHER_TOKEN_TYPE,
  readChannelToken,
  readPublisherToken,
  readSession,
  readTicket,
  SESSION_AUDIENCE,
  SESSION_TYPE,
  signOwn,
  ticketFor,
  toSeconds,
  verifyOwn,
} from './own-tokens.ts';
import { noRevocations, type Revocations } from './owner-tokens.ts';
import { signingKey } from './signed-tokens.ts';
import { createTags, type Tags } from './tags.ts';
import { createLogin, DEFAULT_OWNER, type LoginSettings } from './user-tokens.ts';

/** Milliseconds after the end of a user token until which the channels that it opened keep and renew their tokens. */
const AFTER_LOGIN_MS = 24 * 60 * 60 * 1000;

/** Milliseconds. */
const TICKET_MS = 60_000;
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
  /** The caller sees to it, by the id, that no ticket is used twice. @throws Problem token_invalid, token_expired */
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

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
