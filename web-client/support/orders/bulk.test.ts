import { expect, it } from 'vitest';
import { orderEach } from './bulk.ts';

it('each item has its own outcome, in order, and few are under way at once', async () => {
  let underWay = 0;
  let most = 0;
  const outcomes = await orderEach([...Array(20).keys()], async (item) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
    if (item % 5 === 0) throw new Error(`no ${item}`);
  });
  expect(outcomes.map(({ item }) => item)).toEqual([...Array(20).keys()]);
  expect(outcomes.filter(({ error }) => error !== null).map(({ item }) => item)).toEqual([0, 5, 10, 15]);
  expect([most > 1, most <= 4]).toEqual([true, true]);
});
