import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';

export interface StubRequest {
  /** `GET /imports/1`, without the query. */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: string;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

export interface StubAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `broken`: the connection ends without an answer. */
type Answerer = (request: StubRequest) => StubAnswer | 'broken' | Promise<StubAnswer | 'broken'>;

export interface StubApi {
  readonly url: string;
  /** Every request so far, in order. */
  readonly requests: readonly StubRequest[];
  /** How many requests have come on this route. */
  count(route: string): number;
  /** Answers a route from now on. Routes without an answer are 404. */
  answer(route: string, answerer: Answerer): void;
}

/** An HTTP API that answers as the test says. */
export async function startStubApi(): Promise<StubApi> {
  const requests: StubRequest[] = [];
  const answerers = new Map<string, Answerer>();
  const server = createServer((message, response) => {
    void respond(message, response).catch(() => response.destroy());
  });
  const respond = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://localhost');
    const request: StubRequest = {
      route: `${message.method} ${url.pathname}`,
      query: url.searchParams,
      authorization: message.headers.authorization,
      idempotencyKey: message.headers['idempotency-key']?.toString(),
      body: await text(message),
      closed: new Promise((resolve) => response.on('close', resolve)),
    };
    requests.push(request);
    const answer = await (answerers.get(request.route) ?? (() => problem(404, 'not_found')))(request);
    if (answer === 'broken') {
      message.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  };
  const { url } = await startTestServer(server);
  return {
    url,
    requests,
    count: (route) => requests.filter((request) => request.route === route).length,
    answer: (route, answerer) => {
      answerers.set(route, answerer);
    },
  };
}

export function problem(status: number, code: string, detail = `The test says ${code}.`): StubAnswer {
  return {
    status,
    body: { type: 'about:blank', title: code, status, code, detail, retriable: status >= 429 },
  };
}
