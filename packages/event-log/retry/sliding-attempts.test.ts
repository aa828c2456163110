import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord } from '../event-log.ts';
import { type BegunRange, begunBefore, rangesSetting, SETTLED } from './begun-records.ts';
import { SlidingAttempts } from './sliding-attempts.ts';

const ATTEMPTS = 3;
const AT_ONCE = 4;

/** A partition with gaps between its offsets, the position of its group, and what the log says was begun. */
class Partition {
  readonly records: readonly LogRecord[];
  readonly ending: ReadonlySet<number>;
  readonly dead = new Set<number>();
  readonly finished = new Map<number, number>();
  readonly handlings = new Map<number, number>();
  committed = 0;
  marker: readonly BegunRange[] = [];
  longest = 0;

  constructor(count: number, ending: ReadonlySet<number>) {
    this.records = Array.from({ length: count }, (_, place) => recordAt(2 * place));
    this.ending = ending;
  }

  /** One process: it ends at a record, or when all are worked off. @param order when which record in hand is over */
  async run(order: () => number): Promise<void> {
    let hasEnded = false;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const inHand: (() => void)[] = [];
    const attempts = new SlidingAttempts(
      {
        log: { append: async () => [] },
        markers: {
          read: async () => this.marker,
          write: async (_partition, ranges) => {
            this.longest = Math.max(this.longest, ranges.length);
            if (!hasEnded) this.marker = ranges;
          },
        },
        atOnce: AT_ONCE,
        attempt: async ({ offset }, before) => {
          if (before >= ATTEMPTS) {
            this.dead.add(offset);
            return { outputs: [], hasGivenUp: true };
          }
          this.handlings.set(offset, (this.handlings.get(offset) ?? 0) + 1);
          if (this.ending.has(offset)) {
            hasEnded = true;
            end();
            await new Promise(() => undefined);
          }
          await new Promise<void>((over) => inHand.push(over));
          if (!hasEnded) this.finished.set(offset, (this.finished.get(offset) ?? 0) + 1);
          return { outputs: [], hasGivenUp: false };
        },
        settled: () => undefined,
      },
      { topic: 'topic', partition: 0 },
    );
    await Promise.race([ended, this.#workOff(attempts, inHand, order, () => hasEnded)]);
  }

  async #workOff(
    attempts: SlidingAttempts,
    inHand: (() => void)[],
    order: () => number,
    hasEnded: () => boolean,
  ): Promise<void> {
    const window: { next: number; isOver: boolean }[] = [];
    const waiting = this.records.filter(({ offset }) => offset >= this.committed);
    let from = this.committed;
    while (waiting.length + window.length > 0) {
      while (window.filter(({ isOver }) => !isOver).length < AT_ONCE) {
        const record = waiting.shift();
        if (record === undefined) break;
        const batch = { next: record.offset + 1, isOver: false };
        window.push(batch);
        void attempts.handle([record], { from, next: batch.next, first: false }).then(() => {
          batch.isOver = true;
        });
        from = batch.next;
      }
      await new Promise(setImmediate);
      if (hasEnded()) return;
      inHand.splice(order() % Math.max(1, inHand.length), 1)[0]?.();
      while (window[0]?.isOver) this.committed = window.shift()?.next ?? this.committed;
    }
  }
}

function recordAt(offset: number): LogRecord {
  return { topic: 'topic', partition: 0, offset, key: 'key', value: null, headers: {}, timestamp: 0 };
}

test('whatever records end their process, in whatever order the others are over, those are given up and the others handled', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.uniqueArray(fc.nat({ max: 19 }), { maxLength: 4 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 30 }),
      async (count, places, order) => {
        const ending = new Set(places.filter((place) => place < count).map((place) => 2 * place));
        const partition = new Partition(count, ending);
        let step = 0;
        const next = () => order[step++ % order.length] ?? 0;
        for (let process = 0; process <= ending.size * ATTEMPTS; process += 1) await partition.run(next);
        expect([...partition.dead].sort((a, b) => a - b)).toEqual([...ending].sort((a, b) => a - b));
        for (const offset of ending) expect(partition.handlings.get(offset)).toBeLessThanOrEqual(ATTEMPTS);
        expect(partition.finished.size).toBe(count - ending.size);
        expect(partition.committed).toBe(2 * count - 1);
        expect(partition.longest).toBeLessThanOrEqual(2 * AT_ONCE + 16);
      },
    ),
    { numRuns: 60 },
  );
});

test('a range that is set hides what others say of its offsets, and nothing else', () => {
  const range = fc.record({
    from: fc.nat({ max: 30 }),
    length: fc.integer({ min: 1, max: 8 }),
    attempts: fc.constantFrom(0, 1, 2, SETTLED),
  });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (settings) => {
      const model = new Map<number, number>();
      let ranges: BegunRange[] = [];
      for (const { from, length, attempts } of settings) {
        ranges = rangesSetting(ranges, { from, next: from + length, attempts });
        for (let offset = from; offset < from + length; offset += 1) model.set(offset, attempts);
      }
      for (let offset = 0; offset < 40; offset += 1)
        expect(begunBefore(ranges, offset)).toBe(model.get(offset) ?? 0);
      // Neighbours that say the same are one.
      for (const [place, { from, attempts }] of ranges.entries())
        expect(ranges[place - 1]).not.toMatchObject({ next: from, attempts });
    }),
  );
});

test('a partition that is wanted elsewhere is left with what is over, and as if the rest had not been begun', async () => {
  const written: (readonly BegunRange[])[] = [];
  const leave: (() => void)[] = [];
  const attempts = new SlidingAttempts(
    {
      log: { append: async () => [] },
      markers: { read: async () => [], write: async (_partition, ranges) => void written.push(ranges) },
      atOnce: AT_ONCE,
      attempt: async ({ offset }, _before, { handover }) => {
        if (offset === 1) return { outputs: [], hasGivenUp: false };
        await new Promise<void>((resolve) => leave.push(resolve));
        if (handover.aborted) throw new Error('leaving');
        return { outputs: [], hasGivenUp: false };
      },
      settled: () => undefined,
    },
    { topic: 'topic', partition: 0 },
  );
  const handle = (offset: number) =>
    attempts.handle([recordAt(offset)], { from: offset, next: offset + 1, first: offset === 0 });
  const inHand = [0, 1, 2].map(handle);
  await inHand[1];
  attempts.handOver('wanted');
  for (const one of leave) one();
  expect((await Promise.allSettled(inHand)).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
  ]);
  await new Promise(setImmediate);
  expect(written.at(-1)).toEqual([{ from: 1, next: 2, attempts: SETTLED }]);
  const before = written.length;
  attempts.handOver('lost');
  await new Promise(setImmediate);
  expect(written).toHaveLength(before);
});
