import { expect, test } from 'vitest';
import { ScriptQueue } from './script-queue.ts';

/** A queue whose scripts end when the test says so. */
function startQueue(largest: number, atOnce: number, wholeTurn = false) {
  const scripts: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const queue = new ScriptQueue<number, string>({
    largest,
    atOnce,
    wholeTurn,
    run: (items) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(error) : resolve(items.map((item) => `done ${item}`)));
        scripts.push({ items, end });
      }),
  });
  return { queue, scripts, items: () => scripts.map((script) => script.items) };
}

test('what is added in one turn, or while a script is under way, goes together, in order, up to the bound', async () => {
  const { queue, scripts, items } = startQueue(3, 1);
  const first = [1, 2].map((item) => queue.add(item));
  await Promise.resolve();
  const second = [3, 4, 5, 6].map((item) => queue.add(item));
  await Promise.resolve();
  expect(items()).toEqual([[1, 2]]);
  scripts[0]?.end();
  expect(await Promise.all(first)).toEqual(['done 1', 'done 2']);
  await Promise.resolve();
  expect(items()).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  scripts[1]?.end();
  await Promise.all(second.slice(0, 3));
  await Promise.resolve();
  scripts[2]?.end();
  expect(await Promise.all(second)).toEqual(['done 3', 'done 4', 'done 5', 'done 6']);
});

// Each request of a socket comes in a callback of its own, so that a script that began at the next microtask had one channel.
test('a queue that gathers the whole turn also takes what other callbacks of it add', async () => {
  const { queue, items } = startQueue(3, 1, true);
  void queue.add(1);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  void queue.add(2);
  expect(items()).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(items()).toEqual([[1, 2]]);
});

test('as many scripts as are allowed are under way at once', async () => {
  const { queue, scripts, items } = startQueue(1, 2);
  const added = [1, 2, 3].map((item) => queue.add(item));
  await Promise.resolve();
  expect(items()).toEqual([[1], [2]]);
  scripts[1]?.end();
  expect(await added[1]).toBe('done 2');
  await Promise.resolve();
  expect(items()).toEqual([[1], [2], [3]]);
  for (const { end } of scripts) end();
  expect(await Promise.all(added)).toEqual(['done 1', 'done 2', 'done 3']);
});

test('with a script fails all that was added behind it; what comes later is run', async () => {
  const { queue, scripts } = startQueue(1, 1);
  const failing = Promise.allSettled([1, 2, 3].map((item) => queue.add(item)));
  await Promise.resolve();
  scripts[0]?.end(new Error('Redis is away'));
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  const later = queue.add(4);
  await Promise.resolve();
  scripts[1]?.end();
  expect(await later).toBe('done 4');
});
