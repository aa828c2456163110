import { expect, test } from 'vitest';
import { AbortGroup } from './abort-group.ts';

const untilAborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('ended')));

test('ends all work that is under way, each by a signal of its own', async () => {
  const group = new AbortGroup();
  const signals = new Set<AbortSignal>();
  const work = Array.from({ length: 20 }, () =>
    group.during((signal) => {
      signals.add(signal);
      return untilAborted(signal);
    }),
  );
  expect([signals.size, group.isAborted]).toEqual([20, false]);
  group.abort();
  expect(new Set(await Promise.all(work))).toEqual(new Set(['ended']));
  expect(group.isAborted).toBe(true);
});

test('work that is over is ended no more, and fails with its own error; work that comes later is ended from the start', async () => {
  const group = new AbortGroup();
  const over = await group.during(async (signal) => signal);
  const failure = new Error('no answer');
  await expect(group.during(() => Promise.reject(failure))).rejects.toBe(failure);
  group.abort();
  expect(over.aborted).toBe(false);
  expect(await group.during(async ({ aborted }) => aborted)).toBe(true);
});
