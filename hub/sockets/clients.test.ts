import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clients } from './clients.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Drains so many clients, and returns the milliseconds after the start at which each was asked. */
async function momentsOf(count: number, milliseconds?: number): Promise<number[]> {
  const clients = new Clients();
  const moments: number[] = [];
  const start = performance.now();
  for (let number = 0; number < count; number += 1)
    clients.add({ tell() {}, drain: () => moments.push(performance.now() - start) });
  const left = { tell() {}, drain: () => moments.push(Number.NaN) };
  clients.add(left);
  clients.delete(left);
  const drained = clients.drain(1_000, milliseconds);
  await vi.advanceTimersByTimeAsync(10_000);
  await drained;
  return moments;
}

test('in no second are more than 20 % of the clients sent away, and all are within six', async () => {
  for (const count of [600, 2_000, 5_000]) {
    const moments = await momentsOf(count);
    expect(moments).toHaveLength(count);
    for (const start of moments)
      expect(moments.filter((at) => at >= start && at < start + 1_000).length).toBeLessThanOrEqual(
        count * 0.2,
      );
    expect(moments.at(-1)).toBeLessThan(6_000);
  }
});

// A process with less time for its stop than the slices took was killed by its own clock, with what was behind them not done.
test('where there is less time the slices are larger', async () => {
  const moments = await momentsOf(2_000, 1_000);
  expect(moments).toHaveLength(2_000);
  expect(moments.at(-1)).toBeLessThan(1_100);
  expect(moments.filter((at) => at === 0)).toHaveLength(200);
});

test('a few clients are not kept waiting', async () => {
  expect(await momentsOf(10)).toEqual(Array(10).fill(0));
  expect((await momentsOf(100)).at(-1)).toBeLessThan(1_000);
  expect(await momentsOf(0)).toEqual([]);
});
