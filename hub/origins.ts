/** Which pages may connect. A WebSocket upgrade is not guarded by CORS: a browser only says where the page came from. */
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Clients that are no browsers send no origin and are let in; a page of our own address is; any other page must be listed.
 * @param allowedOrigins as browsers write them, e.g. `https://example.org`; compared whole
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, allowedOrigins: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (allowedOrigins.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  const isPage = url.protocol === 'http:' || url.protocol === 'https:';
  return isPage && url.origin === origin && url.host === host?.toLowerCase();
}
