/** Tokens of a site's login, as its shared secret signs them. */
import { createHmac } from 'node:crypto';

/** Seconds that the token is valid. */
const VALID_SECONDS = 60 * 60;

/** HS256. @param owner whom the token names @param issuedAt seconds since 1970 */
export function signUserToken(
  owner: string,
  secret: string,
  issuedAt = Math.floor(Date.now() / 1000),
): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = { sub: owner, iat: issuedAt, exp: issuedAt + VALID_SECONDS };
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
