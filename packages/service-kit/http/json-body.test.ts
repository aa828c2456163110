import { createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { expect, test } from 'vitest';
import { readJsonBody } from './json-body.ts';
import { answerProblems } from './problem.ts';

async function listenToBodies(): Promise<number> {
  const app = express();
  app.post('/', readJsonBody(1024), (request, response) => {
    response.json({ body: request.body ?? null });
  });
  app.use(answerProblems(silentLogger));
  const server = createHttpServer(app);
  const { port } = await startTestServer(server);
  return port;
}

async function startEcho() {
  const port = await listenToBodies();
  return async (init: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', ...init });
    return { status: response.status, ...((await response.json()) as object) };
  };
}

// `curl -d` says that its body is a form: a change to a contact was answered 200, and nothing had been changed.
test.each(['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'])(
  'a body that is said to be %s is refused',
  async (type) => {
    const send = await startEcho();
    const headers = { 'Content-Type': type };
    expect(await send({ headers, body: '{"firstName":"Anna"}' })).toMatchObject({
      ...{ status: 400, code: 'invalid_request', field: 'Content-Type' },
    });
  },
);

test('a body without a type is refused, and a request without a body passes', async () => {
  const send = await startEcho();
  expect(await send({ body: new Uint8Array([123, 125]) })).toMatchObject({ status: 400 });
  expect(await send({})).toEqual({ status: 200, body: null });
});

test.each(['application/json', 'application/json; charset=utf-8', 'application/merge-patch+json'])(
  'a body of the type %s is read',
  async (type) => {
    const send = await startEcho();
    expect(await send({ headers: { 'Content-Type': type }, body: '{"a":1}' })).toEqual({
      ...{ status: 200, body: { a: 1 } },
    });
  },
);

// The parser answered once all of a body had come. A slow sender heard after half a minute that the request took too long, and that it
// should send it again.
test.each([
  ['is said to be too long', 'Content-Length: 1025\r\n\r\n{'],
  ['turns out to be too long', `Transfer-Encoding: chunked\r\n\r\n401\r\n${'x'.repeat(1025)}\r\n`],
])('a body that %s is refused before the rest of it comes', async (_name, rest) => {
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const connection = sendRaw(await listenToBodies(), `${head}${rest}`);
  expect(await problemOn(connection)).toMatchObject({ status: 413, code: 'request_too_large' });
});

test('a body in chunks of as many bytes as may come is read', async () => {
  const body = JSON.stringify('x'.repeat(1022 - '{"a":}'.length));
  const text = `{"a":${body}}`;
  const [first, second] = [text.slice(0, 1000), text.slice(1000)];
  const chunks = [first, second, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  const head =
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  expect(text).toHaveLength(1024);
  const connection = sendRaw(await listenToBodies(), `${head}${chunks.join('')}`);
  await eventually(() => expect(connection.received()).toContain(`{"body":${text}}`));
});
