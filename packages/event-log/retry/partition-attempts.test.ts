import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogRecord } from '../event-log.ts';
import type { BegunRange } from './begun-records.ts';
import { PartitionAttempts } from './partition-attempts.ts';

const ATTEMPTS = 3;

/** A partition, the position that its group has committed, and what the log says was begun. */
class Partition {
  readonly records: readonly LogRecord[];
  readonly ending: ReadonlySet<number>;
  readonly handlings = new Map<number, number>();
  readonly dead = new Set<number>();
  readonly finished = new Set<number>();
  committed = 0;
  marker: readonly BegunRange[] = [];

  constructor(count: number, ending: readonly number[]) {
    this.records = Array.from({ length: count }, (_, offset) => recordAt(offset));
    this.ending = new Set(ending);
  }

  /** One process: it ends at a record, or when all are worked off. @param lag records behind which the committed position stays */
  async run(batchSize: number, lag: number): Promise<void> {
    let hasEnded = false;
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const attempts = new PartitionAttempts(
      {
        log: { append: async () => [] },
        markers: {
          read: async () => this.marker,
          write: async (_partition, ranges) => {
            if (!hasEnded) this.marker = ranges;
          },
        },
        marksEnds: false,
        committed: async () => this.committed,
        attempt: async ({ offset }, begunBefore) => {
          if (begunBefore >= ATTEMPTS) {
            this.dead.add(offset);
            return { outputs: [], hasGivenUp: true };
          }
          this.handlings.set(offset, (this.handlings.get(offset) ?? 0) + 1);
          if (this.ending.has(offset)) {
            hasEnded = true;
            end();
            await new Promise(() => undefined);
          }
          this.finished.add(offset);
          return { outputs: [], hasGivenUp: false };
        },
        settled: () => undefined,
      },
      { topic: 'topic', partition: 0 },
    );
    const work = async (): Promise<void> => {
      for (let from = this.committed; from < this.records.length; from += batchSize) {
        const records = this.records.slice(from, from + batchSize);
        await attempts.handle(records, { from, next: from + records.length, first: false });
        this.committed = Math.max(this.committed, from + records.length - lag);
      }
      this.committed = this.records.length;
    };
    await Promise.race([ended, work()]);
  }
}

function recordAt(offset: number): LogRecord {
  return { topic: 'topic', partition: 0, offset, key: 'key', value: null, headers: {}, timestamp: 0 };
}

test('whatever records end their process, each is handled three times and given up, and every other one is handled', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.uniqueArray(fc.nat({ max: 29 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat({ max: 20 }),
      async (count, places, batchSize, lag) => {
        const ending = places.filter((place) => place < count).sort((a, b) => a - b);
        const partition = new Partition(count, ending);
        // Each process ends at one record; one more works off the rest.
        for (let processes = 0; processes <= ending.length * ATTEMPTS; processes += 1)
          await partition.run(batchSize, lag);
        expect(partition.committed).toBe(count);
        expect([...partition.dead].sort((a, b) => a - b)).toEqual(ending);
        for (const offset of ending) expect(partition.handlings.get(offset)).toBe(ATTEMPTS);
        expect(partition.finished.size).toBe(count - ending.length);
      },
    ),
  );
});
