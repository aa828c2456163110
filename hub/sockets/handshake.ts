/** Decides which connections the hub accepts, before Socket.IO sees them. Every refusal is a problem document that the client gets. */
import type { IncomingMessage } from 'node:http';
import { addressKey } from '@tidings/service-kit/access/client-address.ts';
import { hostProblem } from '@tidings/service-kit/http/hosts.ts';
import { isOriginAllowed } from '@tidings/service-kit/http/origins.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Site } from '@tidings/service-kit/http/site.ts';
import type { HubMetrics } from '../metrics.ts';
import type { RateLimits } from './admission.ts';

export const SOCKET_PATH = '/socket.io/';

export interface HandshakeParts {
  readonly site: Pick<Site, 'hosts' | 'origins'>;
  readonly rates: RateLimits;
  readonly metrics: HubMetrics;
  readonly trustedProxies: number;
  /** Whether the hub accepts clients now. */
  readonly isAccepting: () => boolean;
}

export interface UpgradeParts extends HandshakeParts {
  /** Whether it is the id of a session that polls now. */
  readonly isPolling: (sessionId: string) => boolean;
}

/**
 * Checks a request for an upgrade, and counts its connection until that is closed. A session that polls was counted when it was opened.
 * @throws Problem host_unknown, origin_forbidden, unavailable, invalid_request, rate_limited
 */
export async function admitHandshake(request: IncomingMessage, parts: UpgradeParts): Promise<void> {
  const { site, metrics } = parts;
  const hostRefused = hostProblem(request, site.hosts);
  if (hostRefused !== null) throw hostRefused;
  if (!isOriginAllowed(request.headers, site.origins)) {
    metrics.forbiddenOrigins.inc();
    throw originForbidden();
  }
  const query = new URLSearchParams(request.url?.slice(SOCKET_PATH.length));
  // The session that the client has by polling; null for a client without one.
  const sessionId = query.get('sid');
  if (sessionId === null) requireAccepting(parts);
  if (!isHandshake(request, query) || (sessionId !== null && !parts.isPolling(sessionId)))
    throw new Problem('invalid_request', 'Connect with Socket.IO 4, by WebSocket.');
  if (sessionId !== null) return;
  const leave = await enter(request, parts);
  request.socket.once('close', leave);
  if (request.socket.destroyed) leave();
}

/** @throws Problem unavailable */
export function requireAccepting({ isAccepting }: HandshakeParts): void {
  if (!isAccepting())
    throw new Problem('unavailable', 'The hub is starting or stopping.', { retryAfterSeconds: 1 });
}

export function originForbidden(): Problem {
  return new Problem('origin_forbidden', 'Pages of that origin may not connect: see ALLOWED_ORIGINS.');
}

/** Counts a connection of the client until the returned function is called. @throws Problem rate_limited */
export async function enter(request: IncomingMessage, parts: HandshakeParts): Promise<() => void> {
  const { rates, metrics, trustedProxies } = parts;
  try {
    return await rates.enter(clientAddress(request, trustedProxies));
  } catch (error) {
    metrics.refusedConnections.inc();
    throw error;
  }
}

/** Checks the form of a client's first request. The engine answers a malformed one with half of an answer, or with none. */
function isHandshake({ method, headers }: IncomingMessage, query: URLSearchParams): boolean {
  const isSocketIo = query.get('EIO') === '4' && query.get('transport') === 'websocket';
  const isWebSocket =
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/\da-z]{22}==$/i.test(headers['sec-websocket-key'] ?? '');
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  return method === 'GET' && isSocketIo && isWebSocket && !hasBody;
}

/**
 * The `addressKey` of the client: of what the outermost trusted proxy says, or of the connection itself.
 * @param trustedProxies in front of the hub; 0: `X-Forwarded-For` is not believed
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = headers['x-forwarded-for'];
  const addresses = (Array.isArray(forwarded) ? forwarded.join() : (forwarded ?? '')).split(',');
  const { remoteAddress } = socket;
  const client = trustedProxies === 0 ? remoteAddress : addresses.at(-trustedProxies)?.trim();
  return addressKey(client || remoteAddress);
}
