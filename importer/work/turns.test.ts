import type { WorkPriority } from '@tidings/contracts/imports/work.ts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EXPRESS_IN_A_ROW, HELD_MS, LONGEST_HELD_MS, Turns, type WorkConnections } from './turns.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Chunks that ask for turns, the order in which they began, and what ends the one that is worked off. */
function begin(connections: WorkConnections = { kind: 'shared' }) {
  const turns = new Turns(connections);
  const order: WorkPriority[] = [];
  const running: (() => void)[] = [];
  const ask = (priority: WorkPriority) =>
    turns.take(priority, async () => {
      order.push(priority);
      await new Promise<void>((resolve) => void running.push(resolve));
    });
  const settled = () => vi.advanceTimersByTimeAsync(0);
  return {
    turns,
    order,
    running,
    async ask(...priorities: WorkPriority[]) {
      for (const priority of priorities) void ask(priority);
      await settled();
    },
    async endOne() {
      running.shift()?.();
      await settled();
    },
  };
}

test('express chunks begin before the bulk chunks that wait, one at a time', async () => {
  const { order, running, ask, endOne } = begin();
  await ask('bulk', 'bulk', 'express', 'express');
  expect([order, running.length]).toEqual([['bulk'], 1]);
  for (let chunk = 0; chunk < 3; chunk += 1) await endOne();
  expect([order, running.length]).toEqual([['bulk', 'express', 'express', 'bulk'], 1]);
});

test('no bulk chunk begins while a delivered express chunk is on its way to its turn', async () => {
  const { turns, order, ask, endOne } = begin();
  await ask('bulk', 'bulk');
  const settle = turns.deliverExpress(1);
  await endOne();
  expect(order).toEqual(['bulk']);
  await ask('express');
  await endOne();
  expect(order).toEqual(['bulk', 'express']);
  settle();
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['bulk', 'express', 'bulk']);
});

test('express chunks that are delivered one after another leave every ninth turn to a bulk chunk', async () => {
  const { turns, order, ask, endOne } = begin();
  await ask('express', 'bulk', 'bulk');
  for (let chunk = 0; chunk < 2 * EXPRESS_IN_A_ROW; chunk += 1) {
    turns.deliverExpress(1);
    await ask('express');
    await endOne();
  }
  const row = Array<string>(EXPRESS_IN_A_ROW).fill('express');
  expect(order.slice(1)).toEqual([...row, 'bulk', ...row.slice(1)]);
});

test('a chunk that is announced and does not come holds a bulk chunk for a moment', async () => {
  const { turns, order, ask } = begin();
  turns.announceExpress();
  await ask('bulk');
  expect(order).toEqual([]);
  await vi.advanceTimersByTimeAsync(HELD_MS);
  expect(order).toEqual(['bulk']);
});

test('chunks that are announced again and again without coming hold each bulk chunk for a moment only', async () => {
  const { turns, order, ask, endOne } = begin();
  await ask('bulk', 'bulk', 'bulk');
  for (let moment = 0; moment < 4; moment += 1) {
    for (let part = 0; part < 2; part += 1) {
      turns.announceExpress();
      await vi.advanceTimersByTimeAsync(HELD_MS / 2);
    }
    await endOne();
  }
  expect(order).toEqual(['bulk', 'bulk', 'bulk']);
});

// An announced chunk that came behind a bulk chunk of 64 ms found the next one at work: it was expected for 50 ms alone.
test('an announced chunk is still expected when the bulk chunk ends that was at work', async () => {
  const { turns, order, ask, endOne } = begin();
  await ask('bulk', 'bulk');
  turns.announceExpress();
  await vi.advanceTimersByTimeAsync(2 * HELD_MS);
  await endOne();
  await vi.advanceTimersByTimeAsync(HELD_MS / 2);
  await ask('express');
  expect(order).toEqual(['bulk', 'express']);
});

// An upload that was refused, or that repeated an earlier one, held bulk chunks for up to three seconds.
test('a chunk that is announced and then withdrawn holds nothing', async () => {
  const { turns, order, ask, endOne } = begin();
  const withdraw = [turns.announceExpress(), turns.announceExpress()];
  await ask('bulk', 'bulk');
  withdraw.pop()?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual([]);
  withdraw.pop()?.();
  await endOne();
  expect(order).toEqual(['bulk']);
  await endOne();
  expect(order).toEqual(['bulk', 'bulk']);
});

// A batch of the search index, or a checkpoint, decided for how long the next bulk chunk was held.
test('work that is no chunk does not change for how long a bulk chunk is held', async () => {
  const { turns, order, ask } = begin();
  const pause = () => new Promise<void>((resolve) => void setTimeout(resolve, LONGEST_HELD_MS));
  const own = turns.take('bulk', pause, { isChunk: false });
  await vi.advanceTimersByTimeAsync(LONGEST_HELD_MS);
  await own;
  turns.deliverExpress(1);
  await ask('bulk');
  await vi.advanceTimersByTimeAsync(HELD_MS);
  expect(order).toEqual(['bulk']);
});

test.each([
  ['as long as the one before has taken', 3 * HELD_MS, 3 * HELD_MS],
  ['a second, where the one before has taken longer', 3 * LONGEST_HELD_MS, LONGEST_HELD_MS],
])('a bulk chunk is held for %s', async (_name, took, held) => {
  const { turns, order, ask, endOne } = begin();
  await ask('bulk', 'bulk');
  await vi.advanceTimersByTimeAsync(took);
  turns.deliverExpress(1);
  await endOne();
  await vi.advanceTimersByTimeAsync(held - 1);
  expect(order).toEqual(['bulk']);
  await vi.advanceTimersByTimeAsync(1);
  expect(order).toEqual(['bulk', 'bulk']);
});

test('the chunk that comes is the one that was announced: behind it nothing is held', async () => {
  const { turns, order, ask, endOne } = begin();
  turns.announceExpress();
  const settle = turns.deliverExpress(1);
  await ask('express', 'bulk');
  settle();
  await endOne();
  expect(order).toEqual(['express', 'bulk']);
});

test('with connections of their own chunks of both priorities run at once, and none of bulk begins before delivered express ones', async () => {
  const { turns, order, running, ask } = begin({ kind: 'separate', express: 1, bulk: 2 });
  await ask('bulk');
  const settle = turns.deliverExpress(1);
  await ask('bulk', 'bulk');
  expect(order).toEqual(['bulk']);
  await ask('express', 'express');
  expect([order, running.length]).toEqual([['bulk', 'express'], 2]);
  settle();
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['bulk', 'express', 'bulk']);
});

test('a chunk that fails gives its turn on', async () => {
  const turns = new Turns({ kind: 'shared' });
  const failed = turns.take('bulk', () => Promise.reject(new Error('broken')));
  await expect(failed).rejects.toThrow('broken');
  expect(await turns.take('bulk', async () => 'done')).toBe('done');
});

type Action = WorkPriority | 'end' | 'deliver' | 'settle' | 'announce' | 'wait';
const actions: Action[] = ['express', 'bulk', 'end', 'deliver', 'settle', 'announce', 'wait'];

test('whatever comes in whatever order: one chunk at a time, each gets its turn, and no flood stops a bulk chunk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...actions), { maxLength: 60 }), async (script) => {
      const { turns, order, running, ask, endOne } = begin();
      const delivered: (() => void)[] = [];
      const asked = { express: 0, bulk: 0 };
      let [begun, inARow] = [0, 0];
      for (const action of script) {
        const isBulkWaiting = asked.bulk > order.filter((priority) => priority === 'bulk').length;
        if (action === 'express' || action === 'bulk') {
          asked[action] += 1;
          await ask(action);
        } else if (action === 'end') await endOne();
        else if (action === 'deliver') delivered.push(turns.deliverExpress(1));
        else if (action === 'settle') delivered.shift()?.();
        else if (action === 'announce') turns.announceExpress();
        else await vi.advanceTimersByTimeAsync(HELD_MS);
        expect(running.length).toBeLessThanOrEqual(1);
        for (; begun < order.length; begun += 1)
          inARow = isBulkWaiting && order[begun] === 'express' ? inARow + 1 : 0;
        expect(inARow).toBeLessThanOrEqual(EXPRESS_IN_A_ROW);
      }
      for (let left = asked.express + asked.bulk; left > 0; left -= 1) {
        await vi.advanceTimersByTimeAsync(LONGEST_HELD_MS);
        await endOne();
      }
      expect(order).toHaveLength(asked.express + asked.bulk);
    }),
  );
});
