/**
 * Whose pages may use this server. A browser lets any page send forms and simple requests to any address, and open sockets to
 * it; it only says where the page came from.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Methods that change nothing. */
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
/** Values of `Sec-Fetch-Site` for requests that no foreign page caused: those of our pages, and those of a person. */
const ownSites: readonly string[] = ['same-origin', 'none'];

/**
 * Lets in clients without an origin, which are no browsers, and pages of our own address; any other page must be listed.
 * A proxy may end TLS, so the page's scheme is not compared with ours.
 *
 * @param allowed as browsers write them, e.g. `https://example.org`; compared whole
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (allowed.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const isPage = page.protocol === 'http:' || page.protocol === 'https:';
  return isPage && page.origin === origin && page.host === hostFor(page.protocol, host);
}

/** Refuses, with `origin_forbidden`, what a page of another origin sends to change something. */
export function requireOwnOrigin(allowed: ReadonlySet<string>): RequestHandler {
  return ({ method, headers }, _response, next) => {
    if (safeMethods.includes(method) || mayChange(headers, allowed)) return next();
    throw new Problem(
      'origin_forbidden',
      'Pages of another origin may not change anything here. Use our own pages, or list the origin in ALLOWED_ORIGINS.',
    );
  };
}

/** Of our answers, what a page of another origin may read besides the few headers that browsers always show. */
const readableHeaders = [
  'Content-Disposition',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'Preference-Applied',
  'Retry-After',
].join(', ');
/** What such a page may send besides what browsers let every page send. */
const sendableHeaders = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'Notify-Channel',
  'Prefer',
  'Upload-Length',
  'Upload-Offset',
].join(', ');
/** Seconds that a browser keeps the leave. */
const LEAVE_SECONDS = 600;

/**
 * Lets pages of the listed origins read answers (CORS), and answers a browser that asks leave for such a page. No cookie comes along:
 * a browser is not told that it may send one.
 */
export function shareWithListed(allowed: ReadonlySet<string>): RequestHandler {
  return ({ method, headers }, response, next) => {
    response.vary('Origin');
    if (headers.origin === undefined || !allowed.has(headers.origin)) return next();
    response.set({
      'Access-Control-Allow-Origin': headers.origin,
      'Access-Control-Expose-Headers': readableHeaders,
    });
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return next();
    response.set({
      'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'Access-Control-Allow-Headers': sendableHeaders,
      'Access-Control-Max-Age': String(LEAVE_SECONDS),
    });
    response.status(204).end();
  };
}

/** Whether no foreign page has caused the request. An origin of the same site (`same-site`) is still a foreign one: only a listed one is allowed. */
export function mayChange(headers: IncomingHttpHeaders, allowed: ReadonlySet<string>): boolean {
  if (headers.origin !== undefined && allowed.has(headers.origin)) return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && !ownSites.includes(String(site))) return false;
  return isOriginAllowed(headers, allowed);
}

/** The `Host` header as a URL of the scheme writes it: lower case, without the scheme's default port. */
function hostFor(protocol: string, host: string | undefined): string | undefined {
  const address = `${protocol}//${host}`;
  return URL.canParse(address) ? new URL(address).host : undefined;
}
