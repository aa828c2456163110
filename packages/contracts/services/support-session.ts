/** The session of support in a browser. */

/** Seconds that a support session is valid in a browser. */
export const SUPPORT_SESSION_SECONDS = 12 * 60 * 60;

/** As a bearer token: the one of the browser's support session, which its cookie holds. */
export const SESSION_BEARER = 'session';
