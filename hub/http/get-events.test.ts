import { spawn } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import type { CreatedChannel, CreatedTicket } from '@tidings/contracts/channels/channels.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { sendRaw } from '@tidings/testing/connections/raw-connection.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger } from '@tidings/testing/logger.ts';
import { durableNotification } from '@tidings/testing/notification.ts';
import { authSecret, publish, startHub, supportToken } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';
import { breakHistory } from '../test/broken-history.ts';
import { follow } from '../test/event-streams.ts';

async function createChannel(url: string): Promise<CreatedChannel> {
  return (await (await fetch(`${url}/channels`, { method: 'POST' })).json()) as CreatedChannel;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe('an event stream', () => {
  test('begins with a snapshot, goes on with both lanes, and continues from Last-Event-ID, in header or address', async () => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log });
    const { channelId, token, epoch } = await createChannel(url);
    const address = `${url}/channels/${channelId}/events`;
    const first = await follow(address, bearer(token));
    expect(first.response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8');
    await publish(log, { channelId, data: 1 }, { channelId, lane: 'progress', version: 1, data: 'p' });
    await publish(log, { channelId, data: 2 });
    await eventually(() => expect([...first.numbers()].sort()).toEqual([1, 2, 'p']));
    expect(first.events[0]).toMatchObject({
      id: `${epoch}:0`,
      event: 'snapshot',
      data: { channelId, epoch, seq: 0, recovered: false, snapshot: { progress: [], durable: [] } },
    });
    expect(first.events[0]?.data).not.toHaveProperty('token');
    const ids = first.events.flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(ids).toEqual([`${epoch}:0`, `${epoch}:1`, `${epoch}:2`]);
    first.close();
    await eventually(async () => expect(await metric('tidings_hub_event_streams')).toBe(0));
    await publish(log, { channelId, data: 3 });
    for (const again of [
      await follow(address, { ...bearer(token), 'Last-Event-ID': `${epoch}:1` }),
      await follow(`${address}?lastEventId=${epoch}:1`, bearer(token)),
    ]) {
      await eventually(() => expect(again.numbers()).toEqual([2, 3]));
      expect(again.events[0]).toMatchObject({ id: undefined, event: 'snapshot', data: { recovered: true } });
    }
    const lost = await follow(address, { ...bearer(token), 'Last-Event-ID': 'other:1' });
    await eventually(() => expect(lost.data('snapshot')).toMatchObject([{ recovered: false, seq: 3 }]));
  });

  test('comes as it happens to `curl -N`', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const { channelId, token } = await createChannel(url);
    const curl = spawn('curl', [
      '-sN',
      '-H',
      `Authorization: Bearer ${token}`,
      `${url}/channels/${channelId}/events`,
    ]);
    onTestFinished(() => void curl.kill());
    let text = '';
    curl.stdout.on('data', (part) => {
      text += part;
    });
    await eventually(() => expect(text).toContain('event: snapshot\n'));
    await publish(log, { channelId, data: 'to the shell' });
    await eventually(() => expect(text).toContain('to the shell'));
  });

  test('wants a token of the channel, a whole position, and room', async () => {
    const { url, metric } = await startHub({ log: await openTestLog(), limits: { socketsPerChannel: 1 } });
    const [mine, theirs] = [await createChannel(url), await createChannel(url)];
    const address = `${url}/channels/${mine.channelId}/events`;
    const status = async (headers: Record<string, string>) => (await fetch(address, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status(bearer('nonsense'))).toBe(401);
    expect(await status(bearer(theirs.token))).toBe(404);
    expect(await status({ ...bearer(mine.token), 'Last-Event-ID': 'nonsense' })).toBe(400);
    await follow(address, bearer(mine.token));
    const full = await fetch(address, { headers: bearer(mine.token) });
    expect([full.status, full.headers.get('Retry-After')]).toEqual([429, '5']);
    expect(await metric('tidings_hub_event_streams')).toBe(1);
  });

  // Where Redis keeps the history, an epoch has a full stop in it: every position was refused there.
  test('takes the position of any history', async () => {
    const { url } = await startHub({ log: await openTestLog() });
    const { channelId, token } = await createChannel(url);
    const stream = await follow(`${url}/channels/${channelId}/events`, {
      ...bearer(token),
      'Last-Event-ID': 'Kx7_-a.b-9:4',
    });
    await eventually(() => expect(stream.data('snapshot')).toMatchObject([{ recovered: false }]));
  });

  test('tells its end: taken back tokens, and a hub that drains', async () => {
    const log = await openTestLog();
    const ownerTokens = await openOwnerTokens(log);
    onTestFinished(() => ownerTokens.close());
    const tokens = createTokenAuthority({ authSecret, supportToken }, ownerTokens);
    const { url, hub } = await startHub({ log, tokens, limits: { drainRetryMs: 777 } });
    const { channelId, token } = await createChannel(url);
    const mine = await follow(`${url}/channels/${channelId}/events`, bearer(token));
    const support = await follow(`${url}/channels/support/events`, bearer(supportToken));
    await eventually(() => expect([mine.events.length, support.events.length]).toEqual([1, 1]));
    await ownerTokens.revoke('default');
    await eventually(() =>
      expect(mine.data('closed')).toMatchObject([{ code: 'revoked', retriable: false }]),
    );
    await eventually(() => expect(mine.state.isEnded).toBe(true));
    await hub.drain();
    await eventually(() => expect(support.state.isEnded).toBe(true));
    expect(support.data('draining')).toEqual([{ retryAfterMs: 777 }]);
    expect(support.data('closed')).toMatchObject([{ code: 'draining', retryAfterMs: 777 }]);
    expect((await fetch(`${url}/channels/support/events`, { headers: bearer(supportToken) })).status).toBe(
      503,
    );
  });

  // Streams once heard nothing of outages: only sockets were told.
  test('tells what does not work, to those who come as well, and when it works again', async () => {
    const log = await openTestLog();
    const { history, mend } = breakHistory();
    const { url } = await startHub({ log, history, limits: { lateMs: 500, lateCheckMs: 50 } });
    const { channelId, token } = await createChannel(url);
    const address = `${url}/channels/${channelId}/events`;
    const stream = await follow(address, bearer(token));
    await publish(log, { channelId });
    const late = expect.objectContaining({ reason: 'notifications_late' });
    await eventually(() => expect(stream.data('degraded')).toEqual([late]));
    const newcomer = await follow(address, bearer(token));
    await eventually(() => expect(newcomer.data('degraded')).toEqual([late]));
    expect(newcomer.events.map(({ event }) => event)).toEqual(['snapshot', 'degraded']);
    mend();
    for (const { data } of [stream, newcomer])
      await eventually(() => expect(data('recovered')).toEqual([{}]));
  });

  test('renews a token that is past half of its life', async () => {
    let now = Date.now();
    const { url, tokens } = await startHub({
      log: await openTestLog(),
      now: () => now,
      limits: { renewalIntervalMs: 5 },
    });
    const { channelId, token } = await createChannel(url);
    const stream = await follow(`${url}/channels/${channelId}/events`, bearer(token));
    now += 4 * 24 * 60 * 60 * 1000;
    await eventually(() => expect(stream.data('channel:token')).toHaveLength(1));
    const [renewed] = stream.data('channel:token') as { token: string }[];
    expect(await tokens.verifyBearer(renewed?.token ?? '')).toMatchObject({ kind: 'channel', channelId });
  });

  test('of a client that reads nothing costs at most one megabyte of durable notifications, and is ended as slow', async () => {
    const log = await openTestLog();
    const { logger, lines } = recordingLogger();
    const limits = { slowReaderMs: 100, closingMs: 20 };
    const { url, metric } = await startHub({ log, limits, logger });
    const { channelId, token } = await createChannel(url);
    const request = httpRequest(`${url}/channels/${channelId}/events`, { headers: bearer(token) });
    onTestFinished(() => void request.destroy());
    const ended = new Promise((resolve) => request.once('close', resolve));
    request.once('error', () => undefined);
    request.end();
    request.once('response', (response) => response.once('error', () => undefined).pause());
    await eventually(async () => expect(await metric('tidings_hub_event_streams')).toBe(1));
    const batch = Array.from({ length: 100 }, () => ({ channelId, data: 'x'.repeat(8_000) }));
    while ((await metric('tidings_hub_slow_readers_closed_total')) === 0) await publish(log, ...batch);
    await eventually(async () => expect(await metric('tidings_hub_event_streams')).toBe(0));
    const closings = lines.filter((line) => line.includes('slow reader')).map((line) => JSON.parse(line));
    expect(closings).toMatchObject([{ code: 'slow' }]);
    // The last one that still finds room may exceed the bound.
    expect(closings[0].bytes).toBeLessThan(1024 * 1024 + 10_000);
    request.destroy();
    await ended;
  }, 60_000);
});

describe('a ticket', () => {
  const ask = async (url: string, channelId: string, token: string) => {
    const init = { method: 'POST', headers: bearer(token) };
    const response = await fetch(`${url}/channels/${channelId}/tickets`, init);
    return { status: response.status, ...((await response.json()) as CreatedTicket) };
  };

  test('stands for a token in the address, once', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const { channelId, token } = await createChannel(url);
    const made = await ask(url, channelId, token);
    expect(made.status).toBe(201);
    expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    const address = `${url}/channels/${channelId}/events?ticket=${made.ticket}`;
    // Who polls with it was told that a token was missing.
    const polled = await fetch(address, { headers: { accept: 'application/json' } });
    expect([polled.status, await polled.json()]).toMatchObject([
      400,
      { code: 'invalid_request', field: 'ticket' },
    ]);
    const stream = await follow(address, {});
    await publish(log, { channelId, data: 1 });
    await eventually(() => expect(stream.numbers()).toEqual([1]));
    const again = await fetch(address);
    expect([again.status, await again.json()]).toMatchObject([401, { code: 'token_invalid' }]);
    const support = await ask(url, 'support', supportToken);
    expect(
      (await follow(`${url}/channels/support/events?ticket=${support.ticket}`, {})).response.status,
    ).toBe(200);
  });

  // A HEAD, as of a program that looks whether an address is there, used the ticket up, and went on until somebody left.
  test('is not used up by HEAD, which opens no stream', async () => {
    const { url, metric } = await startHub({ log: await openTestLog() });
    const { channelId, token } = await createChannel(url);
    const { ticket } = await ask(url, channelId, token);
    const address = `${url}/channels/${channelId}/events`;
    for (const [given, headers] of [
      [`${address}?ticket=${ticket}`, {}],
      [address, bearer(token)],
    ] as const) {
      const head = await fetch(given, { method: 'HEAD', headers });
      expect([head.status, head.headers.get('Content-Type')]).toEqual([
        200,
        'text/event-stream; charset=utf-8',
      ]);
    }
    expect(await metric('tidings_hub_event_streams')).toBe(0);
    expect((await fetch(`${address}?ticket=${token}`, { method: 'HEAD' })).status).toBe(401);
    expect((await follow(`${address}?ticket=${ticket}`, {})).response.status).toBe(200);
  });

  test('is given for the token’s own channel, opens no other, and is no token; a token is no ticket', async () => {
    const { url, tokens } = await startHub({ log: await openTestLog() });
    const [mine, theirs] = [await createChannel(url), await createChannel(url)];
    expect((await ask(url, mine.channelId, theirs.token)).status).toBe(404);
    const { ticket } = await ask(url, mine.channelId, mine.token);
    const status = async (path: string) => (await fetch(`${url}${path}`)).status;
    expect(await status(`/channels/${theirs.channelId}/events?ticket=${ticket}`)).toBe(404);
    expect(await status(`/channels/${mine.channelId}/events?ticket=${mine.token}`)).toBe(401);
    await expect(tokens.verifyBearer(ticket)).rejects.toMatchObject({ code: 'token_invalid' });
    // A ticket that was tried at another channel was used up, and could not open its own stream any more.
    const own = `${url}/channels/${mine.channelId}/events?ticket=${ticket}`;
    expect((await follow(own, {})).response.status).toBe(200);
  });
});

describe('polling', () => {
  // A quiet channel answered 304 for ever, and the renewed token never came: after a week who polled it was refused.
  test('gives the renewed token also where nothing else is new', async () => {
    let now = Date.now();
    const { url } = await startHub({ log: await openTestLog(), now: () => now });
    const { channelId, token } = await createChannel(url);
    const poll = (bearerOfPoll: string, etag: string) =>
      fetch(`${url}/channels/${channelId}/events`, {
        headers: {
          ...bearer(bearerOfPoll),
          Accept: 'application/json',
          'Cache-Control': 'max-age=0',
          'If-None-Match': etag,
        },
      });
    const first = await poll(token, '');
    const etag = String(first.headers.get('ETag'));
    expect((await poll(token, etag)).status).toBe(304);
    now += 4 * 24 * 60 * 60 * 1000;
    // Tokens of the same second are equal.
    const later = await eventually(async () => {
      const answer = await poll(token, etag);
      expect(answer.status).toBe(200);
      return answer;
    });
    const tokenOf = async (answer: Response) => ((await answer.json()) as { token: string }).token;
    const renewed = await tokenOf(later);
    // Each request signed another token. A client that kept the former one got the whole history with each poll, for half a week.
    const renewedTag = String(later.headers.get('ETag'));
    const unchanged = async () => (await poll(token, renewedTag)).status;
    await eventually(async () => expect(await tokenOf(await poll(token, ''))).not.toBe(renewed));
    expect(await unchanged()).toBe(304);
    // The answer that held the new token may have been lost.
    now += 60 * 60 * 1000;
    expect(await unchanged()).toBe(200);
    // The new one is signed by the real clock.
    now = Date.now();
    const settled = String((await poll(renewed, renewedTag)).headers.get('ETag'));
    expect((await poll(renewed, settled)).status).toBe(304);
  });

  test('answers what the channel holds after a position, and 304 where nothing is new', async () => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log });
    const { channelId, token, epoch } = await createChannel(url);
    const poll = (headers: Record<string, string> = {}) =>
      fetch(`${url}/channels/${channelId}/events`, {
        // fetch itself would ask for a fresh answer, and Express sends no 304 then.
        headers: { ...bearer(token), Accept: 'application/json', 'Cache-Control': 'max-age=0', ...headers },
      });
    await publish(log, { channelId, data: 1 }, { channelId, data: 2 });
    const body = async () => (await (await poll()).json()) as { seq: number };
    await eventually(async () => expect(await body()).toMatchObject({ seq: 2 }));
    const first = await poll({ 'Last-Event-ID': `${epoch}:1` });
    expect(first.headers.get('Retry-After')).toBe('2');
    const etag = String(first.headers.get('ETag'));
    expect(await first.json()).toMatchObject({
      channelId,
      token,
      epoch,
      seq: 2,
      recovered: true,
      snapshot: { progress: [], durable: [{ seq: 2, data: 2 }] },
    });
    const same = await poll({ 'Last-Event-ID': `${epoch}:1`, 'If-None-Match': etag });
    expect([same.status, await same.text(), same.headers.get('Retry-After')]).toEqual([304, '', '2']);
    await publish(log, { channelId, lane: 'progress', version: 1, data: 'p' });
    await eventually(async () => {
      const next = await poll({ 'Last-Event-ID': `${epoch}:2`, 'If-None-Match': etag });
      expect(await next.json()).toMatchObject({ snapshot: { progress: [{ data: 'p' }], durable: [] } });
    });
    expect(await metric('tidings_hub_event_streams')).toBe(0);
  });

  // 200 polls of a channel with two megabytes kept the process from everybody else for 26 s, and what their clients did not read stayed.
  test('of one channel is answered ten times at once, with four large answers on their way', async () => {
    const history = new MemoryHistory();
    const opening = history.open.bind(history);
    let reading = 0;
    let release: () => void = () => undefined;
    const { url, port } = await startHub({ log: await openTestLog(), history });
    const { channelId, token } = await createChannel(url);
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    // More than the network's buffers take from a client that reads nothing.
    const large = durableNotification(1, { data: 'x'.repeat(16_000_000) });
    history.open = async (...call) => {
      reading += 1;
      await released;
      return { ...(await opening(...call)), durable: [large] };
    };
    const path = `/channels/${channelId}/events`;
    const headers = { ...bearer(token), Accept: 'application/json' };
    const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const polls = Array.from({ length: 11 }, () =>
      sendRaw(port, `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`),
    );
    await eventually(() => expect(polls.flatMap(({ statuses }) => statuses())).toEqual([429]));
    expect(reading).toBe(10);
    for (const { socket } of polls) socket.pause();
    release();
    const poll = () => fetch(`${url}${path}`, { headers });
    await eventually(async () => {
      const refused = await poll();
      expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '5']);
      expect(await refused.json()).toMatchObject({ code: 'rate_limited', retriable: true });
    });
    for (const { socket } of polls) socket.destroy();
    await eventually(async () => expect((await poll()).status).toBe(200));
  });
});
