import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { answerProblems, Problem } from '../http/problem.ts';
import { admitSender, authenticate } from './authenticate.ts';
import { type RequestLimits, RequestRates } from './rates.ts';
import { createTokenAuthority } from './tokens.ts';

const supportToken = 's'.repeat(32);
const tokens = createTokenAuthority({ authSecret: 'a'.repeat(32), supportToken });
const issue = () => tokens.issueChannelToken({ channelId: tokens.newChannelId(), owner: 'default' });

/** `/known` needs a token, `/any` does not; `/held` is answered when `release` is called. */
async function startServer(limits: Partial<RequestLimits> = {}) {
  const rates = new RequestRates(limits);
  const held: (() => void)[] = [];
  const app = express().set('trust proxy', 1);
  app.get('/known', authenticate(tokens, rates), (_request, response) => void response.json({}));
  app.get('/any', admitSender(tokens, rates), (_request, response) => void response.json({}));
  app.get('/held', authenticate(tokens, rates), (_request, response) => {
    held.push(() => response.json({}));
  });
  app.use(answerProblems(silentLogger));
  const server = createServer(app);
  const { url } = await startTestServer(server);
  const ask = async (path: string, token?: string, address = '192.0.2.1') => {
    const response = await fetch(`${url}${path}`, {
      headers: {
        'X-Forwarded-For': address,
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, code, retryAfter: Number(response.headers.get('Retry-After')) };
  };
  return { url, ask, held };
}

async function times<Result>(count: number, ask: () => Promise<Result>): Promise<Result[]> {
  const answers: Result[] = [];
  for (let time = 0; time < count; time += 1) answers.push(await ask());
  return answers;
}

describe('a bearer', () => {
  test('may ask 60 times a minute, and is told when to come back', async () => {
    const { ask } = await startServer();
    const [mine, other] = [await issue(), await issue()];
    const statuses = (await times(60, () => ask('/known', mine))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = await ask('/known', mine, '198.51.100.7');
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect(refused.retryAfter).toBeLessThanOrEqual(60);
    expect((await ask('/known', other)).status).toBe(200);
    // A renewed token is of the same channel.
    const bearer = await tokens.verifyBearer(mine);
    if (bearer.kind !== 'channel') throw new Error('no channel');
    expect((await ask('/known', await tokens.issueChannelToken(bearer))).status).toBe(429);
  });

  test('may have 10 requests at once, waiting ones included; a client that leaves makes place for another', async () => {
    const { url, ask, held } = await startServer({ perMinute: 10_000 });
    const token = await issue();
    const requests = Array.from({ length: 10 }, () =>
      get(`${url}/held`, { headers: { Authorization: `Bearer ${token}` }, agent: false }),
    );
    for (const request of requests) request.on('error', () => undefined);
    await eventually(() => expect(held).toHaveLength(10));
    expect(await ask('/known', token)).toMatchObject({ status: 429, retryAfter: 1 });
    expect((await ask('/known', await issue())).status).toBe(200);
    // The requests may arrive in another order than the one in which they were sent.
    const answered = Promise.race(requests.map((request) => once(request, 'response').then(() => request)));
    held[0]?.();
    const first = await answered;
    requests.find((request) => request !== first)?.destroy();
    // Both have left: two places.
    await eventually(async () => expect((await ask('/known', token)).status).toBe(200));
    for (const request of requests) request.destroy();
  });

  test('with the support token has limits of its own', async () => {
    const { ask } = await startServer({ perMinute: 1, atOnce: 1 });
    const statuses = (await times(30, () => ask('/known', supportToken))).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('an address', () => {
  test('counts where no token comes: an IPv6 address with its whole /64, an IPv4 address however it is written', async () => {
    const { ask } = await startServer({ perMinute: 2 });
    const statuses = async (...addresses: string[]) => {
      const answers = [];
      for (const address of addresses) answers.push((await ask('/any', undefined, address)).status);
      return answers;
    };
    expect(await statuses('2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:ffff::3')).toEqual([
      200, 200, 429,
    ]);
    expect(await statuses('2001:db8:1:3::1', '192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1')).toEqual([
      200, 200, 200, 429,
    ]);
    // Whoever sends a token counts by that.
    expect((await ask('/any', await issue(), '192.0.2.1')).status).toBe(200);
    expect((await ask('/any', 'nonsense', '192.0.2.1')).status).toBe(401);
  });

  test('that fails to authenticate waits longer and longer', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const rates = new RequestRates({ freeFailuresPerMinute: 2, failuresPerMinute: 6, longestDelayMs: 200 });
    const refuse = () => Promise.reject(new Problem('token_invalid', 'No.'));
    for (const waitMs of [0, 0, 50, 100, 150, 200]) {
      const answered = vi.fn();
      rates.verify('192.0.2.1', refuse).catch(answered);
      await vi.advanceTimersByTimeAsync(Math.max(0, waitMs - 1));
      expect(answered).toHaveBeenCalledTimes(waitMs === 0 ? 1 : 0);
      await vi.advanceTimersByTimeAsync(1);
      expect(answered).toHaveBeenCalledWith(expect.objectContaining({ code: 'token_invalid' }));
    }
  });

  test('that fails to authenticate is refused in the end; valid tokens pass all the while', async () => {
    const { ask } = await startServer({
      freeFailuresPerMinute: 2,
      failuresPerMinute: 6,
      longestDelayMs: 0,
    });
    const statuses = [];
    for (const token of ['a', undefined, 'b', 'c', 'd', 'e', 'f', 'g'])
      statuses.push((await ask('/known', token)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429, 429]);
    expect((await ask('/known', await issue())).status).toBe(200);
    expect((await ask('/known', supportToken)).status).toBe(200);
    expect((await ask('/known', 'nonsense', '192.0.2.2')).status).toBe(401);
    expect((await ask('/any', 'nonsense')).status).toBe(429);
    expect((await ask('/any')).status).toBe(200);
  });
});
