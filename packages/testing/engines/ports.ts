/** Finds free ports that stay this process' own: for an engine that restarts, and for a program that starts only later. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Ports below the range that Linux (from 32768) and macOS (from 49152) use for outgoing connections and for port 0,
 * so that nothing else takes the port of an engine that a test has stopped.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/**
 * No two callers get the same port while the first one lives, whichever processes they are in.
 * @param count of ports, all different
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if ((await isFree(port)) && (await claimPort(port))) ports.add(port);
  }
  return [...ports];
}

/**
 * Two test files start their services at the same time, and a port is bound seconds after it was found. The UDP port of the
 * same number, which none of these programs uses, is the claim: one socket of the machine has it, and it goes with its process.
 * @returns false where another caller has it
 */
export async function claimPort(port: number): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  socket.unref();
  try {
    const bound = once(socket, 'listening');
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await bound;
    return true;
  } catch {
    socket.close();
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
