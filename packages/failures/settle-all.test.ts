import { expect, test } from 'vitest';
import { settleAll } from './settle-all.ts';

test('waits for all of them, and passes the first rejection on then', async () => {
  let end = () => {};
  const slow = new Promise<number>((resolve) => {
    end = () => resolve(2);
  });
  let outcome = '';
  const settled = settleAll([Promise.reject(new Error('no first')), slow]).catch((error: Error) => {
    outcome = error.message;
  });
  await Promise.resolve();
  expect(outcome).toBe('');
  end();
  await settled;
  expect(outcome).toBe('no first');
  expect(await settleAll([Promise.resolve(1), slow])).toEqual([1, 2]);
});
