import { connect } from 'node:net';
import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError } from '@tidings/event-log/event-log.ts';
import { decodeReply, decodeRequest, encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { problemOn, sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { API_KEY, SUPPORT_TOKEN } from '../../test/api-server.ts';
import { json, serveReports, startRequestServer, text } from '../../test/request-server.ts';
import { unaddressedReplyIsTold } from '../../test/unaddressed-reply.ts';
import { HeldAnswers } from '../held-answers.ts';

describe('a request to a service', () => {
  test('is answered by what its worker replies: status, headers and body', async () => {
    const { log, post } = await startRequestServer();
    await serveReports(log, ({ method, body, headers }) => ({
      status: 418,
      headers: {
        'content-type': 'text/plain',
        'x-rows': '3',
        'set-cookie': 'a=b',
        etag: 'bad\r\nname: value',
        'retry-after': '7',
        location: 'javascript:alert(1)',
        'x-accel-redirect': '/inner',
        'x-frame-options': 'ALLOWALL',
      },
      body: new TextEncoder().encode(
        `${method} ${text(body)} for ${headers.owner} in ${headers['accept-language']}`,
      ),
    }));
    const response = await post('/requests/reports/list', '{ "page": 2 }', { 'accept-language': 'de' });
    expect([response.status, await response.text()]).toEqual([418, 'list { "page": 2 } for mira in de']);
    const { headers } = response;
    expect([headers.get('content-type'), headers.get('x-rows')]).toEqual(['text/plain', '3']);
    expect([headers.get('set-cookie'), headers.get('etag')]).toEqual([null, null]);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'; sandbox");
    expect(headers.get('retry-after')).toBe('7');
    for (const name of ['location', 'x-accel-redirect', 'x-frame-options'])
      expect(headers.get(name)).toBeNull();
  });

  test('whose answer is not there in time is named, and the answer is found under its address later', async () => {
    const { log, post, send } = await startRequestServer();
    const response = await post('/requests/reports/create', { month: 'May' }, { prefer: 'wait=0' });
    const location = response.headers.get('location') ?? '';
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '2']);
    expect(await response.json()).toEqual({ requestId: location.replace('/requests/', '') });
    const waiting = await send(location);
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([202, '2']);
    await serveReports(log, () => json({ rows: 3 }, 201));
    await eventually(async () => {
      const found = await send(location);
      expect([found.status, await found.json()]).toEqual([201, { rows: 3 }]);
    });
  });

  test('is answered at an instance that did not wait for it, also after the one that did has gone', async () => {
    const first = await startRequestServer();
    const second = await startRequestServer({ log: first.log });
    const { headers } = await first.post('/requests/reports/list', {}, { prefer: 'wait=0' });
    await first.stop();
    await serveReports(first.log, () => json('there'));
    await eventually(async () => {
      const found = await second.send(headers.get('location') ?? '');
      expect([found.status, await found.json()]).toEqual([200, 'there']);
    });
  });

  test('tells who waits strictly that the time is over', async () => {
    const { post } = await startRequestServer();
    const response = await post('/requests/reports/list', {}, { prefer: 'handling=strict, wait=0' });
    expect(response.headers.get('location')).toMatch(/^\/requests\/./);
    expect(response.headers.get('preference-applied')).toContain('handling=strict');
    expect(await problemOf(response)).toMatchObject({ status: 408, code: 'wait_exceeded', retriable: true });
  });

  test('for which no worker has come before its deadline is told so', async () => {
    const { post, send } = await startRequestServer();
    const expired = { status: 504, code: 'deadline_exceeded', retriable: true };
    expect(await problemOf(await post('/requests/reports/hurry', {}))).toMatchObject(expired);
    const { headers } = await post('/requests/reports/hurry', {}, { prefer: 'wait=0' }, API_KEY);
    await eventually(
      async () =>
        expect(await problemOf(await send(headers.get('location') ?? '', {}, API_KEY))).toMatchObject(
          expired,
        ),
      { withinMs: 10_000 },
    );
  });

  // The answer to the first poll stood nowhere, so a later one found what a worker had replied since.
  test.each([
    ['without a channel', false],
    ['that names a channel', true],
  ])(
    '%s is past its deadline for every poll once it is for one, whatever a worker replies then',
    async (_name, isTold) => {
      const first = await startRequestServer();
      const { log, tokens, post } = first;
      const second = await startRequestServer({ log });
      const channel: Record<string, string> = isTold ? { 'notify-channel': tokens.newChannelId('mira') } : {};
      const { headers } = await post(
        '/requests/reports/hurry',
        {},
        { prefer: 'wait=0', ...channel },
        API_KEY,
      );
      await first.stop();
      const poll = () => second.send(headers.get('location') ?? '', {}, API_KEY);
      const expired = { status: 504, code: 'deadline_exceeded' };
      await eventually(async () => expect(await problemOf(await poll())).toMatchObject(expired), {
        withinMs: 10_000,
      });
      const [record] = await readAll(log, requestTopics.normal);
      const request = record && decodeRequest(record);
      if (!request) throw new Error('the request is not on the log');
      await log.append([encodeReply(requestTopics.replies, request, json('late'))]);
      expect(await problemOf(await poll())).toMatchObject(expired);
      const third = await startRequestServer({ log });
      const found = await third.send(headers.get('location') ?? '', {}, API_KEY);
      expect(await problemOf(found)).toMatchObject(expired);
      if (!isTold) return;
      await eventually(async () => {
        const told = (await readAll(log, topics.notifications)).map(({ value }) => decodeEvent(value));
        expect(told).toMatchObject([{ data: { status: 504 } }]);
      });
    },
  );

  test.each<[string, Record<string, string>, string | null, string | null]>([
    ['to another site', { location: 'https://example.org/a' }, 'https://example.org/a', null],
    ['below our own', { location: '../a?b=c:d' }, '../a?b=c:d', null],
    ['that a browser would run', { location: ' JavaScript:alert(1)' }, null, null],
    ['that is none', { location: 'https://[', 'content-type': 'text/plain; a=b' }, null, 'text/plain; a=b'],
    ['beside what is no media type', { location: '/a', 'content-type': 'anything' }, '/a', null],
  ])('may be answered by an address %s', async (_name, headers, location, contentType) => {
    const { log, post } = await startRequestServer();
    await serveReports(log, () => ({ status: 201, headers, body: new Uint8Array() }));
    const response = await post('/requests/reports/list', {});
    expect(response.headers.get('location')).toBe(location);
    expect(response.headers.get('content-type')).toBe(contentType);
  });

  // 202 made a caller wait on for what was there already, and 304 took its body away.
  test.each([202, 304])('that a worker on the log answers with %i is answered', async (status) => {
    const { log, post } = await startRequestServer();
    await serveReports(log, () => json('taken', status));
    const response = await post('/requests/reports/list', {});
    expect([response.status, await response.json()]).toEqual([200, 'taken']);
  });

  // A body behind 205 is none by RFC 9110, and a client may take it for the beginning of the next answer.
  test.each([204, 205])(
    'that is answered with %i gets no body, and the connection goes on',
    async (status) => {
      const { log, port, token, post } = await startRequestServer();
      await serveReports(log, () => json('canary', status));
      const head = [`POST /requests/reports/list HTTP/1.1`, 'Host: a', `Authorization: Bearer ${token}`];
      const raw = [
        ...head,
        'Content-Type: application/json',
        'Content-Length: 2',
        'Connection: close',
        '',
        '{}',
      ];
      const received = await sendRaw(port, raw.join('\r\n')).ended;
      expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(received.endsWith('\r\n\r\n')).toBe(true);
      expect(received).not.toContain('canary');
      const answer = await post('/requests/reports/list', {});
      expect([answer.status, await answer.text()]).toEqual([status, '']);
    },
  );

  test('that is held while the process begins to stop gets its address at once', async () => {
    const heldAnswers = new HeldAnswers();
    const { post, metric } = await startRequestServer({ heldAnswers });
    const asked = [1, 2, 3].map(() => post('/requests/reports/list', {}, { prefer: 'wait=60' }));
    await eventually(async () => expect(await metric('tidings_requests_open')).toBe(3));
    heldAnswers.drain();
    for (const response of await Promise.all([...asked, post('/requests/reports/list', {})])) {
      const { requestId } = (await response.json()) as { requestId: string };
      expect([response.status, response.headers.get('location')]).toEqual([202, `/requests/${requestId}`]);
    }
  });

  test('whose caller goes away leaves nothing behind, and its reply can still be found', async () => {
    const { log, port, token, metric } = await startRequestServer();
    const leaving = new AbortController();
    const asked = fetch(`http://127.0.0.1:${port}/requests/reports/list`, {
      ...{ method: 'POST', body: '{}', signal: leaving.signal },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    await eventually(async () => expect(await metric('tidings_requests_open')).toBe(1));
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await eventually(async () => expect(await metric('tidings_requests_open')).toBe(0));
    await serveReports(log, () => json('late'));
    await eventually(async () => expect(await readAll(log, requestTopics.replies)).toHaveLength(1));
  });
});

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

test('the answer to a request is its caller’s, and the API key’s', async () => {
  const { log, post, send, issueToken } = await startRequestServer();
  await serveReports(log, () => json('secret'));
  const { headers } = await post('/requests/reports/list', {}, { prefer: 'wait=0' });
  const location = headers.get('location') ?? '';
  await eventually(async () => expect((await send(location)).status).toBe(200));
  for (const token of [API_KEY, SUPPORT_TOKEN, await issueToken('mira')])
    expect((await send(location, {}, token)).status).toBe(200);
  const foreign = await problemOf(await send(location, {}, await issueToken('ada')));
  expect(foreign).toMatchObject({ status: 404, code: 'not_found' });
  expect(await problemOf(await send('/requests/nothing'))).toEqual(foreign);
});

// A client in Python takes no more than a hundred headers, and got no answer at all.
test('of the headers of a reply 50 are passed on, first those about its body', async () => {
  const { log, send } = await startRequestServer();
  const own = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'a']));
  await serveReports(log, () => ({
    status: 200,
    headers: { ...own, etag: '"1"', 'content-type': 'text/csv' },
    body: new Uint8Array(),
  }));
  const { headers } = await send('/requests/reports/list', {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  expect([headers.get('etag'), headers.get('content-type')]).toEqual(['"1"', 'text/csv']);
  expect([...headers.keys()].filter((name) => /^x-\d/.test(name))).toHaveLength(48);
});

describe('a file for a service', () => {
  const form = (parts: Record<string, string | File>) => {
    const all = new FormData();
    for (const [name, part] of Object.entries(parts)) all.append(name, part);
    return { method: 'POST', body: all };
  };
  const file = (bytes: Uint8Array<ArrayBuffer> | string = 'a,b\n') =>
    new File([bytes], 'ü.csv', { type: 'text/csv' });

  test('of 8 MiB reaches a worker on the log as it is, with its name and the fields of the form, and one comes back', async () => {
    const { log, send } = await startRequestServer();
    const bytes = new Uint8Array(8 * 1024 * 1024).map((_, index) => index % 251);
    const got: object[] = [];
    await serveReports(log, ({ headers, body }) => {
      got.push(headers);
      return {
        status: 200,
        headers: { 'content-type': 'application/x-test' },
        body: body.map((byte) => 255 - byte),
      };
    });
    const response = await send('/requests/reports/create', form({ month: 'May', file: file(bytes) }));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-test']);
    const back = Buffer.from(await response.arrayBuffer());
    expect(back.equals(Buffer.from(bytes.map((byte) => 255 - byte)))).toBe(true);
    expect(got).toMatchObject([
      { 'file-name': 'ü.csv', fields: '{"month":"May"}', 'content-type': 'text/csv', owner: 'mira' },
    ]);
  });

  test('reaches a worker by HTTP as base64, with its name and the fields of the form', async () => {
    const { send, post } = await startRequestServer();
    await send('/requests/reports/create', {
      ...form({ month: 'May', file: file() }),
      headers: { prefer: 'wait=0' },
    });
    const taken = await post('/requests/reports/take', {}, {}, API_KEY);
    const { body, headers } = (await taken.json()) as { body: unknown; headers: object };
    const base64 = Buffer.from('a,b\n').toString('base64');
    expect(body).toEqual({
      fields: { month: 'May' },
      file: { name: 'ü.csv', contentType: 'text/csv', base64 },
    });
    expect(Object.keys(headers)).not.toContain('fields');
  });

  test('is refused to a caller that has half of the places for forms, and not to another one', async () => {
    const { port, send } = await startRequestServer();
    const head =
      'POST /requests/reports/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n' +
      `Content-Type: multipart/form-data; boundary=b\r\nAuthorization: Bearer ${API_KEY}\r\n\r\n`;
    const begun = Array.from({ length: 16 }, () => connect(port, '127.0.0.1').setEncoding('utf8'));
    onTestFinished(() => {
      for (const socket of begun) socket.destroy();
    });
    for (const socket of begun) socket.write(head);
    const ask = (bearer?: string) =>
      send('/requests/reports/create', form({ month: 'May', data: file() }), bearer);
    // A form with another part is refused for that, once it has a place.
    await eventually(async () => expect((await ask(API_KEY)).status).toBe(429));
    expect((await ask()).status).toBe(400);
  });

  // It was told once all of it had come, or after half a minute that it should send it again.
  test('that is said to be much larger is refused before it comes', async () => {
    const { port, token } = await startRequestServer();
    const head = [
      'POST /requests/reports/small HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 300000',
    ];
    const connection = sendRaw(port, `${head.join('\r\n')}\r\n\r\n--b\r\n`);
    expect(await problemOn(connection)).toMatchObject({
      status: 413,
      code: 'request_too_large',
      field: 'file',
    });
  });

  test.each<[string, string, Record<string, string | File>, number, string, string?]>([
    [
      'that is larger than its method takes',
      'small',
      { file: file('x'.repeat(21)) },
      413,
      'request_too_large',
      'file',
    ],
    ['with fields that its schema does not take', 'create', { file: file() }, 422, 'schema_refused', 'month'],
    ['that is none', 'create', { month: 'May' }, 400, 'no_file', 'file'],
    ['under another name', 'create', { month: 'May', data: file() }, 400, 'no_file', 'file'],
    [
      'with a field of more than 8 KiB',
      'create',
      { month: 'x'.repeat(8193), file: file() },
      400,
      'invalid_request',
    ],
    // Each of them is small enough; together they were a header that no record holds, and an error of the server.
    [
      'with fields of more than 8 KiB together',
      'create',
      { month: 'x'.repeat(5000), note: 'x'.repeat(5000), file: file() },
      413,
      'request_too_large',
    ],
    ['for a method that takes none', 'list', { file: file() }, 400, 'invalid_request'],
  ])('%s is refused, and nothing is queued', async (_name, method, parts, status, code, field) => {
    const { log, send } = await startRequestServer();
    const problem = await problemOf(await send(`/requests/reports/${method}`, form(parts)));
    expect(problem).toMatchObject({ status, code, ...(field && { field }) });
    for (const topic of [requestTopics.normal, requestTopics.heavy])
      expect(await readAll(log, topic)).toEqual([]);
  });
});

describe('the outcome of a request', () => {
  const userJwtSecret = 'u'.repeat(32);
  const told = async (log: EventLog) =>
    (await readAll(log, topics.notifications)).map(({ key, value }) => ({ key, ...decodeEvent(value) }));

  test('is told to the channel that the caller names, whoever waited', async () => {
    const { log, post, tokens, issueToken } = await startRequestServer();
    const channelId = tokens.newChannelId('mira');
    const token = await issueToken('mira', channelId);
    await serveReports(log, () => json('x'.repeat(10_000), 201));
    const ask = { prefer: 'wait=0', 'notify-channel': channelId };
    const { headers } = await post('/requests/reports/list', {}, ask, token);
    const requestId = (headers.get('location') ?? '').replace('/requests/', '');
    await eventually(async () =>
      expect(await told(log)).toMatchObject([
        {
          key: channelId,
          type: 'request.answered',
          subject: requestId,
          final: true,
          data: { requestId, status: 201 },
        },
      ]),
    );
  });

  // Nothing was told to the channel, because only the correlation id named it.
  test('is told where the reply lacks the correlation id, and the watch is not read yet', async () => {
    const log = await openTestLog();
    const slow: EventLog = Object.assign(Object.create(log), {
      read: (options: Parameters<EventLog['read']>[0]) =>
        log.read({ ...options, ...(options.topic === topics.watchedRequests && { follow: false }) }),
    });
    await unaddressedReplyIsTold(slow);
  });

  test('is told once where the deadline passes without a reply', async () => {
    const { log, post, tokens } = await startRequestServer();
    const channelId = tokens.newChannelId('mira');
    const { headers } = await post(
      '/requests/reports/hurry',
      {},
      { 'notify-channel': channelId, prefer: 'wait=0' },
      API_KEY,
    );
    const requestId = (headers.get('location') ?? '').replace('/requests/', '');
    await eventually(async () =>
      expect(await told(log)).toMatchObject([{ data: { requestId, status: 504 } }]),
    );
    await serveReports(log, () => json('late'));
    await eventually(async () => expect(await readAll(log, requestTopics.replies)).toHaveLength(2));
    // Behind the late reply stands one that is told.
    await post('/requests/reports/list', {}, { 'notify-channel': channelId }, API_KEY);
    await eventually(async () =>
      expect(await told(log)).toMatchObject([{ data: { status: 504 } }, { data: { status: 200 } }]),
    );
  });

  test('is told once where the deadline passes and the instance that took the request has gone', async () => {
    const workers = { othersMs: 0 };
    const first = await startRequestServer({ workers });
    const { log } = first;
    const second = await startRequestServer({ log, workers });
    const channelId = first.tokens.newChannelId('mira');
    const ask = { 'notify-channel': channelId, prefer: 'wait=0' };
    const { headers } = await first.post('/requests/reports/brief', {}, ask, API_KEY);
    await first.stop();
    await eventually(async () => expect(await told(log)).toMatchObject([{ data: { status: 504 } }]));
    const found = await second.send(headers.get('location') ?? '', {}, API_KEY);
    expect(await problemOf(found)).toMatchObject({ status: 504, code: 'deadline_exceeded' });
    await eventually(async () =>
      expect((await readAll(log, topics.watchedRequests)).at(-1)).toMatchObject({ value: null }),
    );
  });

  test('is the first of several replies, for who waits, polls and listens', async () => {
    const { log, post, send, tokens } = await startRequestServer();
    const channelId = tokens.newChannelId('mira');
    const asked = post('/requests/reports/list', {}, { 'notify-channel': channelId }, API_KEY);
    const request = await eventually(async () => {
      const [record] = await readAll(log, requestTopics.normal);
      const decoded = record && decodeRequest(record);
      if (!decoded) throw new Error('no request yet');
      return decoded;
    });
    const replies = [201, 500, 202].map((status) =>
      encodeReply(requestTopics.replies, request, json({ status }, status)),
    );
    await log.append(replies);
    const response = await asked;
    expect([response.status, await response.json()]).toEqual([201, { status: 201 }]);
    await eventually(async () => expect(await told(log)).toHaveLength(1));
    const [{ subject = '' } = {}] = await told(log);
    const polled = await send(`/requests/${subject}`, {}, API_KEY);
    expect([polled.status, await polled.json()]).toEqual([201, { status: 201 }]);
    // What stands behind the other replies is told, so they have been passed over.
    await serveReports(log, () => json('next'));
    await post('/requests/reports/list', {}, { 'notify-channel': channelId }, API_KEY);
    await eventually(async () =>
      expect(await told(log)).toMatchObject([{ data: { status: 201 } }, { data: { status: 200 } }]),
    );
  });

  const askTold = ({ post, tokens }: Awaited<ReturnType<typeof startRequestServer>>, bearer?: string) =>
    post(
      '/requests/reports/list',
      {},
      { 'notify-channel': tokens.newChannelId('mira'), prefer: 'wait=0' },
      bearer,
    );

  test('is not waited for by the process once the caller has its answer, and too many watched ones are refused', async () => {
    const server = await startRequestServer({ workers: { maxWatched: 2 }, userJwtSecret });
    for (const owner of ['mira', null]) {
      const told = await askTold(server, owner === null ? API_KEY : signUserToken(owner, userJwtSecret));
      expect(told.status).toBe(202);
    }
    expect(await server.metric('tidings_requests_open')).toBe(0);
    const refused = await askTold(server, API_KEY);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await problemOf(refused)).toMatchObject({ code: 'unavailable', field: 'Notify-Channel' });
  });

  // One caller could take the places of all the others.
  test('is refused to a caller that has half of the watched ones, at whichever instance, and not to another one', async () => {
    const options = { workers: { maxWatched: 4 }, userJwtSecret };
    const first = await startRequestServer(options);
    const { log } = first;
    const second = await startRequestServer({ ...options, log });
    for (const _of of [1, 2]) expect((await askTold(first, API_KEY)).status).toBe(202);
    await eventually(async () => {
      const refused = await askTold(second, API_KEY);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
      expect(await problemOf(refused)).toMatchObject({ code: 'rate_limited', field: 'Notify-Channel' });
    });
    expect((await askTold(first, API_KEY)).status).toBe(429);
    expect((await askTold(second, signUserToken('mira', userJwtSecret))).status).toBe(202);
    await serveReports(log, () => json('done'));
    await eventually(async () => expect((await askTold(first, API_KEY)).status).toBe(202));
  });

  test('takes no place where its request did not get onto the log', async () => {
    const log = await openTestLog();
    const away: EventLog = Object.assign(Object.create(log), {
      append: async (records: Parameters<EventLog['append']>[0]) => {
        if (records.some(({ topic }) => topic === topics.watchedRequests) && failures-- > 0)
          throw new EventLogError('log_unavailable', 'away');
        return log.append(records);
      },
    });
    let failures = 1;
    const server = await startRequestServer({ log: away, workers: { maxWatched: 2 } });
    expect((await askTold(server, API_KEY)).status).toBe(503);
    expect((await askTold(server, API_KEY)).status).toBe(202);
    expect((await askTold(server, API_KEY)).status).toBe(429);
  });

  test('that a held caller is told at the deadline is the one that is found later', async () => {
    const { log, post } = await startRequestServer();
    expect((await post('/requests/reports/hurry', {}, {}, API_KEY)).status).toBe(504);
    const [record] = await readAll(log, requestTopics.normal);
    const request = record && decodeRequest(record);
    if (!request) throw new Error('the request is not on the log');
    await log.append([encodeReply(requestTopics.replies, request, json('late'))]);
    expect((await readAll(log, requestTopics.replies)).map(decodeReply)).toMatchObject([
      { status: 504 },
      { status: 200 },
    ]);
  });

  test('is told to no channel of others: a channel’s token names its own, the login those of its owner', async () => {
    const { log, post, tokens, issueToken } = await startRequestServer({ userJwtSecret });
    const mine = tokens.newChannelId('mira');
    const signedIn = signUserToken('mira', userJwtSecret);
    const ask = async (channelId: string, token: string) =>
      (await post('/requests/reports/list', {}, { 'notify-channel': channelId, prefer: 'wait=0' }, token))
        .status;
    expect(await ask(mine, await issueToken('mira', mine))).toBe(202);
    expect(await ask(mine, signedIn)).toBe(202);
    expect(await ask(mine, API_KEY)).toBe(202);
    expect(await ask(tokens.newChannelId('mira'), await issueToken('mira', mine))).toBe(404);
    expect(await ask(tokens.newChannelId('ada'), signedIn)).toBe(404);
    expect(await ask('x'.repeat(36), API_KEY)).toBe(404);
    expect(await readAll(log, requestTopics.normal)).toHaveLength(3);
  });
});
