/**
 * Socket.IO by long-polling, for clients whose network takes no WebSocket: off unless it is configured. A session is many requests, and
 * all of them must reach the hub that has it. Each request is checked as an upgrade is.
 */
import type { IncomingMessage } from 'node:http';
import { mayChange } from '@tidings/service-kit/http/origins.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Request, RequestHandler, Response } from 'express';
import type { Connection } from './connections.ts';
import { enter, type HandshakeParts, originForbidden, requireAccepting, SOCKET_PATH } from './handshake.ts';
import type { BrowserServer } from './socket-types.ts';

/** Codes of engine.io, whose clients show the message beside them. */
const TRANSPORT_UNKNOWN = 0;
const SESSION_UNKNOWN = 1;

export class Polling {
  readonly #engine: () => BrowserServer['engine'];
  readonly #isOn: boolean;
  readonly #parts: HandshakeParts;
  /** The functions that end the counts of clients, by the first request of the session that is being opened. */
  readonly #entered = new WeakMap<IncomingMessage, () => void>();
  readonly #sessions = new Set<Connection>();

  /** @param engine that the socket server has once it is attached */
  constructor(engine: () => BrowserServer['engine'], isOn: boolean, parts: HandshakeParts) {
    this.#engine = engine;
    this.#isOn = isOn;
    this.#parts = parts;
  }

  /** Whether it is the id of a session that polls now, and may go on by a WebSocket. */
  has(sessionId: string): boolean {
    const { clients } = this.#engine() as unknown as { clients: Readonly<Record<string, Connection>> };
    return Object.hasOwn(clients, sessionId) && clients[sessionId]?.transport.name === 'polling';
  }

  /** Notes a connection that the engine has opened. */
  take(connection: Connection): void {
    if (connection.transport.name !== 'polling') return;
    this.#sessions.add(connection);
    connection.once('close', () => this.#sessions.delete(connection));
    const leave = this.#entered.get(connection.request);
    if (leave !== undefined) connection.once('close', leave);
    this.#entered.delete(connection.request);
  }

  /** Resolves when all sessions have ended. After the time given it ends those that are left, of clients that never joined. */
  async ended(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.close(true);
    }, timeoutMs);
    await Promise.all(
      Array.from(this.#sessions, (session) => new Promise((resolve) => session.once('close', resolve))),
    );
    clearTimeout(timer);
  }

  /** Answers every request at Socket.IO's address that is no upgrade. */
  readonly answer: RequestHandler = async (request, response) => {
    const query = new URLSearchParams(request.url.split('?')[1]);
    const isPolling = query.get('EIO') === '4' && query.get('transport') === 'polling';
    if (isPolling && !this.#isOn) return refuse(response, TRANSPORT_UNKNOWN, offMessage);
    // JSON-P is refused: any page could read its answer.
    if (!isPolling || query.has('j') || !['GET', 'POST'].includes(request.method)) throw notPolling();
    this.#checkOrigin(request, response);
    const sessionId = query.get('sid');
    if (sessionId === null) return this.#openSession(request, response);
    if (!this.has(sessionId)) return refuse(response, SESSION_UNKNOWN, unknownMessage);
    this.#engine().handleRequest(request, response);
  };

  /** A page of a listed origin may read the answer, too. Requests without an origin are looked at as those that change something. */
  #checkOrigin({ headers }: Request, response: Response): void {
    const { site, metrics } = this.#parts;
    if (!mayChange(headers, site.origins)) {
      metrics.forbiddenOrigins.inc();
      throw originForbidden();
    }
    response.vary('Origin');
    if (headers.origin !== undefined && site.origins.has(headers.origin))
      response.set('Access-Control-Allow-Origin', headers.origin);
  }

  async #openSession(request: Request, response: Response): Promise<void> {
    requireAccepting(this.#parts);
    if (request.method !== 'GET') throw notPolling();
    const leave = await enter(request, this.#parts);
    this.#entered.set(request, leave);
    // The engine opens the session while it answers. Where it has opened none, nobody else ends the count.
    response.once('close', () => {
      if (this.#entered.delete(request)) leave();
    });
    if (!response.closed) this.#engine().handleRequest(request, response);
    else if (this.#entered.delete(request)) leave();
  }
}

const offMessage =
  'Long-polling is off here: connect with `transports: ["websocket"]`, or have the operator set SOCKET_TRANSPORTS=websocket,polling.';
const unknownMessage =
  'Session ID unknown: it has ended, or another hub has it. Connect anew. The proxy must send all requests of a client to one hub.';

function notPolling(): Problem {
  return new Problem(
    'invalid_request',
    `At ${SOCKET_PATH} Socket.IO 4 is spoken. A WebSocket needs the header Upgrade, which a proxy must pass on.`,
  );
}

/** Answers in the form of engine.io, whose clients know no problem documents. */
function refuse(response: Response, code: number, message: string): void {
  response.status(400).json({ code, message });
}
