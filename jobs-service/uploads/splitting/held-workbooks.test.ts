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
  const second = waiting(workbooks, 'olha');
  const own = waiting(workbooks, 'noor');
  for (const { grow } of [first, second, own]) await grow(30);
  const next = coming(workbooks, 'noor');
  await next.grow(15);
  expect([first, second, own].map(({ file }) => file.isBroken)).toEqual([true, true, false]);
  const third = coming(workbooks, 'petro');
  await third.grow(25);
  expect([first, second].map(({ file }) => file.isBroken)).toEqual([true, true]);
  const fourth = coming(workbooks, 'tomas');
  await fourth.grow(25);
  expect([first, second].map(({ file }) => file.isBroken)).toEqual([false, true]);
});

// Else one sender could have the waiting workbooks of all others given up.
test('a sender who holds more than a quarter takes no room of others', async () => {
  const workbooks = new HeldWorkbooks(100);
  const others = [waiting(workbooks, 'mira'), waiting(workbooks, 'olha')];
  for (const { grow } of others) await grow(30);
  const greedy = [coming(workbooks, 'noor'), coming(workbooks, 'noor')];
  await greedy[0]?.grow(20);
  await expect(greedy[1]?.grow(21)).rejects.toMatchObject({ code: 'unavailable', retriable: true });
  expect(others.map(({ file }) => file.isBroken)).toEqual([true, true]);
});

// Four large workbooks of one sender that came slowly had those of everybody else refused.
test('a sender holds half at most, and others have the rest', async () => {
  const workbooks = new HeldWorkbooks(100);
  const greedy = [coming(workbooks, 'mira'), coming(workbooks, 'mira')];
  await greedy[0]?.grow(40);
  await expect(greedy[1]?.grow(11)).rejects.toMatchObject({ code: 'unavailable', retriable: true });
  greedy[1]?.release();
  await coming(workbooks, 'noor').grow(50);
});

// All that came at the same moment were refused, where one of them had to be.
test('the room of one that is refused goes to the others', async () => {
  const workbooks = new HeldWorkbooks(100);
  const [first, second, third] = ['mira', 'noor', 'olha'].map((sender) => coming(workbooks, sender));
  for (const workbook of [first, second, third]) await workbook?.grow(33);
  await expect(first?.grow(2)).rejects.toMatchObject({ code: 'unavailable' });
  const grown = [second?.grow(2), third?.grow(2)];
  first?.release();
  await Promise.all(grown);
});

test('room that is given up is taken once it is free', async () => {
  const workbooks = new HeldWorkbooks(100);
  const steps: string[] = [];
  await coming(workbooks, 'olha').grow(50);
  const held = workbooks.hold({
    sender: 'mira',
    file: { isBroken: true, letGo: () => void steps.push('given up') },
  });
  await held.grow(50);
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
