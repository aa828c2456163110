import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DueEntry, DueQueue } from './due-queue.ts';

const change = fc.oneof(
  fc.record({ key: fc.integer({ min: 0, max: 9 }), dueAt: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ removed: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ passed: fc.integer({ min: 0, max: 20 }), isTold: fc.boolean() }),
);

it('gives what is due in the order of the times, as a sorted list does', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const queue = new DueQueue();
      const model = new Map<string, DueEntry>();
      for (const [order, one] of changes.entries()) {
        if ('key' in one) {
          const entry = { key: `${one.key}`, dueAt: one.dueAt, order };
          queue.put(entry);
          model.set(entry.key, entry);
        } else if ('removed' in one) {
          queue.remove(`${one.removed}`);
          model.delete(`${one.removed}`);
        } else {
          const sorted = [...model.values()].sort((a, b) => a.dueAt - b.dueAt || a.order - b.order);
          const due = queue.takeDue(one.passed, 3);
          expect(due).toEqual(sorted.filter(({ dueAt }) => dueAt <= one.passed).slice(0, 3));
          if (!one.isTold) queue.putBack(due);
          else {
            for (const entry of due) {
              queue.settle(entry);
              model.delete(entry.key);
            }
          }
        }
        expect(queue.size).toBe(model.size);
        expect(queue.first()?.dueAt).toBe(
          model.size === 0 ? undefined : Math.min(...[...model.values()].map(({ dueAt }) => dueAt)),
        );
      }
    }),
  );
});

it('holds no more than a bound of entries that were replaced', () => {
  const queue = new DueQueue();
  for (let order = 0; order < 100_000; order += 1) queue.put({ key: 'one', dueAt: 1_000_000 - order, order });
  expect(queue.size).toBe(1);
  expect(queue.takeDue(1_000_000, 10)).toEqual([{ key: 'one', dueAt: 900_001, order: 99_999 }]);
});
