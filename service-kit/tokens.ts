/**
 * Who may do what. Bearer tokens are JWTs (RFC 7519, HS256): a channel token is the capability to one channel and names
 * the owner of the imports made through it. The support token is a plain secret. Who the owner is, the site's own login
 * says, by a user JWT that is handed over when a channel is opened; where no login is configured the owner is `default`.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { SUPPORT_CHANNEL } from '../contracts/notification.ts';
import { Problem } from './problem.ts';

/** Seconds that a channel token is valid. */
export const CHANNEL_TOKEN_SECONDS = 7 * 24 * 60 * 60;

const AUDIENCE = 'tidings:channel';
const ALGORITHM = 'HS256';
/** The owner of everything where no login is configured. */
export const DEFAULT_OWNER = 'default';

/** What a valid bearer token lets its bearer do. */
export type Bearer =
  | {
      readonly kind: 'channel';
      readonly channelId: string;
      readonly owner: string;
      readonly expiresAt: number;
    }
  | { readonly kind: 'support' };

export interface TokenSettings {
  /** At least 32 bytes; every service of an installation has the same. */
  readonly authSecret: string;
  readonly supportToken: string;
  /** At most one of the two: the site's login, by a shared secret (HS256) or by its published keys. */
  readonly userJwtSecret?: string;
  readonly userJwksUrl?: string;
}

/** From the variables of `authVariables`. */
export function tokenSettings(config: {
  readonly AUTH_SECRET: string;
  readonly SUPPORT_TOKEN: string;
  readonly USER_JWT_SECRET?: string;
  readonly USER_JWKS_URL?: string;
}): TokenSettings {
  return {
    authSecret: config.AUTH_SECRET,
    supportToken: config.SUPPORT_TOKEN,
    userJwtSecret: config.USER_JWT_SECRET,
    userJwksUrl: config.USER_JWKS_URL,
  };
}

export interface TokenAuthority {
  /** Whether people sign in; where they do not, everything belongs to one owner. */
  readonly hasLogin: boolean;
  /** 128 random bits, base64url. */
  newChannelId(): string;
  issueChannelToken(channel: { channelId: string; owner: string }): Promise<string>;
  /** @throws Problem token_invalid, token_expired */
  verifyBearer(token: string): Promise<Bearer>;
  /**
   * The owner that the site's login names.
   * @param userToken the login's JWT, if one came
   * @throws Problem token_missing (a login is configured, no token came), token_invalid, token_expired
   */
  verifyOwner(userToken: string | undefined): Promise<string>;
}

export function createTokenAuthority(settings: TokenSettings): TokenAuthority {
  const secret = new TextEncoder().encode(settings.authSecret);
  const userKey = createUserKey(settings);
  return {
    hasLogin: userKey !== null,
    newChannelId: () => randomBytes(16).toString('base64url'),
    issueChannelToken: ({ channelId, owner }) =>
      new SignJWT({ channelId, owner })
        .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${CHANNEL_TOKEN_SECONDS}s`)
        .sign(secret),
    verifyBearer: async (token) => {
      if (equalSecrets(token, settings.supportToken)) return { kind: 'support' };
      return readChannelToken(
        await verify(token, async () => secret, { audience: AUDIENCE, algorithms: [ALGORITHM] }),
      );
    },
    verifyOwner: async (userToken) => {
      if (userKey === null) return DEFAULT_OWNER;
      if (userToken === undefined)
        throw new Problem('token_missing', 'Sign in first: a user token is needed to open a channel.');
      const { sub } = await verify(userToken, userKey.key, { algorithms: userKey.algorithms });
      if (typeof sub !== 'string' || sub === '')
        throw new Problem('token_invalid', 'The user token names nobody (no `sub`).');
      return sub;
    },
  };
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

interface UserKey {
  readonly key: JWTVerifyGetKey | (() => Promise<Uint8Array>);
  readonly algorithms: string[];
}

function createUserKey(settings: TokenSettings): UserKey | null {
  if (settings.userJwksUrl !== undefined) {
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];
    return { key: createRemoteJWKSet(new URL(settings.userJwksUrl)), algorithms };
  }
  if (settings.userJwtSecret === undefined) return null;
  const secret = new TextEncoder().encode(settings.userJwtSecret);
  return { key: async () => secret, algorithms: [ALGORITHM] };
}

async function verify(
  token: string,
  key: JWTVerifyGetKey | (() => Promise<Uint8Array>),
  options: { audience?: string; algorithms: string[] },
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, key as JWTVerifyGetKey, { ...options, requiredClaims: ['exp'] })).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new Problem('token_expired', 'The token has expired; open the channel anew.');
    if (error instanceof errors.JWKSTimeout) {
      throw new Problem('unavailable', 'The login’s keys cannot be fetched. Try again shortly.', {
        retryAfterSeconds: 5,
      });
    }
    throw new Problem('token_invalid', 'The token is not one of ours, or was altered.');
  }
}

function readChannelToken(payload: JWTPayload): Bearer {
  const { channelId, owner, exp } = payload;
  if (typeof channelId !== 'string' || typeof owner !== 'string' || exp === undefined) {
    throw new Problem('token_invalid', 'The token names no channel.');
  }
  return { kind: 'channel', channelId, owner, expiresAt: exp * 1000 };
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function equalSecrets(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
