import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

const never = new Promise<never>(() => undefined);

test('work that is done in time gives its result, and work that fails its error', async () => {
  expect(await withDeadline('Working', 60_000, Promise.resolve('done'))).toBe('done');
  await expect(withDeadline('Working', 60_000, Promise.reject(new Error('broken')))).rejects.toThrow(
    'broken',
  );
});

test('work that is not done in time is refused, with the time', async () => {
  await expect(withDeadline('Working', 5, never)).rejects.toThrow(/Working.*\b5 ms/);
});

// Node 24 warned of the negative time, which also stood in the error.
test.each([-102.278, 0, 0.4])('a caller with %d ms left is refused after one', async (left) => {
  await expect(withDeadline('Working', left, never)).rejects.toThrow(/Working.*\b1 ms/);
});
