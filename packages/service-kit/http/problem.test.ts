import { type ProblemCode, problemKinds } from '@tidings/contracts/codes.ts';
import { Failure } from '@tidings/failures/failure.ts';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import type { Response } from 'express';
import { expect, test } from 'vitest';
import { createHttpApp } from './http-app.ts';
import { createHttpServer } from './http-server.ts';
import { Problem, toProblem } from './problem.ts';
import { createRouter } from './router.ts';

/** A server whose one route, `/fails`, throws the error. @param prepare what the route does with the answer before */
async function serve(error: () => unknown, prepare: (response: Response) => void = () => {}) {
  const { logger, lines } = recordingLogger();
  const routes = [
    createRouter().get('/fails', (_request, response) => {
      prepare(response);
      throw error();
    }),
  ];
  const server = createHttpServer(createHttpApp({ logger, site: null, trustedProxies: 0, routes }));
  const { url } = await startTestServer(server);
  return { url, lines };
}

test('a problem is answered as a document that says what, where, and whether trying again helps', async () => {
  const problem = () =>
    new Problem('rate_limited', 'Too many requests; wait a little.', { field: 'file', retryAfterSeconds: 3 });
  const { url, lines } = await serve(problem);
  const response = await fetch(`${url}/fails`);
  expect(response.status).toBe(429);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8');
  expect(response.headers.get('Retry-After')).toBe('3');
  expect(await response.json()).toEqual({
    type: 'about:blank',
    title: problemKinds.rate_limited.title,
    status: 429,
    code: 'rate_limited',
    detail: 'Too many requests; wait a little.',
    retriable: true,
    field: 'file',
  });
  expect(lines).toEqual([]);
});

// Rows that were refused in German-speaking browsers came as `Content-Language: de` over an English document.
test('a problem has no language of the answer that it comes in place of', async () => {
  const { url } = await serve(
    () => new Problem('not_found', 'There is nothing here.'),
    (response) => response.vary('Accept-Language').set('Content-Language', 'de'),
  );
  const { headers } = await fetch(`${url}/fails`);
  expect([headers.get('Content-Language'), headers.get('Vary')]).toEqual([null, 'Accept-Language']);
});

test('an address that no route has is a problem as well, and a missing token asks for one', async () => {
  const { url } = await serve(() => new Problem('token_missing', 'Send a token.'));
  expect(await (await fetch(`${url}/nowhere`)).json()).toMatchObject({ status: 404, code: 'not_found' });
  expect((await fetch(`${url}/fails`)).headers.get('WWW-Authenticate')).toBe('Bearer');
});

test('an unexpected error is logged, and tells the client nothing of itself', async () => {
  const { url, lines } = await serve(() => new Error('the password is hunter2'));
  const response = await fetch(`${url}/fails`);
  expect(await response.text()).not.toContain('hunter2');
  expect(response.status).toBe(500);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, method: 'GET', path: '/fails', err: { message: 'the password is hunter2' } },
  ]);
});

test.each<[string, () => unknown, object]>([
  [
    'a failure that may pass',
    () => new Failure('log_unavailable', 'Kafka is away.', { retriable: true }),
    { code: 'log_unavailable', reason: 'Kafka is away.' },
  ],
  [
    'a problem with a cause',
    () => new Problem('unavailable', 'Later.', {}, { cause: new Error('Redis is down.') }),
    { code: 'unavailable', reason: 'Redis is down.' },
  ],
  [
    'a problem alone',
    () => new Problem('unavailable', 'The service is starting.'),
    { code: 'unavailable', reason: 'The service is starting.' },
  ],
])('an outage is logged as one line without a stack: %s', async (_name, error, said) => {
  const { url, lines } = await serve(error);
  expect((await fetch(`${url}/fails`)).status).toBe(503);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 40, method: 'GET', path: '/fails', ...said },
  ]);
  expect(lines.join()).not.toMatch(/stack|\.ts:/);
});

test.each<[string, ProblemCode, unknown]>([
  ['an engine that is away', 'unavailable', new Failure('log_unavailable', 'x', { retriable: true })],
  ['a failure that stays', 'internal', new Failure('store_broken', 'x')],
  ['a cursor that we have not made', 'invalid_request', new Failure('cursor_invalid', 'x')],
  ['a body that a parser refuses', 'invalid_request', Object.assign(new Error('x'), { status: 400 })],
  ['a server error of a parser', 'internal', Object.assign(new Error('x'), { status: 500 })],
])('%s becomes %s', (_name, code, error) => {
  expect(toProblem(error)).toMatchObject({ code, status: problemKinds[code].status });
});
