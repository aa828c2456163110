import { requestTopics } from '@tidings/contracts/topics.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, test } from 'vitest';
import { API_KEY } from '../../test/api-server.ts';
import { json, serveReports, startRequestServer } from '../../test/request-server.ts';
import { HeldAnswers } from '../held-answers.ts';

describe('a request is refused', () => {
  test.each<[string, string, unknown, number, string, string?]>([
    ['to a service that is not known', '/requests/nothing/list', {}, 404, 'not_found'],
    ['to a method that is not known', '/requests/reports/nothing', {}, 404, 'not_found'],
    ['to a name of every object', '/requests/constructor/toString', {}, 404, 'not_found'],
    [
      'that its schema does not take',
      '/requests/reports/create',
      { month: 5 },
      422,
      'schema_refused',
      'month',
    ],
    ['that lacks what its schema needs', '/requests/reports/create', {}, 422, 'schema_refused', 'month'],
    ['that is no JSON', '/requests/reports/list', '{', 400, 'invalid_request'],
    // Such a body once passed, and overflowed the stack of every worker in Python that took it.
    [
      'that is nested deeply',
      '/requests/reports/list',
      `${'['.repeat(65)}${']'.repeat(65)}`,
      400,
      'invalid_request',
    ],
    [
      'that is longer than its method takes',
      '/requests/reports/small',
      { a: 'x'.repeat(20) },
      413,
      'request_too_large',
    ],
    ['of more than 256 KiB', '/requests/reports/list', 'x'.repeat(262_145), 413, 'request_too_large'],
  ])('%s, and nothing is queued', async (_name, path, body, status, code, field) => {
    const { log, post } = await startRequestServer();
    expect(await problemOf(await post(path, body))).toMatchObject({ status, code, ...(field && { field }) });
    for (const topic of [requestTopics.normal, requestTopics.heavy])
      expect(await readAll(log, topic)).toEqual([]);
  });

  test('beyond what its method takes of one caller', async () => {
    const { post, issueToken } = await startRequestServer();
    const ask = (token?: string) => post('/requests/reports/hurry', {}, { prefer: 'wait=0' }, token);
    expect((await ask()).status).toBe(202);
    expect(await problemOf(await ask())).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await ask(await issueToken('ada'))).status).toBe(202);
  });

  test('of a caller that has half of the places for those who wait, and not of another one', async () => {
    const heldAnswers = new HeldAnswers(2);
    const { log, post, metric } = await startRequestServer({ heldAnswers });
    const first = post('/requests/reports/list', {}, {}, API_KEY);
    await eventually(async () => expect(await metric('tidings_requests_open')).toBe(1));
    // An open request is counted before the log has it.
    await eventually(async () => expect(await readAll(log, requestTopics.normal)).toHaveLength(1));
    const refused = await post('/requests/reports/list', {}, {}, API_KEY);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(await readAll(log, requestTopics.normal)).toHaveLength(1);
    const other = post('/requests/reports/list', {});
    await eventually(async () => expect(await metric('tidings_requests_open')).toBe(2));
    await serveReports(log, () => json('done'));
    for (const answered of [await first, await other]) expect(answered.status).toBe(200);
    expect((await post('/requests/reports/list', {}, {}, API_KEY)).status).toBe(200);
  });

  test('without a token, and with the token of a publisher', async () => {
    const { port, post, tokens } = await startRequestServer();
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
    expect(
      await problemOf(await fetch(`http://127.0.0.1:${port}/requests/reports/list`, init)),
    ).toMatchObject({ status: 401, code: 'token_missing' });
    const publisher = await tokens.issuePublisherToken({ owner: 'mira' }, Date.now() + 60_000);
    expect((await post('/requests/reports/list', {}, {}, publisher)).status).toBe(404);
  });
});
