/** Makes the server of the hub's sockets, and ends their connections. */
import type { Duplex } from 'node:stream';
import { MAX_SOCKET_MESSAGE_BYTES } from '@tidings/contracts/notifications/socket-events.ts';
import { Server } from 'socket.io';
import type { HubLimits } from '../limits.ts';
import type { BrowserServer, SocketTransport } from './socket-types.ts';

/** Milliseconds that a connection may stay without joining; the protocol's own default is 45,000. */
const JOIN_MS = 10_000;

/** The server of Socket.IO, which listens nowhere by itself. */
export function createSocketServer(
  transports: readonly SocketTransport[],
  limits: Pick<HubLimits, 'heartbeatMs' | 'heartbeatAnswerMs'>,
): BrowserServer {
  return new Server({
    transports: [...transports],
    serveClient: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: MAX_SOCKET_MESSAGE_BYTES,
    pingInterval: limits.heartbeatMs,
    pingTimeout: limits.heartbeatAnswerMs,
    connectTimeout: JOIN_MS,
  });
}

/**
 * Resolves when the connections are closed. Destroys those that are still open after the time given: a client that is suspended
 * answers no closing handshake, and `ws` would wait for it for 30 seconds.
 */
export async function closeConnections(connections: ReadonlySet<Duplex>, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => {
    for (const connection of connections) connection.destroy();
  }, timeoutMs);
  await Promise.all(
    Array.from(connections, (connection) => new Promise((resolve) => connection.once('close', resolve))),
  );
  clearTimeout(timer);
}
