import { createServer } from 'node:http';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { openTestLog } from '@tidings/testing/log.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerProblems } from '../http/problem.ts';
import { authenticate, authenticatePublisher, publisherOf } from './authenticate.ts';
import { mayListen, mayUse, type PublisherScope } from './bearers.ts';
import { openOwnerTokens } from './owner-tokens.ts';
import { type RequestLimits, RequestRates } from './rates.ts';
import { createTokenAuthority } from './tokens.ts';

const authSecret = 'a'.repeat(32);
const supportToken = 's'.repeat(32);
const publishApiKey = 'p'.repeat(32);
const settings = { authSecret, supportToken, publishApiKey };
const tokens = createTokenAuthority(settings);
const inAnHour = () => Date.now() + 60 * 60 * 1000;
const publisher = async (scope: PublisherScope) =>
  tokens.verifyBearer(await tokens.issuePublisherToken(scope, inAnHour()));

describe('a publisher', () => {
  const mine = tokens.newChannelId('mira');
  const other = tokens.newChannelId('noor');

  test('with the API key publishes to every channel, and to nothing that is no channel', async () => {
    const bearer = await tokens.verifyBearer(publishApiKey);
    expect(bearer).toEqual({ kind: 'publisher', owner: null, channelId: null });
    expect([mine, other, 'support', 'anything'].map((id) => tokens.mayPublish(bearer, id))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('with a token of an owner publishes to the channels of that owner', async () => {
    const bearer = await publisher({ owner: 'mira' });
    expect([mine, other, 'support'].map((id) => tokens.mayPublish(bearer, id))).toEqual([true, false, false]);
  });

  test('with a token of a channel publishes to that channel', async () => {
    const bearer = await publisher({ channelId: mine });
    const sibling = tokens.newChannelId('mira');
    expect([mine, sibling, other].map((id) => tokens.mayPublish(bearer, id))).toEqual([true, false, false]);
    const nowhere = await publisher({ channelId: 'no-channel' });
    expect(tokens.mayPublish(nowhere, 'no-channel')).toBe(false);
  });

  test('neither listens nor reads, and nobody else publishes', async () => {
    for (const bearer of [
      await tokens.verifyBearer(publishApiKey),
      await publisher({ owner: 'mira' }),
      await publisher({ channelId: mine }),
    ]) {
      expect(mayListen(bearer, mine)).toBe(false);
      expect(mayUse(bearer, { owner: 'mira', channelId: mine })).toBe(false);
    }
    const channelToken = await tokens.issueChannelToken({ channelId: mine, owner: 'mira' });
    expect(tokens.mayPublish(await tokens.verifyBearer(channelToken), mine)).toBe(false);
    expect(tokens.mayPublish(await tokens.verifyBearer(supportToken), mine)).toBe(false);
  });

  test('does not exist without an API key, nor under a wrong one', async () => {
    const closed = createTokenAuthority({ authSecret, supportToken });
    for (const [authority, key] of [
      [closed, publishApiKey],
      [tokens, `${publishApiKey}x`],
    ] as const)
      await expect(authority.verifyBearer(key)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  test('loses its token with its end, and with the tokens of its owner', async () => {
    const log = await openTestLog({ partitions: 1 });
    const ownerTokens = await openOwnerTokens(log);
    onTestFinished(() => ownerTokens.close());
    const revocable = createTokenAuthority(settings, ownerTokens);
    const expired = await revocable.issuePublisherToken({ owner: 'mira' }, Date.now() - 1_000);
    await expect(revocable.verifyBearer(expired)).rejects.toMatchObject({ code: 'token_expired' });
    const before = await revocable.issuePublisherToken({ owner: 'mira' }, inAnHour());
    const told = new Promise((resolve) => ownerTokens.onRevoked(resolve));
    await ownerTokens.revoke('mira');
    await told;
    await expect(revocable.verifyBearer(before)).rejects.toMatchObject({ code: 'token_invalid' });
    const after = await revocable.issuePublisherToken({ owner: 'mira' }, inAnHour());
    expect(await revocable.verifyBearer(after)).toMatchObject({ owner: 'mira' });
  });
});

/** `/publish` is for publishers, `/read` for all others. */
async function startServer(limits: Partial<RequestLimits> = {}) {
  const rates = new RequestRates(limits);
  const app = express();
  app.get('/publish', authenticatePublisher(tokens, rates), (_request, response) => {
    response.json(publisherOf(response));
  });
  app.get('/read', authenticate(tokens, rates), (_request, response) => void response.json({}));
  app.use(answerProblems(silentLogger));
  const server = createServer(app);
  const { url } = await startTestServer(server);
  return async (path: string, token: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${url}${path}`, { headers })).status;
  };
}

describe('a request', () => {
  test('of a publisher is let in where publishers are, and nowhere else; the other way round alike', async () => {
    const ask = await startServer();
    const channelToken = await tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner: 'mira' });
    expect([await ask('/publish', publishApiKey), await ask('/read', publishApiKey)]).toEqual([200, 404]);
    expect([await ask('/publish', channelToken), await ask('/read', channelToken)]).toEqual([404, 200]);
    expect([await ask('/publish', supportToken), await ask('/publish', 'nonsense')]).toEqual([404, 401]);
  });

  test('of a publisher counts by what it publishes to, apart from everybody else', async () => {
    const ask = await startServer({ publishPerSecond: 2, perMinute: 1 });
    const ofOwner = await tokens.issuePublisherToken({ owner: 'mira' }, inAnHour());
    const statuses = await Promise.all(Array.from({ length: 3 }, () => ask('/publish', publishApiKey)));
    expect(statuses.toSorted()).toEqual([200, 200, 429]);
    expect(await ask('/publish', ofOwner)).toBe(200);
  });
});
