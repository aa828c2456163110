/** `/support-session`: a browser exchanges support's token for a cookie, so that no address and no storage holds the token. */
import { SUPPORT_SESSION_SECONDS } from '@tidings/contracts/services/support-session.ts';
import { bearerOf } from '@tidings/service-kit/access/authenticate.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { notFound, Problem } from '@tidings/service-kit/http/problem.ts';
import { SESSION_COOKIE, sessionCookieOptions } from '@tidings/service-kit/http/support-session.ts';
import type { RequestHandler } from 'express';

export interface SessionParts {
  readonly tokens: Pick<TokenAuthority, 'issueSupportSession'>;
  /** Whether people reach the site by https: then the cookie goes by no other way. Default false. */
  readonly isHttps?: boolean;
}

export function postSession({ tokens, isHttps = false }: SessionParts): RequestHandler {
  return (_request, response) => {
    const bearer = bearerOf(response);
    if (bearer.kind !== 'support') throw notFound();
    // Otherwise a session could be renewed without end.
    if (bearer.expiresAt !== undefined)
      throw new Problem('state_conflict', 'A session is made with the support token, and by no session.');
    const { token } = tokens.issueSupportSession();
    const maxAge = SUPPORT_SESSION_SECONDS * 1000;
    response.cookie(SESSION_COOKIE, token, { ...sessionCookieOptions(isHttps), maxAge });
    response.status(204).end();
  };
}

/** Removes the cookie. Needs no token: a page of another origin may not send it. */
export function deleteSession({ isHttps = false }: SessionParts): RequestHandler {
  return (_request, response) => {
    response.clearCookie(SESSION_COOKIE, sessionCookieOptions(isHttps));
    response.status(204).end();
  };
}
