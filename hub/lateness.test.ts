import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lateness } from './lateness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch() {
  const told: boolean[] = [];
  const limits = { lateMs: 10_000, lateLookMs: 1_000 };
  const lateness = new Lateness({ limits, now: Date.now, onChange: (isLate) => told.push(isLate) });
  return { lateness, told };
}

test('a reader that only now reads what was written long ago is late, until it has caught up', () => {
  const { lateness, told } = watch();
  for (let second = 0; second < 5; second += 1) {
    lateness.begin('a/0', Date.now() - 60_000);
    vi.advanceTimersByTime(1_000);
    lateness.end('a/0');
  }
  expect(told).toEqual([true]);
  for (let second = 0; second < 5; second += 1) {
    lateness.begin('a/0', Date.now());
    vi.advanceTimersByTime(1_000);
    lateness.end('a/0');
  }
  expect(told).toEqual([true, false]);
});

test('a moment of it is nothing to tell', () => {
  const { lateness, told } = watch();
  lateness.begin('a/0', Date.now() - 60_000);
  vi.advanceTimersByTime(2_000);
  lateness.end('a/0');
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test('a batch that nobody tries any more is another hub’s', () => {
  const { lateness, told } = watch();
  for (let second = 0; second < 20; second += 1) {
    lateness.begin('a/0', Date.now());
    vi.advanceTimersByTime(1_000);
    lateness.fail('a/0');
  }
  expect(told).toEqual([true]);
  vi.advanceTimersByTime(40_000);
  expect(told).toEqual([true, false]);
});

// One that hung was taken for another hub's after half a minute, and all was said to be well.
test('a batch that is still being handled is late for as long as it takes', () => {
  const { lateness, told } = watch();
  lateness.begin('a/0', Date.now());
  vi.advanceTimersByTime(10 * 60_000);
  expect(told).toEqual([true]);
});
