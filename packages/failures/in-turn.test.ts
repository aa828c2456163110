import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

test('a step that fails keeps none behind it from its turn, and the first failure is passed on in the end', async () => {
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
  await expect(inTurn(steps, (error) => heard.push(error))).rejects.toThrow('no second');
  expect(taken).toEqual([1, 2, 4]);
  expect(heard).toMatchObject([{ message: 'no second' }, { message: 'no third' }]);
  await inTurn([() => taken.push(5)]);
  expect(taken.at(-1)).toBe(5);
});
