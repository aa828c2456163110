import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The connection breaks in the middle of the body. */
  readonly breaksOff?: boolean;
}

export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Gives the answers one after another, the last one again and again. null: the connection breaks instead. */
export async function startScriptedServer(...answers: readonly (ScriptedAnswer | null)[]) {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const answer = answers[Math.min(seen.length, answers.length - 1)] ?? null;
    seen.push({ method, url, headers, body: await text(request) });
    if (answer === null) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, answer.headers);
    if (answer.breaksOff === true) {
      response.write(JSON.stringify(answer.body).slice(0, 5), () => request.socket.destroy());
      return;
    }
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });
  const { url: baseUrl } = await startTestServer(server);
  return { baseUrl, seen };
}
