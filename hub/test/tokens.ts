/** Tokens that tests sign by hand: with another secret, audience or life than the hub's own. */
import { SignJWT } from 'jose';

/** The secret of the login in tests. */
export const userJwtSecret = 'the-secret-of-the-login-0123456789';

/** @param expires the life of the token, as jose reads it, such as `1h`; `-1s` has ended */
export function sign(
  claims: Record<string, unknown>,
  secret: string,
  audience = 'tidings:channel',
  expires = '1h',
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'tidings-channel+jwt' })
    .setIssuedAt()
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}
