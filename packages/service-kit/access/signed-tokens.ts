/**
 * The JWTs that we sign ourselves and get back (RFC 7519, HS256), at each channel that is opened. Node.js signs them on this thread. jose goes to another
 * thread for each one, which costs six times as much as the signature; it reads the tokens of others (`user-tokens.ts`).
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

const ALGORITHM = 'HS256';

export type Claims = Readonly<Record<string, unknown>>;

export interface SignedToken {
  readonly typ: unknown;
  readonly claims: Claims;
}

export function signingKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/** @param typ the type in the header: a token of one type never counts as one of another */
export function signToken(typ: string, claims: Claims, key: KeyObject): string {
  const signed = `${encode({ alg: ALGORITHM, typ })}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

/**
 * Tries each key: a token does not say by which one it is signed. Its claims are for the caller to check.
 * @returns null where none of them has signed it
 */
export function readSignedToken(token: string, keys: readonly KeyObject[]): SignedToken | null {
  const [header = '', claims = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || !keys.some((key) => isEqual(signature, signatureOf(`${header}.${claims}`, key))))
    return null;
  const { alg, typ, crit } = decode(header) ?? {};
  const read = decode(claims);
  // Whoever else has the secret may have signed anything.
  return alg === ALGORITHM && crit === undefined && read !== null ? { typ, claims: read } : null;
}

function signatureOf(signed: string, key: KeyObject): string {
  return createHmac('sha256', key).update(signed).digest('base64url');
}

/** Compares the texts, of which each signature has one only, in a time that tells nothing of where they differ. */
function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function encode(part: Claims): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** null where it is no JSON object. */
function decode(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null;
  } catch {
    return null;
  }
}
