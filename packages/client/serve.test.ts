import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { serveRequests } from './serve.ts';
import { startScriptedServer } from './test/scripted-server.ts';

const nothing = { status: 204 };
const ended = {
  status: 409,
  body: { status: 409, code: 'state_conflict', detail: 'The lease has ended.', retriable: false },
};

const taken = (requestId: string, more = {}) => ({
  body: {
    requestId,
    method: 'create',
    lane: 'heavy',
    attempt: 1,
    body: { json: { month: 'May' } },
    lease: 'l',
    ...more,
  },
});

describe('serving requests', () => {
  test('takes one after another, sends the answers, and ends when it is told to', async () => {
    const { baseUrl, seen } = await startScriptedServer(taken('r 1'), nothing, nothing, taken('r2'), nothing);
    const controller = new AbortController();
    const handled: unknown[] = [];
    await serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', lane: 'heavy', signal: controller.signal },
      handle: ({ requestId, method, body }) => {
        handled.push([requestId, method, body]);
        if (requestId === 'r2') controller.abort();
        return { status: 201, body: { text: `report of ${requestId}` } };
      },
      onError: (error) => handled.push(error),
    });
    const body = { json: { month: 'May' } };
    expect(handled).toEqual([
      ['r 1', 'create', body],
      ['r2', 'create', body],
    ]);
    const requests = seen.map(({ url, body: sent }) => [url, JSON.parse(sent)]);
    const asked = ['/requests/reports/take', { lane: 'heavy', wait: 30 }];
    expect(requests).toEqual([
      asked,
      ['/requests/r%201/reply', { status: 201, body: { text: 'report of r 1' }, lease: 'l' }],
      asked,
      asked,
      ['/requests/r2/reply', { status: 201, body: { text: 'report of r2' }, lease: 'l' }],
    ]);
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer key')).toBe(true);
  });

  test('goes on where the answer to its question breaks off', async () => {
    const broken = { ...taken('r1'), breaksOff: true };
    const { baseUrl } = await startScriptedServer(broken, taken('r1'), nothing);
    const controller = new AbortController();
    const handled: string[] = [];
    await serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', signal: controller.signal },
      handle: ({ requestId }) => {
        handled.push(requestId);
        controller.abort();
        return { body: { json: 1 } };
      },
      onError: (error) => handled.push(String(error)),
    });
    expect(handled).toEqual(['r1']);
  });

  test('tells of a handler that throws and of an answer that comes too late, and goes on', async () => {
    const { baseUrl } = await startScriptedServer(taken('r1'), taken('r2'), ended, taken('r3'), nothing);
    const controller = new AbortController();
    const errors: unknown[] = [];
    await serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', signal: controller.signal },
      handle: ({ requestId }) => {
        if (requestId === 'r1') throw new Error('no paper');
        if (requestId === 'r3') controller.abort();
        return { body: { json: null } };
      },
      onError: (error, { requestId }) => errors.push([requestId, error]),
    });
    expect(errors).toEqual([
      ['r1', expect.objectContaining({ message: 'no paper' })],
      ['r2', expect.objectContaining({ code: 'state_conflict' })],
    ]);
  });

  test('waits for a server that is away, and ends where it is refused for good', async () => {
    const away = { status: 503, headers: { 'Retry-After': '0' } };
    const refused = {
      status: 401,
      body: { status: 401, code: 'token_invalid', detail: 'No.', retriable: false },
    };
    const { baseUrl, seen } = await startScriptedServer(away, away, refused);
    const serving = serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', atOnce: 3 },
      handle: () => ({ body: { json: null } }),
      onError: () => undefined,
    });
    await expect(serving).rejects.toMatchObject({ name: 'ProblemError', code: 'token_invalid' });
    await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(3));
  });

  test('ends at once while no request comes', async () => {
    const { baseUrl } = await startScriptedServer(nothing);
    const controller = new AbortController();
    const serving = serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', signal: controller.signal },
      handle: () => ({ body: { json: null } }),
      onError: () => undefined,
    });
    controller.abort();
    expect(await serving).toBeUndefined();
  });

  test('renews the lease while it works, and tells the handler where the request is no longer its own', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const renewed = { status: 204 };
    const { baseUrl, seen } = await startScriptedServer(taken('r1'), renewed, ended, ended, nothing);
    const controller = new AbortController();
    const errors: unknown[] = [];
    await serveRequests({
      ...{ baseUrl, token: 'key', service: 'reports', signal: controller.signal },
      handle: async ({ signal }) => {
        controller.abort();
        vi.advanceTimersByTime(10_000);
        await eventually(() => expect(seen).toHaveLength(2));
        expect(signal.aborted).toBe(false);
        vi.advanceTimersByTime(10_000);
        await eventually(() => expect(signal.aborted).toBe(true));
        return { body: { json: null } };
      },
      onError: (error) => errors.push(error),
    });
    expect(errors).toMatchObject([{ code: 'state_conflict' }]);
    // A renewal that is sent now would arrive before the request that follows.
    vi.advanceTimersByTime(10_000);
    await fetch(`${baseUrl}/afterwards`);
    expect(seen.map(({ url }) => url)).toEqual([
      '/requests/reports/take',
      '/requests/r1/renew',
      '/requests/r1/renew',
      '/requests/r1/reply',
      '/afterwards',
    ]);
  });
});
