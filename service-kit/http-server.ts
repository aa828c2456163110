/** The HTTP server under a service's app: bounded waits, a clear word about a taken port, a stop that ends. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Express, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Milliseconds that the headers of a request may take. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Milliseconds that a request may take to come, with its body. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds between two looks at what has not come in time. */
const TIMEOUT_CHECK_MS = 1_000;
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

/** Connections whose request bounds its own time; Node looks at all others. */
const unhurried = new WeakSet<object>();

/**
 * Every request must have come within half a minute, whoever answers it, or its connection ends. One whose handler says
 * `boundsItsOwnTime` is left alone: a large upload may take hours.
 *
 * @param requestMs milliseconds that a request may take to come, with its body
 */
export function createHttpServer(app: Express, requestMs: number = REQUEST_TIMEOUT_MS): Server {
  const answers = new WeakMap<object, ServerResponse>();
  const options = {
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestMs),
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, requestMs),
  };
  const server = createServer(options, (request, response) => {
    answers.set(request.socket, response);
    app(request, response);
  });
  return server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && unhurried.has(socket)) return;
    endConnection(socket, mayAnswer(answers.get(socket)) ? toAnswer(error, requestMs) : '');
  });
}

/** Exempts a request from the time that requests may take, until it has come; the handler must bound it by itself. */
export function boundsItsOwnTime(request: IncomingMessage): void {
  const { socket } = request;
  unhurried.add(socket);
  request.once('close', () => unhurried.delete(socket));
}

/** Whether the request that failed has no answer yet: its own, or that of the one before it, may be on the connection. */
function mayAnswer(last: ServerResponse | undefined): boolean {
  return last === undefined || !last.headersSent || (last.writableFinished && last.req.complete);
}

function toAnswer(error: NodeJS.ErrnoException, requestMs: number): string {
  if (error.code === 'HPE_HEADER_OVERFLOW') return rawAnswer('431 Request Header Fields Too Large');
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') return rawAnswer('400 Bad Request');
  const seconds = Math.ceil(requestMs / 1000);
  const problem = new Problem(
    'request_timeout',
    `The request did not come within ${seconds} s. Send it again.`,
  );
  return rawAnswer('408 Request Timeout', JSON.stringify(problem.toDocument()));
}

function rawAnswer(status: string, body = ''): string {
  const type = body === '' ? '' : 'Content-Type: application/problem+json; charset=utf-8\r\n';
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\n${type}Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Ends it once the answer has left, or after a moment. */
function endConnection(socket: Duplex, answer: string): void {
  if (!socket.writable || answer === '') return void socket.destroy();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(answer, () => socket.destroy());
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
