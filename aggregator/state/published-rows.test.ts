import { type BucketCounts, buckets, noRows, sumRows } from '@tidings/contracts/imports/import.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { publishedRows } from './published-rows.ts';

test('missing rows of a bucket are taken from the largest one', () => {
  const totals: BucketCounts = { ...noRows(), created: -2, duplicate: 5, updated: 1 };
  expect(publishedRows(totals)).toEqual({ ...noRows(), duplicate: 3, updated: 1 });
});

test('no bucket is negative, and the sum is that of the totals', () => {
  const totals = fc
    .tuple(...buckets.map(() => fc.integer({ min: -20, max: 50 })))
    .map((counts): BucketCounts => {
      const rows = noRows();
      for (const [index, bucket] of buckets.entries()) rows[bucket] = counts[index] ?? 0;
      return rows;
    })
    .filter((rows) => sumRows(rows) >= 0);
  fc.assert(
    fc.property(totals, (rows) => {
      const published = publishedRows(rows);
      expect(Math.min(...Object.values(published))).toBeGreaterThanOrEqual(0);
      expect(sumRows(published)).toBe(sumRows(rows));
    }),
  );
});
