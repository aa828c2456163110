import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { authSecret, publish, startHub, supportToken, WireClient } from '@tidings/testing/services/hub.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MemoryHistory } from './history/memory-history.ts';
import { sign, userJwtSecret } from './test/tokens.ts';

describe('connections', () => {
  const refusal = (client: WireClient) =>
    new Promise((resolve, reject) => {
      client.socket.once('connect_error', resolve);
      client.socket.once('connect', () => reject(new Error('connected')));
    });

  // Without this bound a client kept 2,000 sockets open without a channel, because sockets that answer pings stayed connected.
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
    // Without pauses the client would ask more often in a minute than one address may, and get `rate_limited`.
    const codes = new Set<string | null>();
    await eventually(async () => {
      codes.add(await client.code({}));
      expect(silent.disconnects).toHaveLength(1);
    });
    expect([...codes]).toEqual(['unavailable']);
    expect(silent.closings).toMatchObject([{ code: 'idle', retriable: true }]);
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
  // All messages of a socket's life were counted: one without an acknowledgement ended a connection that had been open for hours.
  test('of earlier minutes are no flood', async () => {
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
    onTestFinished(() => clock.mockRestore());
    const limits = { messagesPerSocketMinute: 2 };
    const { url, metric } = await startHub({ log: await openTestLog(), limits });
    const client = new WireClient(url);
    for (let number = 0; number < 25; number += 1) await client.ask({});
    aheadMs = 61_000;
    client.raw.emit('unacknowledged');
    await eventually(async () => expect(await metric('tidings_hub_messages_ignored_total')).toBe(1));
    expect(await client.open()).toMatchObject({ seq: 0 });
    expect(client.closings).toEqual([]);
  });

  test('over the limit of one socket a minute are refused; a flood ends the connection', async () => {
    const { url, metric } = await startHub({
      log: await openTestLog(),
      limits: { messagesPerSocketMinute: 5 },
    });
    const client = new WireClient(url);
    const codes: (string | null)[] = [];
    for (let number = 0; number < 7; number += 1) codes.push(await client.code({}));
    expect(codes).toEqual([null, null, null, null, null, 'rate_limited', 'rate_limited']);
    for (let number = 0; number < 60; number += 1) client.raw.emit('flood');
    await eventually(() => expect(client.disconnects).toHaveLength(1));
    expect(client.closings).toMatchObject([{ code: 'flood', retriable: true, retryAfterMs: 60_000 }]);
    expect(await metric('tidings_hub_floods_closed_total')).toBe(1);
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
