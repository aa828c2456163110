/**
 * Who may do what. Bearer tokens are JWTs (RFC 7519, HS256): a channel token is the capability to one channel and names
 * the owner of the imports made through it. The support token is a plain secret. The site's own login says who the owner
 * is, by a user JWT that comes when a channel is opened. Where no login is configured the owner is `default`.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/http.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify, SignJWT } from 'jose';
import { Problem } from '../http/problem.ts';
import { noRevocations, type Revocations } from './owner-tokens.ts';
import { createLogin, DEFAULT_OWNER, type LoginSettings } from './user-tokens.ts';

/** Milliseconds after the end of a user token until which the channels that it opened keep and renew their tokens. */
const AFTER_LOGIN_MS = 24 * 60 * 60 * 1000;

const AUDIENCE = 'tidings:channel';
const ALGORITHM = 'HS256';
/** The type in the header of our tokens, so that no other JWT of the same secret counts as one. */
const TOKEN_TYPE = 'tidings-channel+jwt';
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

/** What a valid bearer token lets its bearer do. */
export type Bearer = ChannelBearer | { readonly kind: 'support' };

export interface TokenSettings extends LoginSettings {
  /** Signs, and verifies. At least 32 bytes; every service of an installation has the same. */
  readonly authSecret: string;
  /** Verify only: the next secret, or the one before. */
  readonly verifyingSecrets?: readonly string[];
  readonly supportToken: string;
}

export interface TokenAuthority {
  /** Whether people sign in; where they do not, everything belongs to one owner. */
  readonly hasLogin: boolean;
  /** 128 random bits, base64url. */
  newChannelId(): string;
  /** @param channel by default its owner's epoch is 0, and its tokens are renewed without end */
  issueChannelToken(channel: { channelId: string; owner: string } & Partial<ChannelOwner>): Promise<string>;
  /** @throws Problem token_invalid, token_expired */
  verifyBearer(token: string): Promise<Bearer>;
  /**
   * The owner that the site's login names.
   * @param userToken the login's JWT, if one came
   * @throws Problem token_missing (a login is configured, no token came), token_invalid, token_expired; unavailable where the
   * login's keys cannot be had
   */
  verifyOwner(userToken: string | undefined): Promise<ChannelOwner>;
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
  const [signing, ...verifying] = [settings.authSecret, ...(settings.verifyingSecrets ?? [])].map((secret) =>
    new TextEncoder().encode(secret),
  );
  if (signing === undefined) throw new Error('no secret to sign with');
  const login = createLogin(settings);
  const epochOf = (owner: string) => revocations.get(owner)?.epoch ?? 0;
  const isRevoked: TokenAuthority['isRevoked'] = ({ owner, epoch }) => epoch < epochOf(owner);
  return {
    hasLogin: login !== null,
    newChannelId: () => randomBytes(16).toString('base64url'),
    issueChannelToken: ({ channelId, owner, epoch = 0, renewUntil = null }) =>
      new SignJWT({
        channelId,
        owner,
        epoch,
        ...(renewUntil === null ? {} : { renewUntil: toSeconds(renewUntil) }),
      })
        .setProtectedHeader({ alg: ALGORITHM, typ: TOKEN_TYPE })
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(toSeconds(channelTokenEnd(Date.now(), renewUntil)))
        .sign(signing),
    verifyBearer: async (token) => {
      if (equalSecrets(token, settings.supportToken)) return { kind: 'support' };
      const bearer = readChannelToken(await verifyOwn(token, [signing, ...verifying]));
      if (isRevoked(bearer)) throw revoked();
      return bearer;
    },
    verifyOwner: async (userToken) => {
      if (login === null) return { owner: DEFAULT_OWNER, epoch: epochOf(DEFAULT_OWNER), renewUntil: null };
      if (userToken === undefined)
        throw new Problem('token_missing', 'Sign in first: a user token is needed to open a channel.');
      const { owner, issuedAt, endsAt } = await login.verify(userToken);
      // To the second, like `iat`: a token of a new sign-in in the same second is valid.
      if (issuedAt < Math.floor((revocations.get(owner)?.at ?? 0) / 1000) * 1000) throw revoked();
      return { owner, epoch: epochOf(owner), renewUntil: endsAt + AFTER_LOGIN_MS };
    },
    isRevoked,
    onRevoked: (listener) => revocations.onRevoked(listener),
  };
}

/** When a channel token that is made now ends, in milliseconds since 1970. */
export function channelTokenEnd(now: number, renewUntil: number | null): number {
  return Math.min(now + CHANNEL_TOKEN_SECONDS * 1000, renewUntil ?? Number.POSITIVE_INFINITY);
}

/** Whether a bearer may see and use what belongs to a channel and its owner. */
export function mayUse(bearer: Bearer, resource: { channelId?: string; owner: string }): boolean {
  return (
    bearer.kind === 'support' || bearer.owner === resource.owner || bearer.channelId === resource.channelId
  );
}

/** Whether a bearer may listen to a channel: its own token, or support on the support channel. */
export function mayListen(bearer: Bearer, channelId: string): boolean {
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

/** Tries each of our secrets: a token does not say with which one it is signed. */
async function verifyOwn(token: string, secrets: readonly Uint8Array[]): Promise<JWTVerifyResult> {
  for (const secret of secrets) {
    const verified = await tryOwn(token, secret);
    if (verified !== null) return verified;
  }
  throw notOurs();
}

/** null where another secret may have signed it. */
async function tryOwn(token: string, secret: Uint8Array): Promise<JWTVerifyResult | null> {
  const options = { audience: AUDIENCE, algorithms: [ALGORITHM], requiredClaims: ['exp'] };
  try {
    return await jwtVerify(token, secret, options);
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return null;
    if (error instanceof errors.JWTExpired) throw expired();
    throw notOurs();
  }
}

function readChannelToken({ payload, protectedHeader }: JWTVerifyResult): ChannelBearer {
  if (protectedHeader.typ === FORMER_TOKEN_TYPE) throw expired();
  if (protectedHeader.typ !== TOKEN_TYPE) throw notOurs();
  const { channelId, owner, exp, epoch, renewUntil } = payload as JWTPayload & Record<string, unknown>;
  if (typeof channelId !== 'string' || typeof owner !== 'string' || exp === undefined) {
    throw new Problem('token_invalid', 'The token names no channel.');
  }
  return {
    kind: 'channel',
    channelId,
    owner,
    epoch: typeof epoch === 'number' ? epoch : 0,
    expiresAt: exp * 1000,
    renewUntil: typeof renewUntil === 'number' ? renewUntil * 1000 : null,
  };
}

function expired(): Problem {
  return new Problem('token_expired', 'The token has expired; open the channel anew.');
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
