/**
 * Which names this server answers to. A page of any site may point its own name at our address (DNS rebinding) and would
 * then be of the same origin as us: the name is what gives it away.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';
import { healthPaths } from '../process/health.ts';

/** A name or address, and a port; nothing else that an address may have. */
const HOST_HEADER = /^(\[[\da-f:.]+\]|[^\s:/?#@\\[\]]+)(:\d{1,5})?$/i;

/** What a request for another name is answered with; null for one of ours. */
export function hostProblem(request: IncomingMessage, hosts: ReadonlySet<string>): Problem | null {
  const name = nameIn(request.headers.host);
  if (name !== null && (hosts.has(name) || name === ownAddress(request))) return null;
  return new Problem(
    'host_unknown',
    'This server does not answer to that name. Use its own address, or set PUBLIC_URL or ALLOWED_HOSTS.',
  );
}

/** Answers requests for other names with `host_unknown`. Who looks after health may use any address, but no foreign name. */
export function requireHost(hosts: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    const problem = hostProblem(request, hosts);
    if (problem === null || (healthPaths.includes(request.path) && isProbe(request))) return next();
    throw problem;
  };
}

/** Without a name, or with an address instead: no browser under a foreign name. */
function isProbe({ headers }: IncomingMessage): boolean {
  if (headers.host === undefined) return true;
  return isIP(nameIn(headers.host)?.replaceAll(/[[\]]/g, '') ?? '') !== 0;
}

/** The name that a `Host` header holds, as URLs have it; null where it holds anything else. */
function nameIn(header: string | undefined): string | null {
  if (header === undefined || !HOST_HEADER.test(header)) return null;
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : null;
}

/** The address of ours at which the request arrived: a name that points there is not it. */
function ownAddress({ socket }: IncomingMessage): string {
  const address = (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 6 ? `[${address}]` : address;
}
