import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { recordingLogger, silentLogger } from '@tidings/testing/logger.ts';
import { authSecret, startHub, supportToken, WireClient } from '@tidings/testing/services/hub.ts';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sign, userJwtSecret } from '../test/tokens.ts';
import { grantFor } from './admission.ts';
import { ChannelSubscription, type NotificationWriter } from './channel-subscription.ts';
import { ChannelListeners } from './listeners.ts';
import { TokenRenewal } from './token-renewal.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const owner = { owner: 'default', epoch: 0, renewUntil: null };
const authority = createTokenAuthority({ authSecret, supportToken });

/** A subscription whose token is past half of its life, and a round of renewals each second. */
async function start(tokens: typeof authority) {
  const { channelId, renewal } = await grantFor(authority, 'c'.repeat(22), owner, Date.now() - 4 * DAY);
  const writer = { writeToken: vi.fn(), disconnect: vi.fn() };
  const listeners = new ChannelListeners();
  const notificationWriter = writer as unknown as NotificationWriter;
  listeners.add(new ChannelSubscription(channelId, notificationWriter, renewal, () => undefined));
  const now = Date.now;
  const tokenRenewal = new TokenRenewal({ listeners, tokens, logger: silentLogger, now, intervalMs: 1_000 });
  tokenRenewal.start();
  onTestFinished(() => tokenRenewal.stop());
  return writer;
}

describe('a round of renewals', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('however long issuing takes, a token is renewed once', async () => {
    let issue = () => {};
    const issueChannelToken = vi.fn(async (channel: Parameters<typeof authority.issueChannelToken>[0]) => {
      await new Promise<void>((resolve) => {
        issue = resolve;
      });
      return authority.issueChannelToken(channel);
    });
    const writer = await start({ ...authority, issueChannelToken });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(issueChannelToken).toHaveBeenCalledTimes(1);
    issue();
    vi.useRealTimers();
    await eventually(() => expect(writer.writeToken).toHaveBeenCalledTimes(1));
    expect(issueChannelToken).toHaveBeenCalledTimes(1);
  });

  test('a round that fails is followed by the next one', async () => {
    const issueChannelToken = vi.fn(authority.issueChannelToken);
    issueChannelToken.mockRejectedValueOnce(new Error('no key'));
    const writer = await start({ ...authority, issueChannelToken });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(writer.writeToken).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await eventually(() => expect(writer.writeToken).toHaveBeenCalledTimes(1));
  });
});

// Each round ended at such a token, so that no token behind it was renewed any more.
test('a token that cannot be renewed keeps none behind it from its turn', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const listeners = new ChannelListeners();
  const subscribe = async (channelId: string) => {
    const { renewal } = await grantFor(authority, channelId, owner, Date.now() - 4 * DAY);
    const writer = { writeToken: vi.fn(), disconnect: vi.fn() };
    const notificationWriter = writer as unknown as NotificationWriter;
    listeners.add(new ChannelSubscription(channelId, notificationWriter, renewal, () => undefined));
    return writer;
  };
  const broken = [await subscribe('broken 1'), await subscribe('broken 2')];
  const other = await subscribe('other');
  const tokens = {
    ...authority,
    issueChannelToken: (channel: Parameters<typeof authority.issueChannelToken>[0]) =>
      channel.channelId.startsWith('broken')
        ? Promise.reject(new Error(`no key of ${channel.channelId}`))
        : authority.issueChannelToken(channel),
  };
  const { logger, lines } = recordingLogger();
  const tokenRenewal = new TokenRenewal({ listeners, tokens, logger, now: Date.now, intervalMs: 1_000 });
  tokenRenewal.start();
  onTestFinished(() => tokenRenewal.stop());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(other.writeToken).toHaveBeenCalledTimes(1);
  for (const { writeToken } of broken) expect(writeToken).not.toHaveBeenCalled();
  // Each subscription kept its error until the round was over, so there were as many errors as subscriptions.
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { err: { message: 'no key of broken 1' }, tokens: 2 },
  ]);
});

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
    const userToken = await sign({ sub: 'mira' }, userJwtSecret);
    const [signedIn, support] = [new WireClient(hub.url), new WireClient(hub.url)];
    const { channelId, token } = await signedIn.open({ userToken });
    await support.open({ channelId: 'support', token: supportToken });
    now += DAY;
    expect(await signedIn.open({ channelId, token })).toMatchObject({ token });
    expect(signedIn.disconnects).toEqual([]);
    now += 2 * HOUR;
    await eventually(() => expect(signedIn.disconnects).toHaveLength(1));
    expect(signedIn.closings).toMatchObject([{ code: 'token_expired', retriable: false }]);
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
    const signIn = (sub: string) => sign({ sub }, userJwtSecret);
    const [mira, noor, idle] = [new WireClient(url), new WireClient(url), new WireClient(url)];
    const mine = await mira.open({ userToken: await signIn('mira') });
    await noor.open({ userToken: await signIn('noor') });
    await idle.open({ userToken: await signIn('noor') });
    const more = await idle.open({ userToken: await signIn('mira') });
    await ownerTokens.revoke('mira');
    await eventually(() => expect([mira.disconnects.length, idle.disconnects.length]).toEqual([1, 1]));
    for (const { closings } of [mira, idle])
      expect(closings).toMatchObject([{ code: 'revoked', retriable: false }]);
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
