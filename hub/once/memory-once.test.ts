import { expect, test } from 'vitest';
import { describeOnce } from '../test/once-conformance.ts';
import { MemoryOnce } from './memory-once.ts';

function create(maxKeys?: number) {
  const clock = { now: 0 };
  return { once: new MemoryOnce({ now: () => clock.now, maxKeys }), clock };
}

describeOnce('once only, in memory', () => create());

test('a key is known for its time, from the first call on', async () => {
  const { once, clock } = create();
  await once.begin('key', 'work', 100_000);
  clock.now = 60_000;
  expect(await once.begin('key', 'work', 100_000)).toBe('new');
  await once.finish('key');
  clock.now = 99_999;
  expect(await once.begin('key', 'other work', 100_000)).toBe('other');
  clock.now = 100_000;
  expect(await once.begin('key', 'other work', 100_000)).toBe('new');
});

test('with too many keys, those that have expired go first, and then those that were begun longest ago', async () => {
  const { once, clock } = create(10);
  for (const key of ['a', 'b', 'c']) await once.begin(key, 'work', 1000);
  for (const key of ['t', 'u']) await once.begin(key, 'work', 10);
  clock.now = 10;
  for (const key of ['d', 'e', 'f', 'g', 'h', 'i']) await once.begin(key, 'work', 1000);
  expect(await once.begin('a', 'work', 1000)).toBe('running');
  for (const key of ['j', 'k']) await once.begin(key, 'work', 1000);
  expect(await once.begin('c', 'work', 1000)).toBe('running');
  expect(await once.begin('k', 'work', 1000)).toBe('running');
  expect(await once.begin('a', 'work', 1000)).toBe('new');
});
