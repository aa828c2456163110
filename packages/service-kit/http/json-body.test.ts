import { close, createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { readJsonBody } from './json-body.ts';
import { answerProblems } from './problem.ts';

async function startEcho() {
  const app = express();
  app.post('/', readJsonBody(1024), (request, response) => {
    response.json({ body: request.body ?? null });
  });
  app.use(answerProblems(silentLogger));
  const server = createHttpServer(app);
  onTestFinished(() => close(server, 0));
  const port = await listen(server, 0, '127.0.0.1');
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
