/** Two real processes behind the real nginx with the configuration of compose, for all tests of a file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '@tidings/testing/engines/ports.ts';
import { provision } from '@tidings/testing/engines/provision.ts';
import { type ReverseProxy, startReverseProxy } from '@tidings/testing/stack/reverse-proxy.ts';
import { type Stack, startStack } from '@tidings/testing/stack/stack.ts';
import { afterAll, beforeAll } from 'vitest';

const site = { PUBLIC_URL: 'https://tidings.example', ALLOWED_HOSTS: 'inside.example, other.example' };

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ProxiedStacks {
  /** The proxy's address. */
  readonly url: string;
  readonly port: number;
  /** nginx. */
  readonly program: string;
  readonly stacks: readonly Stack[];
  /** Of the stacks, behind the proxy. */
  readonly stackPorts: readonly number[];
}

/** The address of sockets, as a client asks for one. */
export const handshake = '/socket.io/?EIO=4&transport=websocket';

/** Both stacks take the tokens of each other. */
const secrets = { AUTH_SECRET: 'a'.repeat(64), PUBLISH_API_KEY: 'p'.repeat(64) };

/** The headers by which a client asks for a socket. */
export const webSocket = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/**
 * @param environment of both, in addition
 * @returns what gives the running stacks from the first test on, and what sends the proxy a request
 */
export function shareProxiedStacks(environment: Readonly<Record<string, string>> = {}): {
  readonly proxied: () => ProxiedStacks;
  ask(request: Asked): Promise<IncomingMessage>;
} {
  let running: ProxiedStacks | null = null;
  let stacks: Stack[] = [];
  let proxy: ReverseProxy | null = null;
  let directory: string | null = null;
  beforeAll(async () => {
    const needed = { kafka: undefined, redis: false, postgres: false, nginx: true };
    const { nginx: program } = await provision(needed, () => undefined);
    if (program === undefined) throw new Error('nginx was asked for, and must be there');
    directory = await mkdtemp(join(tmpdir(), 'tidings-proxy-'));
    const [port = 0, ...ports] = await findFreePorts(3);
    stacks = await Promise.all(
      ports.map((each) =>
        startStack({ ...site, ...secrets, TRUST_PROXY: '1', ...environment, PORT: String(each) }),
      ),
    );
    proxy = await startReverseProxy({
      ...{ program, directory, port, hubPorts: ports, jobsServicePorts: ports },
      publicUrl: site.PUBLIC_URL,
      allowedHosts: site.ALLOWED_HOSTS,
    });
    running = { url: proxy.url, port, program, stacks, stackPorts: ports };
  });
  afterAll(async () => {
    await proxy?.stop();
    await Promise.all(stacks.map((stack) => stack.dispose()));
    if (directory !== null) await rm(directory, { recursive: true, force: true });
  });
  const proxied = () => {
    if (running === null) throw new Error('nothing runs before the first test begins');
    return running;
  };
  return { proxied, ask: (request) => ask(proxied().port, request) };
}

/** Sends a request on a connection of its own, and returns the answer without its body. */
function ask(port: number, { method = 'GET', path = '/', headers = {} }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
    request.on('response', (response) => resolve(response.resume()));
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response);
    });
    request.on('error', reject);
    request.end();
  });
}
