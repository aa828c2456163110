/**
 * Reads user tokens, by which the site's login names the owner: a JWT (RFC 7519), signed with a shared secret or with one of the keys that
 * the login publishes. It has `sub`, `iat` and `exp`, is at most a day old, and has our audience where one is set.
 */
import { webcrypto } from 'node:crypto';
import { Failure } from '@tidings/failures/failure.ts';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Problem } from '../http/problem.ts';

/** The owner of everything where no login is configured; no user token may name this owner. */
export const DEFAULT_OWNER = 'default';

/** Seconds after its `iat` for which a user token is valid, whatever its `exp` says. */
const MAX_AGE_SECONDS = 24 * 60 * 60;
/** Seconds by which the login's clock and ours may differ. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** Letters, marks, numbers, punctuation, symbols and blanks: 1 to 255 of them. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,255}$/u;

const SECRET_ALGORITHMS = ['HS256'];
const KEY_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Milliseconds that the login's server has for an answer with its keys. */
const KEYS_TIMEOUT_MS = 5_000;
/** Milliseconds after a fetch for which its keys are used. */
const KEYS_MAX_AGE_MS = 10 * 60_000;
/** Milliseconds between two fetches for an unknown key, at least. */
const KEYS_COOLDOWN_MS = 30_000;
/** Milliseconds after a failure in which no request goes to the login's server. */
const KEYS_PAUSE_MS = 5_000;

export interface LoginSettings {
  /** At most one of the two: a shared secret (HS256), or the address of the published keys. */
  readonly userJwtSecret?: string;
  readonly userJwksUrl?: string;
  /** What `aud` and `iss` must be; not checked where it is not given. */
  readonly userJwtAudience?: string;
  readonly userJwtIssuer?: string;
}

export interface SignedIn {
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970: the token is not taken any more. */
  readonly endsAt: number;
}

export interface Login {
  /** @throws Problem token_invalid, token_expired; unavailable where the keys cannot be had */
  verify(userToken: string): Promise<SignedIn>;
}

function isOwnerName(name: unknown): name is string {
  return typeof name === 'string' && PRINTABLE.test(name);
}

/** null where nobody signs in. */
export function createLogin(settings: LoginSettings): Login | null {
  const source = keySource(settings);
  if (source === null) return null;
  const options = {
    algorithms: source.algorithms,
    audience: settings.userJwtAudience,
    issuer: settings.userJwtIssuer,
    requiredClaims: ['exp', 'sub'],
    maxTokenAge: MAX_AGE_SECONDS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  return {
    async verify(userToken) {
      const { payload } = await jwtVerify(userToken, source.key, options).catch((error: unknown) => {
        throw toProblem(error);
      });
      const { sub, iat = 0, exp = 0 } = payload;
      if (!isOwnerName(sub) || sub === DEFAULT_OWNER) {
        throw new Problem(
          'token_invalid',
          'The user token names nobody: `sub` must be 1 to 255 printable characters, and not `default`.',
        );
      }
      return { owner: sub, issuedAt: iat * 1000, endsAt: Math.min(exp, iat + MAX_AGE_SECONDS) * 1000 };
    },
  };
}

interface KeySource {
  readonly key: JWTVerifyGetKey;
  readonly algorithms: string[];
}

function keySource({ userJwksUrl, userJwtSecret }: LoginSettings): KeySource | null {
  if (userJwksUrl !== undefined) return { key: publishedKeys(userJwksUrl), algorithms: KEY_ALGORITHMS };
  if (userJwtSecret === undefined) return null;
  // Imported once: given as bytes, jose would import it at each use, which takes longer than to verify.
  const secret = webcrypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(userJwtSecret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  return { key: () => secret, algorithms: SECRET_ALGORITHMS };
}

/** The login's keys could not be fetched, or the answer holds none. */
class KeysUnavailableError extends Failure {
  override readonly name = 'KeysUnavailableError';

  constructor(message: string, cause?: unknown) {
    super('keys_unavailable', message, { retriable: true, cause });
  }
}

/** Tells an unknown key from keys that cannot be fetched. After a failure no request goes to the login's server for a moment. */
function publishedKeys(address: string): JWTVerifyGetKey {
  let pausedUntil = 0;
  const ask: typeof fetch = (...call) => {
    if (performance.now() < pausedUntil)
      throw new KeysUnavailableError('the keys could not be had a moment ago');
    return fetch(...call);
  };
  const keys = createRemoteJWKSet(new URL(address), {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    [customFetch]: async (...call) => ask(...call),
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      if (!(error instanceof KeysUnavailableError)) pausedUntil = performance.now() + KEYS_PAUSE_MS;
      throw new KeysUnavailableError('the login’s keys cannot be had', error);
    }
  };
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}

function toProblem(error: unknown): Problem {
  if (error instanceof KeysUnavailableError) {
    const place = { retryAfterSeconds: KEYS_PAUSE_MS / 1000 };
    return new Problem('unavailable', 'The login’s keys cannot be fetched. Try again shortly.', place, {
      cause: error,
    });
  }
  if (error instanceof errors.JWTExpired)
    return new Problem('token_expired', 'The user token has expired; sign in again.');
  return new Problem('token_invalid', 'The user token is not one for us, or was altered.');
}
