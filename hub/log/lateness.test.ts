import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lateness } from './lateness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(probeLog = async () => {}) {
  const changes: boolean[] = [];
  const limits = { lateMs: 10_000, lateCheckMs: 1_000 };
  const lateness = new Lateness({
    limits,
    now: () => performance.now(),
    probeLog,
    onChange: (isLate) => changes.push(isLate),
  });
  return { lateness, changes };
}

test('a reader of records written long ago is late until it has caught up', async () => {
  const { lateness, changes } = watch();
  for (let second = 0; second < 5; second += 1) {
    lateness.begin('a/0', performance.now() - 60_000);
    await vi.advanceTimersByTimeAsync(1_000);
    lateness.end('a/0');
  }
  expect(changes).toEqual([true]);
  for (let second = 0; second < 5; second += 1) {
    lateness.begin('a/0', performance.now());
    await vi.advanceTimersByTimeAsync(1_000);
    lateness.end('a/0');
  }
  expect(changes).toEqual([true, false]);
});

test('lateness of a moment is not reported', async () => {
  const { lateness, changes } = watch();
  lateness.begin('a/0', performance.now() - 60_000);
  await vi.advanceTimersByTimeAsync(2_000);
  lateness.end('a/0');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(changes).toEqual([]);
});

test('a batch that this hub does not try again counts as the work of another hub', async () => {
  const { lateness, changes } = watch();
  for (let second = 0; second < 20; second += 1) {
    lateness.begin('a/0', performance.now());
    await vi.advanceTimersByTimeAsync(1_000);
    lateness.fail('a/0');
  }
  expect(changes).toEqual([true]);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(changes).toEqual([true, false]);
});

// After half a minute the hub took a partition whose batch hung for a partition of another hub, and lateness ended.
test('a batch that is still being handled is late for as long as it takes', async () => {
  const { lateness, changes } = watch();
  lateness.begin('a/0', performance.now());
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(changes).toEqual([true]);
});

test('a log that does not answer is late', async () => {
  let away: Promise<void> | null = null;
  const { changes } = watch(async () => {
    await away;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(changes).toEqual([]);
  away = new Promise(() => undefined);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(changes).toEqual([true]);
});

test('a log that answers with errors is late until a read succeeds', async () => {
  let isAway = true;
  const { changes } = watch(async () => {
    if (isAway) throw new Error('away');
  });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(changes).toEqual([true]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(changes).toEqual([true, false]);
});
