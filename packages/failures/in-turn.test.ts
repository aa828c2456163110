import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

// Of an ending that failed twice the second failure was told by nobody: the first alone was passed on.
test('a step that fails keeps none behind it from its turn, and all failures are passed on in the end', async () => {
  const taken: number[] = [];
  const heard: unknown[] = [];
  const steps = [
    () => taken.push(1),
    async () => {
      taken.push(2);
      throw new Error('no second');
    },
    () => {
      throw new Error('no third');
    },
    async () => void taken.push(4),
  ];
  await expect(inTurn(steps, (error) => heard.push(error))).rejects.toMatchObject({
    errors: [{ message: 'no second' }, { message: 'no third' }],
  });
  expect(taken).toEqual([1, 2, 4]);
  expect(heard).toMatchObject([{ message: 'no second' }, { message: 'no third' }]);
  await expect(inTurn([() => Promise.reject(new Error('alone'))])).rejects.toThrow('alone');
  await inTurn([() => taken.push(5)]);
  expect(taken.at(-1)).toBe(5);
});
