import { decodeEvent } from '@tidings/contracts/schemas/event.ts';
import { requestTopics, topics } from '@tidings/contracts/topics.ts';
import { type EventLog, EventLogError } from '@tidings/event-log/event-log.ts';
import { decodeReply, decodeRequest, encodeReply } from '@tidings/event-log/request-reply/request-records.ts';
import { problemOf } from '@tidings/testing/connections/requests.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog, readAll } from '@tidings/testing/log.ts';
import { describe, expect, test } from 'vitest';
import { API_KEY } from '../../test/api-server.ts';
import { json, serveReports, startRequestServer } from '../../test/request-server.ts';
import { unaddressedReplyIsTold } from '../../test/unaddressed-reply.ts';

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
