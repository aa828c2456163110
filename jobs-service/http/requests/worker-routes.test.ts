import type { RequestReply, TakenRequest } from '@tidings/contracts/services/requests.ts';
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { encodeRequest } from '@tidings/event-log/request-reply/request-records.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, test } from 'vitest';
import { API_KEY, type ApiServerOptions, SUPPORT_TOKEN } from '../../test/api-server.ts';
import { startRequestServer } from '../../test/request-server.ts';
import { HeldAnswers } from '../held-answers.ts';

type Server = Awaited<ReturnType<typeof startRequestServer>>;

/** A server, and what a worker by HTTP sends to it. */
async function start(options: ApiServerOptions & { readonly log?: EventLog } = {}) {
  return withWorker(await startRequestServer(options));
}

function withWorker(server: Server) {
  const { post } = server;
  const work = (path: string, body: object) => post(path, body, {}, API_KEY);
  const take = async (body: object = {}): Promise<TakenRequest | null> => {
    const response = await work('/requests/reports/take', body);
    expect([200, 204]).toContain(response.status);
    return response.status === 204 ? null : ((await response.json()) as TakenRequest);
  };
  const taken = async (body?: object): Promise<TakenRequest> => {
    const one = await take(body);
    if (one === null) throw new Error('nothing was handed out');
    return one;
  };
  const reply = ({ requestId, lease }: TakenRequest, more: Partial<RequestReply> = {}) =>
    work(`/requests/${requestId}/reply`, { lease, status: 200, body: { json: 'done' }, ...more });
  const ask = (body: object = {}, headers: Record<string, string> = {}) =>
    post('/requests/reports/list', body, headers);
  const askHeavy = () => post('/requests/reports/create', { month: 'May' }, { prefer: 'wait=0' });
  return { ...server, work, take, taken, reply, ask, askHeavy };
}

describe('a worker by HTTP', () => {
  test('takes a request, and its reply is the answer: status, headers and body', async () => {
    const { ask, taken, reply } = await start();
    const asked = ask({ page: 2 });
    const request = await taken();
    expect(request).toMatchObject({
      method: 'list',
      lane: 'normal',
      attempt: 1,
      body: { json: { page: 2 } },
    });
    expect(request.headers).toMatchObject({ owner: 'mira', 'content-type': 'application/json' });
    const [ends, deadline] = [Date.parse(request.leaseEndsAt), Date.parse(request.deadline)];
    expect([ends > Date.now(), deadline > ends]).toEqual([true, true]);
    const body = { base64: Buffer.from([0, 255]).toString('base64'), contentType: 'image/x-test' };
    expect((await reply(request, { status: 203, headers: { 'X-Rows': '2' }, body })).status).toBe(204);
    const response = await asked;
    expect([response.status, response.headers.get('x-rows')]).toEqual([203, '2']);
    expect(response.headers.get('content-type')).toBe('image/x-test');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  test.each<[string, RequestReply['body'], string, string]>([
    ['JSON', { json: { rows: [1] } }, 'application/json', '{"rows":[1]}'],
    ['a text', { text: 'drei Zeilen ü' }, 'text/plain; charset=utf-8', 'drei Zeilen ü'],
    ['a file', { file: { name: 'ü.csv', contentType: 'text/csv', base64: 'YSxi' } }, 'text/csv', 'a,b'],
  ])('may reply with %s', async (_name, body, contentType, text) => {
    const { ask, taken, reply } = await start();
    const asked = ask();
    await reply(await taken(), { body });
    const response = await asked;
    expect([response.headers.get('content-type'), await response.text()]).toEqual([contentType, text]);
    expect(response.headers.get('content-disposition')).toBe(
      'file' in body ? `attachment; filename="_.csv"; filename*=UTF-8''%C3%BC.csv` : null,
    );
  });

  test('is told that nothing has come, and gets what comes while it waits', async () => {
    const { ask, take, taken } = await start();
    expect(await take({ wait: 0 })).toBeNull();
    expect(await take({ wait: 1 })).toBeNull();
    const waiting = taken({ wait: 30 });
    await ask({}, { prefer: 'wait=0' });
    expect(await waiting).toMatchObject({ method: 'list' });
  });

  // A worker that did not wait was once told that nothing had come, whatever waited.
  test('that does not wait gets what is there', async () => {
    const { ask, take, taken, reply } = await start();
    await ask({}, { prefer: 'wait=0' });
    await reply(await taken({ wait: 30 }));
    await ask({ page: 2 }, { prefer: 'wait=0' });
    await eventually(async () =>
      expect(await take({ wait: 0 })).toMatchObject({ body: { json: { page: 2 } } }),
    );
  });

  // Takes and callers had the same places: callers who took all of them waited for workers who got none.
  test('gets requests while callers take every place of those who are held', async () => {
    const { ask, taken, reply } = await start({ heldAnswers: new HeldAnswers(1) });
    const asked = ask();
    const request = await taken({ wait: 60 });
    await reply(request);
    expect((await asked).status).toBe(200);
  });

  test('that goes away while it waits leaves the next request to others', async () => {
    const { ask, port, taken } = await start();
    const leaving = new AbortController();
    const waiting = fetch(`http://127.0.0.1:${port}/requests/reports/take`, {
      ...{ method: 'POST', body: '{"wait":60}', signal: leaving.signal },
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    });
    leaving.abort();
    await expect(waiting).rejects.toThrow();
    const other = taken({ wait: 60 });
    await ask({}, { prefer: 'wait=0' });
    expect(await other).toMatchObject({ method: 'list', attempt: 1 });
  });

  // Requests reach the hand-outs one by one, so that a lane may have none for a moment: the test once took that for a wrong turn.
  test('that takes both lanes gets them by turns', async () => {
    const { ask, askHeavy, taken, reply } = await start();
    const askFor = { heavy: askHeavy, normal: () => ask({}, { prefer: 'wait=0' }) };
    for (const askIn of Object.values(askFor)) for (let number = 0; number < 4; number += 1) await askIn();
    const lanes: string[] = [];
    await eventually(async () => {
      const request = await taken();
      lanes.push(request.lane);
      await askFor[request.lane]();
      await reply(request);
      expect(lanes.slice(-5).join()).toMatch(
        /^(?:heavy,normal,heavy,normal,heavy|normal,heavy,normal,heavy,normal)$/,
      );
    });
  });

  test('of the normal lane answers while a thousand heavy requests wait', async () => {
    const { log, ask, take, reply } = await start();
    const heavy = { service: 'reports', method: 'create', replyTo: 'gone', body: new Uint8Array() };
    const deadline = Date.now() + 600_000;
    await log.append(
      Array.from({ length: 1_000 }, (_, number) =>
        encodeRequest(requestTopics.heavy, { ...heavy, deadline, requestId: `heavy-${number}`, headers: {} }),
      ),
    );
    // A worker of the heavy lane has one in hand, and takes its time.
    expect(await take({ lane: 'heavy', wait: 60 })).toMatchObject({ lane: 'heavy' });
    const asked = ask({ page: 1 });
    const request = await take({ lane: 'normal', wait: 60 });
    expect(request).toMatchObject({ lane: 'normal' });
    if (request !== null) await reply(request);
    expect(await (await asked).json()).toBe('done');
    expect(await readAll(log, requestTopics.heavy)).toHaveLength(1_000);
    expect(await readAll(log, requestTopics.replies)).toHaveLength(1);
  });
});

describe('a lease', () => {
  test('that ends without a reply lets the request be handed out again, three times in all; then it is a dead letter', async () => {
    const { log, ask, taken, reply, send } = await start({ workers: { leaseMs: 100 } });
    const asked = ask();
    const first = await taken();
    const second = await taken({ wait: 60 });
    expect([first.attempt, second.attempt, second.requestId]).toEqual([1, 2, first.requestId]);
    expect(await problemOf(await reply(first))).toMatchObject({ status: 409, code: 'state_conflict' });
    expect(await taken({ wait: 60 })).toMatchObject({ attempt: 3 });
    expect(await (await asked).json()).toMatchObject({ status: 500, code: 'lease_ended' });
    const letters = await readAll(log, 'requests.normal.reports.requests.normal.dlq');
    expect(letters).toHaveLength(1);
    const listed = (await (await send('/dead-letters', {}, SUPPORT_TOKEN)).json()) as { items: object[] };
    expect(listed.items).toMatchObject([
      { group: 'reports.requests.normal', key: first.requestId, attempts: 3, error: { code: 'lease_ended' } },
    ]);
    expect(Object.keys(listed.items[0] ?? {})).not.toContain('importId');
  }, 60_000);

  test('lasts as long as it is renewed', async () => {
    const { ask, taken, reply, work } = await start({ workers: { leaseMs: 1_200 } });
    const asked = ask();
    const request = await taken();
    const { requestId, lease, leaseEndsAt } = request;
    // A lease that has ended cannot be renewed again. The pauses keep within the API key's requests a second, which the test once used up.
    await eventually(async () => {
      expect((await work(`/requests/${requestId}/renew`, { lease })).status).toBe(204);
      expect(Date.now()).toBeGreaterThan(Date.parse(leaseEndsAt));
    });
    expect((await reply(request)).status).toBe(204);
    expect((await asked).status).toBe(200);
    expect(await problemOf(await work(`/requests/${requestId}/renew`, { lease }))).toMatchObject({
      status: 409,
    });
  });

  test('takes one reply', async () => {
    const { log, ask, taken, reply } = await start();
    const asked = ask();
    const request = await taken();
    const answers = await Promise.all([reply(request), reply(request, { body: { json: 'other' } })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    await asked;
    expect(await readAll(log, requestTopics.replies)).toHaveLength(1);
  });

  test('is renewed and answered at any instance', async () => {
    const first = await start();
    const second = await start({ log: first.log });
    const asked = first.ask();
    const request = await first.taken();
    const { requestId, lease } = request;
    expect((await second.work(`/requests/${requestId}/renew`, { lease })).status).toBe(204);
    expect((await second.reply(request)).status).toBe(204);
    expect(await (await asked).json()).toBe('done');
    expect(await problemOf(await second.reply(request))).toMatchObject({
      status: 409,
      code: 'state_conflict',
    });
  });

  test('of an instance that has gone takes a reply all the same, and cannot be renewed', async () => {
    const first = await start({ workers: { idleMs: 10 } });
    const second = await start({ log: first.log, workers: { answerMs: 50 } });
    const asked = second.ask();
    const request = await first.taken();
    await first.stop();
    const renewed = await second.work(`/requests/${request.requestId}/renew`, { lease: request.lease });
    expect(await problemOf(renewed)).toMatchObject({ status: 503, retriable: true });
    expect((await second.reply(request)).status).toBe(204);
    expect(await (await asked).json()).toBe('done');
    // A second reply was once taken as well, and the caller's channel was told of another status.
    expect(await problemOf(await second.reply(request))).toMatchObject({ code: 'state_conflict' });
    expect(await readAll(first.log, requestTopics.replies)).toHaveLength(1);
  });
});

test('requests go on at another instance when no worker asks here any more', async () => {
  const first = await start({ workers: { idleMs: 10 } });
  const second = await start({ log: first.log });
  expect(await first.take({ wait: 1 })).toBeNull();
  const asked = first.ask();
  const request = await second.taken({ wait: 60 });
  await second.reply(request);
  expect((await asked).status).toBe(200);
});

describe('a worker is refused', () => {
  test('without the API key, as if the address did not exist', async () => {
    const { ask, taken, post } = await start();
    void ask();
    const { requestId, lease } = await taken();
    const body = { lease, status: 200, body: { json: 1 } };
    for (const path of ['reports/take', `${requestId}/renew`, `${requestId}/reply`])
      expect(await problemOf(await post(`/requests/${path}`, body))).toMatchObject({
        status: 404,
        code: 'not_found',
      });
  });

  test.each<[string, object, number, string, string?]>([
    ['an altered lease', { lease: 'a.b' }, 400, 'invalid_request', 'lease'],
    ['a status that is none', { status: 199 }, 400, 'invalid_request', 'status'],
    ['the status by which callers wait on', { status: 202 }, 400, 'invalid_request', 'status'],
    ['the status of what a caller holds already', { status: 304 }, 400, 'invalid_request', 'status'],
    ['what is no media type', { body: { base64: '', contentType: 'any' } }, 400, 'invalid_request'],
    ['a header of ours', { headers: { 'reply-to': 'x' } }, 400, 'invalid_request', 'headers'],
    [
      'headers that a client would choke on',
      { headers: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`x-${index}`, 'a'])) },
      400,
      'invalid_request',
      'headers',
    ],
    ['a header with a line break', { headers: { 'x-a': 'x\r\ny' } }, 400, 'invalid_request', 'headers.x-a'],
    ['half of a surrogate pair', { body: { text: 'a\ud800' } }, 400, 'invalid_request', 'body.text'],
    [
      'a field of a form that is no text',
      { body: { fields: { a: 1 }, file: { name: 'a', contentType: 'a/b', base64: '' } } },
      400,
      'invalid_request',
      'body',
    ],
    ['no body', { body: undefined }, 400, 'invalid_request', 'body'],
    ['a body that is no base64', { body: { base64: '?', contentType: 'a/b' } }, 400, 'invalid_request'],
    [
      'a body of more than 8 MiB',
      { body: { text: 'x'.repeat(8 * 1024 * 1024 + 1) } },
      413,
      'request_too_large',
    ],
  ])('with %s, and its lease goes on', async (_name, change, status, code, field) => {
    const { ask, taken, reply } = await start();
    const asked = ask();
    const request = await taken();
    expect(await problemOf(await reply(request, change))).toMatchObject({
      status,
      code,
      ...(field && { field }),
    });
    expect((await reply(request)).status).toBe(204);
    expect((await asked).status).toBe(200);
  });

  test('for a service that is not known, and with what `take` does not know', async () => {
    const { work } = await start();
    expect((await work('/requests/nothing/take', {})).status).toBe(404);
    for (const body of [{ lane: 'express' }, { wait: 61 }, { waits: 5 }])
      expect((await work('/requests/reports/take', body)).status).toBe(400);
  });
});
