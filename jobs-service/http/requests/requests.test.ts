import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import { decodeRequest, encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { readAll } from '@tidings/testing/log.ts';
import { describe, expect, test } from 'vitest';
import { API_KEY, SUPPORT_TOKEN } from '../../test/api-server.ts';
import { json, serveReports, startRequestServer, text } from '../../test/request-server.ts';
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

  // Status 202 made a caller wait for a reply that was there already, and status 304 took the reply's body away.
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
