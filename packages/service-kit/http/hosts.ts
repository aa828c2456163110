/**
 * Which names this server answers to. A page of any site may point its own name at our address (DNS rebinding) and would
 * then be of the same origin as ours. The name in `Host` shows that its request is a stranger's.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { healthPaths } from './health.ts';
import { Problem } from './problem.ts';

/** A name or an IP address, and a port; no other part of a URL. */
const HOST_HEADER = /^(\[[\da-f:.]+\]|[^\s:/?#@\\[\]]+)(:\d{1,5})?$/i;

/** The answer to a request for a foreign name; null for a name of ours. */
export function hostProblem(request: IncomingMessage, hosts: ReadonlySet<string>): Problem | null {
  const name = nameIn(request.headers.host);
  if (name !== null && (hosts.has(name) || name === ownAddress(request))) return null;
  return new Problem(
    'host_unknown',
    'This server does not answer to that name. Use its own address, or set PUBLIC_URL or ALLOWED_HOSTS.',
  );
}

/** Answers requests for foreign names with `host_unknown`. Health checks may use any IP address, but no foreign name. */
export function requireHost(hosts: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    const problem = hostProblem(request, hosts);
    if (problem === null || (healthPaths.includes(request.path) && isProbe(request))) return next();
    throw problem;
  };
}

/** Whether the request has no name, or an IP address for one: then it is no browser under a foreign name. */
function isProbe({ headers }: IncomingMessage): boolean {
  if (headers.host === undefined) return true;
  return isIP(nameIn(headers.host)?.replaceAll(/[[\]]/g, '') ?? '') !== 0;
}

/** The last header and its name: most requests of a server come for the same one. */
let last: { readonly header: string; readonly name: string | null } | null = null;

/** The name that a `Host` header holds, as URLs have it; null where it holds anything else. */
function nameIn(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (last?.header !== header) last = { header, name: readName(header) };
  return last.name;
}

function readName(header: string): string | null {
  if (!HOST_HEADER.test(header)) return null;
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : null;
}

/** Our IP address at which the request arrived. A foreign name that points there is a different text. */
function ownAddress({ socket }: IncomingMessage): string {
  const address = (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 6 ? `[${address}]` : address;
}
