/**
 * Which names this server answers to. A page of any site may point its own name at 127.0.0.1 (DNS rebinding) and would
 * then be of the same origin as us; on a machine where no login stands in front, the name is what gives it away.
 */
import type { IncomingMessage, Server } from 'node:http';
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The names that a server on this address answers to; null: to any, because it is open to a network, where it must
 * have a login in front of it anyway.
 * @param publicUrl where browsers reach it through a proxy
 */
export function expectedHosts(host: string, publicUrl: string | undefined): ReadonlySet<string> | null {
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (!loopback) return null;
  const own = host.includes(':') ? `[${host}]` : host;
  return new Set([...loopbackNames, own, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])]);
}

/** Answers requests for other names with `host_unknown`. */
export function requireHost(hosts: ReadonlySet<string> | null): RequestHandler {
  return (request, _response, next) => {
    if (isExpected(request, hosts)) return next();
    throw new Problem(
      'host_unknown',
      'This server does not answer to that name. Use its own address, or set PUBLIC_URL.',
    );
  };
}

/** Cuts upgrades for other names, before anybody else sees them. */
export function requireHostOfUpgrades(server: Server, hosts: ReadonlySet<string> | null): void {
  server.prependListener('upgrade', (request, socket) => {
    if (!isExpected(request, hosts)) socket.destroy();
  });
}

function isExpected({ headers }: IncomingMessage, hosts: ReadonlySet<string> | null): boolean {
  if (hosts === null) return true;
  const address = `http://${headers.host ?? ''}`;
  return URL.canParse(address) && hosts.has(new URL(address).hostname);
}
