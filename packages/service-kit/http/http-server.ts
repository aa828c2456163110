/** The HTTP server under a service's app. Its waits are bounded, it names a taken port, and its stop ends. */
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Failure } from '@tidings/failures/failure.ts';
import type { Express, RequestHandler } from 'express';
import { Problem } from './problem.ts';

/** Milliseconds that the headers of a request may take. */
const HEADERS_TIMEOUT_MS = 20_000;
/** Milliseconds that a request may take to come, with its body. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds between two checks for requests that have not come in time. */
const TIMEOUT_CHECK_MS = 1_000;
/** Milliseconds that a client may go on sending a body after its answer. */
const LINGER_MS = 5_000;
/** Milliseconds that a connection may wait for its next request: longer than our proxy keeps it, so that no request meets its end. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Connections that may wait to be taken; the system may allow fewer. Beyond it the system drops what comes: whoever connects hears nothing for
 * seconds, and some are reset. Node's own 511 are fewer than the clients of a hub that is gone.
 */
const WAITING_CONNECTIONS = 4_096;

/** Requests of one connection that may wait for their answers. The next one ends the connection: one read may bring a thousand, and all of them run in one turn. */
const UNANSWERED_REQUESTS = 8;

/** Headers of every answer but the files of pages: it is kept nowhere, and its content type is not guessed. */
export const privateHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

/** The port is taken, or may not be used; the message is one clear line. */
export class ListenError extends Failure {
  override readonly name = 'ListenError';

  constructor(message: string, cause: unknown) {
    super('listen_failed', message, { cause });
  }
}

/** How many requests of a connection have no answer yet. */
const unanswered = new WeakMap<object, number>();

/** Connections whose request bounds its own time; Node looks at all others. */
const unhurried = new WeakSet<object>();

/**
 * Every request must have come within half a minute, whoever answers it, or its connection ends. One whose handler says
 * `boundsItsOwnTime` is left alone: a large upload may take hours. A connection that sends more than eight requests ahead of
 * their answers ends.
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
    if (!isNext(request, response)) return void request.socket.destroy();
    answers.set(request.socket, response);
    // A server that stops tells clients to take another connection for the next request.
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

/** Whether the request may run. What was read with the request that ended its connection still comes here, and runs no more. */
function isNext({ socket }: IncomingMessage, response: ServerResponse): boolean {
  const before = unanswered.get(socket) ?? 0;
  if (socket.destroyed || before >= UNANSWERED_REQUESTS) return false;
  unanswered.set(socket, before + 1);
  response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
  return true;
}

/** Whether requests of the connection wait for their answers. */
export function owesAnswers(socket: Duplex): boolean {
  return (unanswered.get(socket) ?? 0) > 0;
}

/** Exempts a request from the time-out of requests until it has come; its handler must bound the time itself. */
export function boundsItsOwnTime(request: IncomingMessage): void {
  const { socket } = request;
  unhurried.add(socket);
  request.once('close', () => unhurried.delete(socket));
}

/** Whether the failed request has no answer yet. The connection may carry its own answer, or that of the request before. */
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

/** A problem as the text of an HTTP answer, for connections without a response object of Node's. */
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
 * Answers on a connection that Node has given up. For a moment it reads and drops what still comes: unread bytes would make the
 * system drop the answer instead.
 */
export function endLingering(socket: Duplex, answer: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.end());
  socket.resume().end(answer);
}

/** Ends the connection once the answer has left, or after a moment. */
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
    server.listen({ port, host, backlog: WAITING_CONNECTIONS }, () => {
      server.off('error', fail);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Takes no new connection and waits for the running requests; after the wait it cuts the remaining connections. */
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
 * Lets a client that was answered before the end of its body send on for a moment, so that it reads the
 * answer instead of meeting a broken connection. Then the connection is cut.
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
  const reason = reasons[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`;
  return new ListenError(reason, error);
}
