/** Ports that nobody listens on, kept over restarts of the server that gets them. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range from which Linux (32768 up) and macOS (49152 up) take ports for outgoing connections and for port 0,
 * so that nothing slips into the port of a server while a test has it down.
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
