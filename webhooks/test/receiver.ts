/** A partner's endpoint: a real HTTP server on this machine that answers as the test says, and keeps what came. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Record<string, unknown>;
  };
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on; default 204. */
  answer: (response: ServerResponse, received: Received) => void;
}

export async function startReceiver(): Promise<Receiver> {
  const receiver: { -readonly [Key in keyof Receiver]: Receiver[Key] } = {
    url: '',
    received: [],
    answer: (response) => void response.writeHead(204).end(),
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const one = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) };
      receiver.received.push(one);
      receiver.answer(response, one);
    });
  });
  const { url } = await startTestServer(server);
  receiver.url = `${url}/hook`;
  return receiver;
}

export const answerWith =
  (status: number, text = '', headers: Record<string, string> = {}): Receiver['answer'] =>
  (response) =>
    void response.writeHead(status, headers).end(text);
