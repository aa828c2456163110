import { describe, expect, test, vi } from 'vitest';
import { AtOnce, Quota } from './quota.ts';

const refused = expect.objectContaining({ code: 'rate_limited', retriable: true });

describe('a quota', () => {
  test('counts each key by itself, and tells when the window ends', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    try {
      const quota = new Quota({ times: 2, seconds: 60 });
      expect([await quota.take('a'), await quota.take('a'), await quota.take('b')]).toEqual([1, 2, 1]);
      vi.advanceTimersByTime(20_500);
      await expect(quota.take('a')).rejects.toMatchObject({ place: { retryAfterSeconds: 40 } });
      vi.advanceTimersByTime(39_600);
      expect(await quota.take('a')).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test('holds a bounded number of keys: the one that was counted longest ago begins anew', async () => {
    const quota = new Quota({ times: 1, seconds: 60, maxKeys: 3 });
    for (const key of ['a', 'b', 'c']) await quota.take(key);
    await expect(quota.take('a')).rejects.toEqual(refused);
    await quota.take('d');
    expect(await quota.take('b')).toBe(1);
    await expect(quota.take('a')).rejects.toEqual(refused);
    await expect(quota.take('d')).rejects.toEqual(refused);
  });
});

test('simultaneous uses are counted by key, and the end of each counts once', () => {
  const running = new AtOnce();
  const leave = running.enter('a', 2);
  running.enter('a', 2);
  running.enter('b', 2);
  expect(() => running.enter('a', 2)).toThrow(refused);
  leave();
  leave();
  running.enter('a', 2);
  expect(() => running.enter('a', 2)).toThrow(refused);
});
