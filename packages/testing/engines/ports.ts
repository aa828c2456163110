/** Finds free ports that stay free while their engine restarts. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports below the range that Linux (from 32768) and macOS (from 49152) use for outgoing connections and for port 0,
 * so that nothing else takes the port of an engine that a test has stopped.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** @param count of ports, all different */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
