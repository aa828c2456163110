import { request as httpRequest } from 'node:http';
import type { CreatedChannel } from '@tidings/contracts/http.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { authSecret, publish, siteWith, startHub, supportToken, WireClient } from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';

const userJwtSecret = 'the-secret-of-the-login-0123456789';

function sign(claims: Record<string, unknown>, secret: string, audience = 'tidings:channel', expires = '1h') {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'tidings-channel+jwt' })
    .setIssuedAt()
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}

describe('origins', () => {
  /** The status of the answer to an upgrade: 101 where it is accepted. */
  function upgrade(port: number, origin: string | undefined): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        port,
        host: '127.0.0.1',
        path: '/socket.io/?EIO=4&transport=websocket',
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
          ...(origin === undefined ? {} : { Origin: origin }),
        },
      });
      request.on('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
  }

  test.each<[string, number, (port: number) => string | undefined]>([
    ['none, of a client that is no browser', 101, () => undefined],
    ['the hub’s own', 101, (port) => `http://127.0.0.1:${port}`],
    ['a listed one', 101, () => 'https://app.example.org'],
    ['a foreign one', 403, () => 'https://evil.example'],
    ['null', 403, () => 'null'],
    ['an empty one', 403, () => ''],
    ['one that begins like the hub’s', 403, (port) => `http://127.0.0.1:${port}.evil.example`],
    ['one that begins like a listed one', 403, () => 'https://app.example.org.evil.example'],
    ['one that ends like a listed one', 403, () => 'https://evilapp.example.org'],
    ['another port of the hub’s host', 403, () => 'http://127.0.0.1:1'],
    ['a listed host by another scheme', 403, () => 'http://app.example.org'],
    ['one with the hub’s as a user name', 403, (port) => `http://127.0.0.1:${port}@evil.example`],
    ['one with a path', 403, (port) => `http://127.0.0.1:${port}/page`],
    ['another scheme', 403, (port) => `ftp://127.0.0.1:${port}`],
  ])('%s → %d', async (_name, status, origin) => {
    const hub = await startHub({ log: await openTestLog(), site: siteWith(['https://app.example.org']) });
    const answered = await upgrade(hub.port, origin(hub.port));
    expect(answered).toBe(status);
    expect(await hub.metric('tidings_hub_origins_refused_total')).toBe(status === 101 ? 0 : 1);
  });
});

describe('tokens', () => {
  const claims = { channelId: 'a'.repeat(22), owner: 'default' };
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...claims, aud: 'tidings:channel', exp: 9e9 }))}.`;

  test.each<[string, string, () => string | Promise<string>]>([
    ['nonsense', 'token_invalid', () => 'nonsense'],
    ['no signature', 'token_invalid', () => unsigned.replaceAll('=', '')],
    ['another secret', 'token_invalid', () => sign(claims, 'another-secret-0123456789-0123456789')],
    ['another audience', 'token_invalid', () => sign(claims, authSecret, 'elsewhere')],
    ['expired', 'token_expired', () => sign(claims, authSecret, undefined, '-1s')],
    ['another channel', 'not_found', () => sign({ ...claims, channelId: 'b'.repeat(22) }, authSecret)],
    ['the support token', 'not_found', () => supportToken],
  ])('%s → %s', async (_name, code, token) => {
    const { url } = await startHub({ log: await openTestLog() });
    expect(await new WireClient(url).code({ channelId: claims.channelId, token: await token() })).toBe(code);
  });

  test('a token of A on the channel of B is answered exactly as on a channel that does not exist, and gets nothing', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [a, b] = [new WireClient(url), new WireClient(url)];
    const [mine, theirs] = [await a.open(), await b.open()];
    const onTheirs = await a.ask({ channelId: theirs.channelId, token: mine.token });
    const onNothing = await a.ask({ channelId: 'z'.repeat(22), token: mine.token });
    expect(onTheirs).toEqual(onNothing);
    expect(onTheirs).toMatchObject({ error: { code: 'not_found', retriable: false } });
    await publish(log, { channelId: theirs.channelId });
    await publish(log, { channelId: mine.channelId });
    await eventually(() => expect(b.notifications).toHaveLength(1));
    await eventually(() => expect(a.notifications).toHaveLength(1));
    expect(a.notifications[0]?.channelId).toBe(mine.channelId);
  });

  test('the support channel opens for the support token alone', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const support = new WireClient(url);
    expect(await support.open({ channelId: SUPPORT_CHANNEL, token: supportToken })).toMatchObject({
      channelId: SUPPORT_CHANNEL,
      token: supportToken,
    });
    await publish(log, { channelId: SUPPORT_CHANNEL, subject: 'any job', lane: 'progress', version: 1 });
    await eventually(() => expect(support.notifications).toMatchObject([{ subject: 'any job' }]));
    const { token } = await support.open();
    expect(await support.code({ channelId: SUPPORT_CHANNEL, token })).toBe('not_found');
  });

  test('where a login is configured, a new channel needs its token, on the socket and over HTTP', async () => {
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    const { url } = await startHub({ log: await openTestLog(), tokens });
    const client = new WireClient(url);
    const userToken = await sign({ sub: 'mira' }, userJwtSecret);
    expect(await client.code({})).toBe('token_missing');
    expect(await client.code({ userToken: 'nonsense' })).toBe('token_invalid');
    expect(await client.code({ userToken: await sign({ sub: 'mira' }, authSecret) })).toBe('token_invalid');
    const { token } = await client.open({ userToken });
    expect(await tokens.verifyBearer(token)).toMatchObject({ owner: 'mira' });
    const post = (body: object) =>
      fetch(`${url}/channels`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({})).status).toBe(401);
    const created = await post({ userToken });
    expect(created.status).toBe(201);
    expect(await tokens.verifyBearer(((await created.json()) as CreatedChannel).token)).toMatchObject({
      owner: 'mira',
    });
  });

  // An outage of the login's keys was answered like a bad token, and signed every user out.
  test('while the login’s keys cannot be fetched, new channels are refused as retriable, and known ones open', async () => {
    const login = { userJwksUrl: 'http://127.0.0.1:1/keys', userJwtAudience: 'a', userJwtIssuer: 'i' };
    const tokens = createTokenAuthority({ authSecret, supportToken, ...login });
    const { url } = await startHub({ log: await openTestLog(), tokens });
    const { privateKey } = await generateKeyPair('ES256');
    const userToken = await new SignJWT({ sub: 'mira' })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    const client = new WireClient(url);
    expect(await client.ask({ userToken })).toMatchObject({
      error: { code: 'unavailable', retriable: true },
    });
    const response = await fetch(`${url}/channels`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ userToken }),
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
    const channelId = tokens.newChannelId();
    expect(
      await client.code({ channelId, token: await tokens.issueChannelToken({ channelId, owner: 'mira' }) }),
    ).toBeNull();
  });
});

describe('connections', () => {
  const refusal = (client: WireClient) =>
    new Promise((resolve, reject) => {
      client.socket.once('connect_error', resolve);
      client.socket.once('connect', () => reject(new Error('connected')));
    });

  // 2,000 sockets without a channel stayed connected for as long as they answered pings.
  test('without a channel are closed; those with a channel stay', async () => {
    const log = await openTestLog();
    const { url, metric } = await startHub({ log, limits: { withoutChannelMs: 1_000 } });
    const asking = new WireClient(url);
    const { channelId } = await asking.open();
    const [silent, refused] = [new WireClient(url), new WireClient(url)];
    expect(await refused.code({ channelId, token: 'nonsense' })).toBe('token_invalid');
    for (const client of [silent, refused])
      await eventually(() => expect(client.disconnects).toHaveLength(1));
    await publish(log, { channelId });
    await eventually(() => expect(asking.notifications).toHaveLength(1));
    expect(asking.disconnects).toEqual([]);
    expect(await metric('tidings_hub_idle_sockets_closed_total')).toBe(2);
    await eventually(async () => expect(await metric('tidings_hub_sockets')).toBe(1));
  });

  test('stay while they ask and the hub cannot open channels', async () => {
    const history = new MemoryHistory();
    let isAway = true;
    const opening = history.open.bind(history);
    history.open = async (...call) => {
      if (isAway) throw Object.assign(new Error('away'), { retriable: true });
      return opening(...call);
    };
    const limits = { withoutChannelMs: 500, messagesPerSocketMinute: 100_000 };
    const { url } = await startHub({ log: await openTestLog(), history, limits });
    const client = new WireClient(url);
    expect(await client.code({})).toBe('unavailable');
    const silent = new WireClient(url);
    while (silent.disconnects.length === 0) expect(await client.code({})).toBe('unavailable');
    isAway = false;
    expect(await client.code({})).toBeNull();
    expect(client.disconnects).toEqual([]);
  });

  test('of one address are limited, an IPv6 address with its whole /64; a closed one makes room', async () => {
    const limits = { socketsPerAddress: 2 };
    const { url, metric } = await startHub({ log: await openTestLog(), trustedProxies: 1, limits });
    const from = (address: string) => new WireClient(url, { extraHeaders: { 'X-Forwarded-For': address } });
    const [first, second] = [from('2001:db8::1'), from('2001:db8::2')];
    await first.open();
    await second.open();
    await refusal(from('2001:db8::3'));
    await from('2001:db8:0:1::1').open();
    expect(await metric('tidings_hub_connections_refused_total')).toBe(1);
    first.socket.disconnect();
    await eventually(async () => expect(await metric('tidings_hub_sockets')).toBe(2));
    await eventually(async () => {
      const again = from('2001:db8::3');
      await again.open();
    });
  });

  test('of one address a minute are limited', async () => {
    const limits = { connectionsPerAddressMinute: 2 };
    const { url } = await startHub({ log: await openTestLog(), limits });
    for (let number = 0; number < 2; number += 1) {
      const client = new WireClient(url);
      await client.open();
      client.socket.disconnect();
    }
    await refusal(new WireClient(url));
  });

  // 900 sockets on one channel were possible.
  test('to one channel are limited, with a code of its own; support’s channel is not', async () => {
    const { url, metric } = await startHub({ log: await openTestLog(), limits: { socketsPerChannel: 2 } });
    const clients = Array.from({ length: 3 }, () => new WireClient(url));
    const [first, second, third] = clients;
    const { channelId, token } = (await first?.open()) ?? expect.fail();
    expect(await second?.code({ channelId, token })).toBeNull();
    expect(await third?.ask({ channelId, token })).toMatchObject({
      error: { code: 'channel_full', retriable: true },
    });
    for (const client of clients)
      expect(await client.code({ channelId: SUPPORT_CHANNEL, token: supportToken })).toBeNull();
    // A socket that listens already may open the channel again.
    expect(await first?.code({ channelId, token })).toBeNull();
    second?.socket.disconnect();
    await eventually(async () => expect(await metric('tidings_hub_sockets')).toBe(2));
    expect(await third?.code({ channelId, token })).toBeNull();
  });
});

describe('messages', () => {
  const junk: [string, ...unknown[]][] = [
    ['channel:open'],
    ['channel:open', null],
    ['channel:open', 'text'],
    ['channel:open', { channelId: 5 }],
    ['channel:open', { channelId: 'x' }],
    ['channel:open', { channelId: 'x', token: { length: 5 } }],
    ['channel:open', { channelId: 'x'.repeat(65), token: 'y' }],
    ['channel:open', { channelId: 'x', token: 'y', seq: -1 }],
    ['channel:open', { channelId: 'x', token: 'y', seq: 1.5, epoch: 'e' }],
    ['channel:open', { channelId: 'x', token: 'y', seq: 1 }],
    ['channel:open', { channelId: 'x', token: 'y', epoch: 'e' }],
    ['notification', { channelId: 'x', lane: 'durable', type: 'forged' }],
    ['error', 'boom'],
    ['__proto__', {}],
    ['constructor', {}],
  ];

  test('that are no requests are refused where the client wants an answer, else ignored; the connection stays', async () => {
    const { url, metric } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    await client.open();
    for (const message of junk) {
      expect(await client.raw.emitWithAck(...message), JSON.stringify(message)).toMatchObject({
        error: { code: 'invalid_request', retriable: false },
      });
      client.raw.emit(...message);
    }
    expect(await client.open()).toMatchObject({ seq: 0 });
    expect(client.disconnects).toEqual([]);
    expect(await metric('tidings_hub_messages_ignored_total')).toBeGreaterThanOrEqual(junk.length);
  });

  test('of clients publish nothing', async () => {
    const log = await openTestLog();
    const { url } = await startHub({ log });
    const [victim, attacker] = [new WireClient(url), new WireClient(url)];
    const { channelId } = await victim.open();
    const forged = { channelId, lane: 'durable', type: 'forged', subject: 's', data: {} };
    for (const name of ['notification', 'channel:token', 'server:draining', channelId]) {
      await attacker.raw.emitWithAck(name, forged);
    }
    await publish(log, { channelId, type: 'genuine' });
    await eventually(() => expect(victim.notifications).toMatchObject([{ type: 'genuine' }]));
    expect(await log.endOffsets('notifications')).toContain(1);
    expect(victim.tokens).toEqual([]);
    expect(victim.drains).toEqual([]);
  });

  test('over 16 KiB end the connection', async () => {
    const { url } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    await client.open();
    client.raw.emit('channel:open', 'x'.repeat(17_000));
    await eventually(() => expect(client.disconnects).toHaveLength(1));
  });

  test('over the limit of one socket a minute are refused; a flood ends the connection', async () => {
    const { url } = await startHub({ log: await openTestLog(), limits: { messagesPerSocketMinute: 5 } });
    const client = new WireClient(url);
    const codes: (string | null)[] = [];
    for (let number = 0; number < 7; number += 1) codes.push(await client.code({}));
    expect(codes).toEqual([null, null, null, null, null, 'rate_limited', 'rate_limited']);
    for (let number = 0; number < 60; number += 1) client.raw.emit('flood');
    await eventually(() => expect(client.disconnects).toHaveLength(1));
    expect(await new WireClient(url).code({})).toBeNull();
  });

  test('that open more channels than one address may in a minute are refused, on the socket and over HTTP', async () => {
    const { url } = await startHub({ log: await openTestLog(), limits: { opensPerAddressMinute: 2 } });
    await new WireClient(url).open();
    await new WireClient(url).open();
    expect(await new WireClient(url).ask({})).toMatchObject({
      error: { code: 'rate_limited', retriable: true },
    });
    const response = await fetch(`${url}/channels`, { method: 'POST' });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0);
  });

  test('of forgers do not count against other clients of their address', async () => {
    const { url } = await startHub({
      log: await openTestLog(),
      rates: new RequestRates({ failuresPerMinute: 3, longestDelayMs: 0 }),
    });
    const [mine, forger] = [new WireClient(url), new WireClient(url)];
    const { channelId, token } = await mine.open();
    const codes: (string | null)[] = [];
    for (let number = 0; number < 5; number += 1)
      codes.push(await forger.code({ channelId, token: `x${number}` }));
    expect(codes).toEqual([
      'token_invalid',
      'token_invalid',
      'token_invalid',
      'rate_limited',
      'rate_limited',
    ]);
    expect(await new WireClient(url).code({ channelId, token })).toBeNull();
    expect(await new WireClient(url).code({})).toBeNull();
  });

  test('of one signed-in owner make a limited number of channels a minute, from whatever address; other owners are not affected', async () => {
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    const limits = { newChannelsPerOwnerMinute: 2 };
    const { url } = await startHub({ log: await openTestLog(), tokens, limits, trustedProxies: 1 });
    const open = async (sub: string, address: string) =>
      new WireClient(url, { extraHeaders: { 'X-Forwarded-For': address } }).code({
        userToken: await sign({ sub }, userJwtSecret),
      });
    expect([
      await open('mira', '192.0.2.1'),
      await open('mira', '192.0.2.2'),
      await open('mira', '192.0.2.3'),
      await open('noor', '192.0.2.3'),
    ]).toEqual([null, null, 'rate_limited', null]);
  });

  test('that open one channel too often are refused; other channels are not affected', async () => {
    const { url } = await startHub({ log: await openTestLog(), limits: { opensPerChannelMinute: 2 } });
    const client = new WireClient(url);
    const [one, other] = [await client.open(), await client.open()];
    const again = ({ channelId, token }: { channelId: string; token: string }) =>
      client.code({ channelId, token });
    expect([await again(one), await again(one), await again(one), await again(other)]).toEqual([
      null,
      null,
      'rate_limited',
      null,
    ]);
  });

  test('a socket may open 16 channels, and each of them again', async () => {
    const { url, metric } = await startHub({ log: await openTestLog() });
    const client = new WireClient(url);
    const opened = await Promise.all(Array.from({ length: 16 }, () => client.open()));
    expect(await client.code({})).toBe('invalid_request');
    for (const { channelId, token } of opened) expect(await client.code({ channelId, token })).toBeNull();
    expect(await metric('tidings_hub_subscriptions')).toBe(16);
    client.socket.disconnect();
    await eventually(async () => expect(await metric('tidings_hub_subscriptions')).toBe(0));
    expect(await metric('tidings_hub_sockets')).toBe(0);
  });
});
