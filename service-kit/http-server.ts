/** The HTTP server under a service's app: bounded waits, a clear word about a taken port, a stop that ends. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express, RequestHandler } from 'express';

/** Milliseconds that the headers of a request may take. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Milliseconds that a client may go on sending a body after its answer. */
const LINGER_MS = 5_000;

/** The port is taken, or may not be used; the message is one clear line. */
export class ListenError extends Error {
  readonly code = 'listen_failed';
  readonly retriable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenError';
  }
}

export function createHttpServer(app: Express): Server {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, app);
  // A large upload may take hours; uploads bound their own silence instead.
  server.requestTimeout = 0;
  return server;
}

/**
 * @param port 0 for any free one
 * @returns the port it listens on
 * @throws ListenError
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(toListenError(error, port, host));
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Takes no new connection and waits for the requests under way; what is left after the wait is cut. */
export function close(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), milliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/**
 * A client that was answered before it has sent its whole body may go on for a moment, so that it gets to read the
 * answer instead of a broken connection; then it is cut off.
 */
export const boundLingering: RequestHandler = (request, response, next) => {
  response.once('finish', () => {
    if (request.complete) return;
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
    request.once('close', () => clearTimeout(timer));
  });
  next();
};

function toListenError(error: NodeJS.ErrnoException, port: number, host: string): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken: stop the program that uses it, or set PORT to another one`,
    EACCES: `Port ${port} may not be used by this user: set PORT to one above 1023`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine`,
    ENOTFOUND: `HOST ${host} is not known`,
  };
  return new ListenError(reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
