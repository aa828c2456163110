import { expect, test } from 'vitest';
import { type HeldWorkbook, HeldWorkbooks } from './held-workbooks.ts';

/** A workbook whose upload waits to be continued, and gives its room back once it is given up. */
function waiting(workbooks: HeldWorkbooks, sender: string) {
  const file = {
    isBroken: true,
    letGo: () => {
      file.isBroken = false;
      held.release();
    },
  };
  const held: HeldWorkbook = workbooks.hold({ sender, file });
  return { file, grow: held.grow };
}

const coming = (workbooks: HeldWorkbooks, sender: string) => workbooks.hold({ sender, file: null });

test('of workbooks that wait, one of the sender gives way, then the one that has begun first, and no more than must', async () => {
  const workbooks = new HeldWorkbooks(100);
  const first = waiting(workbooks, 'mira');
  const second = waiting(workbooks, 'mira');
  const own = waiting(workbooks, 'noor');
  for (const { grow } of [first, second, own]) await grow(30);
  const next = coming(workbooks, 'noor');
  await next.grow(15);
  expect([first, second, own].map(({ file }) => file.isBroken)).toEqual([true, true, false]);
  const third = coming(workbooks, 'olha');
  await third.grow(25);
  expect([first, second].map(({ file }) => file.isBroken)).toEqual([true, true]);
  const fourth = coming(workbooks, 'petro');
  await fourth.grow(25);
  expect([first, second].map(({ file }) => file.isBroken)).toEqual([false, true]);
});

// Else one sender could have the waiting workbooks of all others given up.
test('a sender who holds more than a quarter takes no room of others', async () => {
  const workbooks = new HeldWorkbooks(100);
  const other = waiting(workbooks, 'mira');
  await other.grow(60);
  const greedy = [coming(workbooks, 'noor'), coming(workbooks, 'noor')];
  await greedy[0]?.grow(20);
  await expect(greedy[1]?.grow(21)).rejects.toMatchObject({ code: 'unavailable', retriable: true });
  expect(other.file.isBroken).toBe(true);
});

test('room that is given up is taken once it is free', async () => {
  const workbooks = new HeldWorkbooks(100);
  const steps: string[] = [];
  const held = workbooks.hold({
    sender: 'mira',
    file: { isBroken: true, letGo: () => void steps.push('given up') },
  });
  await held.grow(100);
  const grown = coming(workbooks, 'noor')
    .grow(20)
    .then(() => steps.push('grown'));
  await Promise.resolve();
  expect(steps).toEqual(['given up']);
  steps.push('released');
  held.release();
  await grown;
  expect(steps).toEqual(['given up', 'released', 'grown']);
});
