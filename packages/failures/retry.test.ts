import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Failure, isFailure, isRetriable } from './failure.ts';
import { pause, pauseAfter, retryUntil } from './retry.ts';

const outage = () => new Failure('unavailable', 'The engine is away.', { retriable: true });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('retryUntil', () => {
  test('tries again after growing pauses, and returns what the last attempt returns', async () => {
    const pauses: number[] = [];
    let calls = 0;
    const result = retryUntil(async () => (calls++ < 4 ? Promise.reject(outage()) : 'done'), {
      firstMs: 10,
      longestMs: 40,
      onFailure: (_error, { pauseMs }) => pauses.push(pauseMs),
    });
    await vi.runAllTimersAsync();
    expect(await result).toBe('done');
    expect(pauses).toEqual([10, 20, 40, 40]);
  });

  test('rejects at once with a failure that another attempt would not change', async () => {
    const attempt = vi.fn(() => Promise.reject(new Failure('refused', 'No.')));
    await expect(retryUntil(attempt)).rejects.toMatchObject({ code: 'refused', retriable: false });
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test('rejects with the last failure after the attempts that are allowed', async () => {
    const attempt = vi.fn(() => Promise.reject(outage()));
    const result = retryUntil(attempt, { attempts: 3 });
    const rejection = expect(result).rejects.toMatchObject({ code: 'unavailable' });
    await vi.runAllTimersAsync();
    await rejection;
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  test('begins no attempt after the time that is allowed', async () => {
    const attempt = vi.fn(() => Promise.reject(outage()));
    const result = retryUntil(attempt, { firstMs: 10, longestMs: 1_000, withinMs: 75 });
    const rejection = expect(result).rejects.toMatchObject({ code: 'unavailable' });
    await vi.runAllTimersAsync();
    await rejection;
    expect(attempt).toHaveBeenCalledTimes(4);
  });

  test('is ended by its signal in the middle of a pause, with the signal’s reason', async () => {
    const stopping = new AbortController();
    const result = retryUntil(() => Promise.reject(outage()), { signal: stopping.signal });
    const rejection = expect(result).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(50);
    const running = vi.getTimerCount();
    stopping.abort(new Error('stopping'));
    expect(vi.getTimerCount()).toBe(running - 1);
    await rejection;
  });
});

describe('pause', () => {
  test('takes its listener off the signal, however it ends', async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const paused = pause(10, signal);
    await vi.runAllTimersAsync();
    await paused;
    expect(remove).toHaveBeenCalledTimes(1);
  });

  test('rejects at once where the signal was aborted before', async () => {
    const running = vi.getTimerCount();
    const paused = pause(10, AbortSignal.abort(new Error('stopped')));
    expect(vi.getTimerCount()).toBe(running);
    await expect(paused).rejects.toThrow('stopped');
  });
});

test('pauses never shrink, and stay within their bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 1_000 }),
      (failures, firstMs) => {
        const pauses = { firstMs, longestMs: 30_000 };
        const now = pauseAfter(failures, pauses);
        expect(now).toBeGreaterThanOrEqual(firstMs);
        expect(now).toBeLessThanOrEqual(pauses.longestMs);
        expect(pauseAfter(failures + 1, pauses)).toBeGreaterThanOrEqual(now);
      },
    ),
  );
});

test('an error that has lost its class still says whether trying again helps', () => {
  expect(isRetriable({ ...outage() })).toBe(true);
  expect(isRetriable(new Error('unknown'))).toBe(false);
  expect(isRetriable(null)).toBe(false);
});

test('an error is a failure by its fields, not by its class', () => {
  expect(isFailure(outage())).toBe(true);
  expect(isFailure(Object.assign(new Error('from a thread'), { code: 'refused', retriable: false }))).toBe(
    true,
  );
  expect(isFailure(Object.assign(new Error('of Node.js'), { code: 'ENOENT' }))).toBe(false);
  expect(isFailure(null)).toBe(false);
});
