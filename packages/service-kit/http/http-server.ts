/** The HTTP server under a service's app: bounded waits, a clear word about a taken port, a stop that ends. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
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
/** Milliseconds that a connection may wait for its next request: longer than our proxy keeps one, so that it never sends into the end of it. */
const KEEP_ALIVE_MS = 15_000;

/** For answers that nobody may keep, or take for something else than they say: all but the files of pages. */
export const privateHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

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
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(options, (request, response) => {
    answers.set(request.socket, response);
    // Once it stops, whoever keeps connections must take another one for the next request.
    if (!server.listening) response.setHeader('Connection', 'close');
    app(request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(417, { ...privateHeaders, 'Content-Length': 0, Connection: 'close' }).end();
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
  const message = `The request did not come within ${seconds} s. Send it again.`;
  return rawProblem(new Problem('request_timeout', message));
}

/** A problem as it goes over a connection that has no response of Node's. */
export function rawProblem(problem: Problem): string {
  const { retryAfterSeconds } = problem.place;
  const retryAfter = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  const headers = `Content-Type: application/problem+json; charset=utf-8\r\n${retryAfter}`;
  const status = `${problem.status} ${STATUS_CODES[problem.status]}`;
  return rawAnswer(status, headers, JSON.stringify(problem.toDocument()));
}

function rawAnswer(status: string, headers = '', body = ''): string {
  const everyAnswer = Object.entries(privateHeaders).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = Buffer.byteLength(body);
  return (
    `HTTP/1.1 ${status}\r\n${everyAnswer.join('')}${headers}` +
    `Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`
  );
}

/**
 * Answers a connection that Node has let go of. What still comes is thrown away, for a moment: bytes that nobody has read would
 * have the answer thrown away instead.
 */
export function endLingering(socket: Duplex, answer: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.end());
  socket.resume().end(answer);
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
 * @param variable that names the port
 * @returns the port it listens on
 * @throws ListenError
 */
export function listen(server: Server, port: number, host: string, variable = 'PORT'): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(toListenError(error, port, host, variable));
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

function toListenError(
  error: NodeJS.ErrnoException,
  port: number,
  host: string,
  variable: string,
): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken: stop the program that uses it, or set ${variable} to another one`,
    EACCES: `Port ${port} may not be used by this user: set ${variable} to one above 1023`,
    EADDRNOTAVAIL: `HOST ${host} is not an address of this machine`,
    ENOTFOUND: `HOST ${host} is not known`,
  };
  return new ListenError(reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
