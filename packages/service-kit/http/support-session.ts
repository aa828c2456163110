/**
 * Support's session in a browser: a cookie that the page's scripts cannot read. The cookie alone opens nothing. A request is of the
 * session only where it says `Authorization: Bearer session`, which no form and no page of another origin can send.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { SESSION_BEARER } from '@tidings/contracts/services/support-session.ts';
import type { CookieOptions, RequestHandler } from 'express';

export const SESSION_COOKIE = 'tidings-support';

const IN_COOKIES = new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=([^;\\s]+)`);

/** How the cookie is set, and removed. @param isHttps whether people reach the site by https */
export function sessionCookieOptions(isHttps: boolean): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure: isHttps, path: '/' };
}

/** The token that a request gives: of the session where it says so, and has its cookie; else the given one. */
export function tokenGiven(token: string, { cookie }: Pick<IncomingHttpHeaders, 'cookie'>): string {
  return token === SESSION_BEARER ? (IN_COOKIES.exec(cookie ?? '')?.[1] ?? token) : token;
}

/** Puts the session's token in the place of `session`, before anybody reads the header. */
export const useSession: RequestHandler = ({ headers }, _response, next) => {
  if (headers.authorization === `Bearer ${SESSION_BEARER}`)
    headers.authorization = `Bearer ${tokenGiven(SESSION_BEARER, headers)}`;
  next();
};
