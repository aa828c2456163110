import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import {
  authSecret,
  publish,
  siteWith,
  startHub,
  startNetwork,
  supportToken,
  WireClient,
} from '@tidings/testing/hub.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHub } from '../app.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const userJwtSecret = 'the-secret-of-the-login-0123456789';

describe('token renewal', () => {
  test('past half of its life, a token is renewed over the open socket, once', async () => {
    let now = Date.now();
    const hub = await startHub({
      log: await openTestLog(),
      now: () => now,
      limits: { renewalIntervalMs: 5 },
    });
    const client = new WireClient(hub.url);
    const { channelId, token } = await client.open();
    await client.open({ channelId: 'support', token: supportToken });
    now += 3 * DAY;
    expect(await client.open({ channelId, token })).toMatchObject({ token });
    expect(client.tokens).toEqual([]);
    now += DAY;
    await eventually(() => expect(client.tokens).toHaveLength(1));
    const [renewed] = client.tokens;
    expect(renewed?.channelId).toBe(channelId);
    expect(await hub.tokens.verifyBearer(renewed?.token ?? '')).toMatchObject({
      channelId,
      owner: 'default',
    });
    now += DAY;
    await client.open();
    expect(client.tokens).toHaveLength(1);
  });

  test('opening with such a token answers with a new one', async () => {
    let now = Date.now();
    const hub = await startHub({ log: await openTestLog(), now: () => now });
    const { channelId, token } = await new WireClient(hub.url).open();
    now += 4 * DAY;
    const again = await new WireClient(hub.url).open({ channelId, token });
    expect(await hub.tokens.verifyBearer(again.token)).toMatchObject({ channelId, owner: 'default' });
    expect(again.channelId).toBe(channelId);
  });

  test('only until a day after the end of the login’s token; then the client is disconnected, and refused with the reason', async () => {
    let now = Date.now();
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret });
    const limits = { renewalIntervalMs: 5 };
    const hub = await startHub({ log: await openTestLog(), tokens, now: () => now, limits });
    const userToken = await new SignJWT({ sub: 'mira' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(userJwtSecret));
    const [signedIn, support] = [new WireClient(hub.url), new WireClient(hub.url)];
    const { channelId, token } = await signedIn.open({ userToken });
    await support.open({ channelId: 'support', token: supportToken });
    now += DAY;
    expect(await signedIn.open({ channelId, token })).toMatchObject({ token });
    expect(signedIn.disconnects).toEqual([]);
    now += 2 * HOUR;
    await eventually(() => expect(signedIn.disconnects).toHaveLength(1));
    expect(signedIn.tokens).toEqual([]);
    expect(support.disconnects).toEqual([]);
  });
});

describe('an owner whose tokens are taken back', () => {
  test('is disconnected, is refused with that reason at every opening, and may open new channels', async () => {
    const log = await openTestLog();
    const ownerTokens = await openOwnerTokens(log);
    onTestFinished(() => ownerTokens.close());
    const tokens = createTokenAuthority({ authSecret, supportToken, userJwtSecret }, ownerTokens);
    const { url } = await startHub({ log, tokens });
    const signIn = (sub: string) =>
      new SignJWT({ sub })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(userJwtSecret));
    const [mira, noor, idle] = [new WireClient(url), new WireClient(url), new WireClient(url)];
    const mine = await mira.open({ userToken: await signIn('mira') });
    await noor.open({ userToken: await signIn('noor') });
    await idle.open({ userToken: await signIn('noor') });
    const more = await idle.open({ userToken: await signIn('mira') });
    await ownerTokens.revoke('mira');
    await eventually(() => expect([mira.disconnects.length, idle.disconnects.length]).toEqual([1, 1]));
    expect(noor.disconnects).toEqual([]);
    for (const { channelId, token } of [mine, more])
      expect(await noor.code({ channelId, token })).toBe('token_invalid');
    const anew = await noor.open({ userToken: await signIn('mira') });
    expect(await noor.code({ channelId: anew.channelId, token: anew.token })).toBeNull();
  });

  // A token that was taken back during its verification gave a subscription for as long as the socket stayed.
  test('gets no subscription from an opening under way', async () => {
    const log = await openTestLog();
    const ownerTokens = await openOwnerTokens(log);
    onTestFinished(() => ownerTokens.close());
    const authority = createTokenAuthority({ authSecret, supportToken }, ownerTokens);
    const tokens = {
      ...authority,
      verifyBearer: async (token: string) => {
        const bearer = await authority.verifyBearer(token);
        const revoked = new Promise((resolve) => authority.onRevoked(resolve));
        await ownerTokens.revoke('default');
        await revoked;
        return bearer;
      },
    };
    const { url, metric } = await startHub({ log, tokens });
    const { channelId, token } = await new WireClient(url).open();
    const late = new WireClient(url);
    expect(await late.code({ channelId, token })).toBe('token_invalid');
    expect(await metric('tidings_hub_subscriptions')).toBe(0);
  });
});

describe('draining', () => {
  test('asks every client to come back, after what was written has gone out, and accepts no new ones', async () => {
    const log = await openTestLog();
    const hub = await startHub({ log, limits: { drainRetryMs: 777 } });
    const clients = Array.from({ length: 5 }, () => new WireClient(hub.url));
    const channels = await Promise.all(clients.map((client) => client.open()));
    await publish(log, ...channels.map(({ channelId }) => ({ channelId })));
    for (const client of clients) await eventually(() => expect(client.seqs()).toEqual([1]));
    await hub.hub.drain();
    for (const client of clients) {
      await eventually(() => expect(client.disconnects).toHaveLength(1));
      expect(client.drains).toEqual([{ retryAfterMs: 777 }]);
      // 'io server disconnect' would keep clients from coming back.
      expect(client.disconnects).toEqual(['transport close']);
    }
    const late = new WireClient(hub.url);
    const refused = new Promise((resolve) => late.socket.once('connect_error', resolve));
    await expect(refused).resolves.toBeInstanceOf(Error);
    expect((await fetch(`${hub.url}/channels`, { method: 'POST' })).status).toBe(503);
    await hub.stop();
    await hub.stop();
  });

  test('does not wait for a client that does not read', async () => {
    const log = await openTestLog();
    const limits = { drainTimeoutMs: 20, backlogPackets: 10_000, backlogBytes: 1e9 };
    const hub = await startHub({ log, limits });
    const client = new WireClient(hub.url);
    const { channelId } = await client.open();
    const engine = client.socket.io.engine;
    // The transport of socket.io-client in Node is a `ws` socket, which can stop reading.
    const { ws } = engine.transport as { ws?: { pause(): void } };
    ws?.pause();
    // More than the buffers of the network take.
    const data = 'x'.repeat(8_000);
    const batch = Array.from({ length: 100 }, () => ({ channelId, data }));
    for (let number = 0; number < 30; number += 1) await publish(log, ...batch);
    await eventually(async () =>
      expect(await hub.metric('tidings_hub_notifications_written_total')).toBe(3_000),
    );
    await hub.hub.drain();
    expect(await hub.metric('tidings_hub_sockets')).toBe(0);
  });

  // A suspended laptop answers no closing handshake; stopping used to wait for it for 30 seconds.
  test('leaves no connection open to a client that does not answer', async () => {
    const hub = await startHub({ log: await openTestLog(), limits: { drainTimeoutMs: 20 } });
    const network = await startNetwork(hub.port);
    await new WireClient(network.url).open();
    network.stall();
    expect(await hub.connections()).toBe(1);
    await hub.hub.drain();
    await eventually(async () => expect(await hub.connections()).toBe(0));
  });
});

test('a hub is ready from its start to its stop', async () => {
  const log = await openTestLog();
  const { tokens } = await startHub({ log });
  const hub = createHub({ log, tokens, logger: silentLogger, registry: new Registry(), site: siteWith([]) });
  expect(hub.isReady()).toBe(false);
  await hub.start();
  expect(hub.isReady()).toBe(true);
  await hub.stop();
  expect(hub.isReady()).toBe(false);
});

test('a hub does not start where its topics are missing', async () => {
  const log = await openEmbeddedLog({ directory: await temporaryFolder() });
  onTestFinished(() => log.close());
  await expect(startHub({ log })).rejects.toMatchObject({ code: 'topic_unknown' });
});
