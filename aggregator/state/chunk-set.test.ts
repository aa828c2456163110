import { MAX_CHUNKS } from '@tidings/contracts/imports/work.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkSet } from './chunk-set.ts';

test('a set of chunks is the same after base64, and takes in further chunks', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 65_535 })),
      fc.uniqueArray(fc.integer({ min: 0, max: 300 })),
      (some, others) => {
        const set = ChunkSet.fromBase64(ChunkSet.of(some).toBase64());
        expect([...set]).toEqual([...some].sort((a, b) => a - b));
        expect(set.size).toBe(some.length);
        const both = set.with(...others);
        expect(both.size).toBe(new Set([...some, ...others]).size);
        expect(both.covers(set)).toBe(true);
        expect(set.covers(both)).toBe(both.size === set.size);
      },
    ),
    { numRuns: 50 },
  );
});

test('a set is not changed by what is added to it', () => {
  const before = ChunkSet.of([1, 9]);
  const after = before.with(5, 9, 70);
  expect([...before]).toEqual([1, 9]);
  expect([...after]).toEqual([1, 5, 9, 70]);
  expect(after.with(5, 70)).toBe(after);
  expect([...ChunkSet.below(3)]).toEqual([0, 1, 2]);
});

test.each([-1, MAX_CHUNKS])('no chunk has the number %i', (chunk) => {
  expect(() => ChunkSet.empty.with(chunk)).toThrow(RangeError);
});
