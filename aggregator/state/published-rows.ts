import { type BucketCounts, buckets } from '@tidings/contracts/imports/import.ts';

/**
 * The buckets as clients see them: never negative, with the same sum. A chunk may move the row of a chunk that has not reported yet,
 * which leaves a bucket negative for a moment; the deficit is taken from the largest bucket.
 */
export function publishedRows(totals: BucketCounts): BucketCounts {
  const rows = { ...totals };
  for (const bucket of buckets) {
    while (rows[bucket] < 0) {
      const largest = buckets.reduce((most, other) => (rows[other] > rows[most] ? other : most));
      const covered = Math.min(-rows[bucket], rows[largest]);
      if (covered <= 0) break;
      rows[largest] -= covered;
      rows[bucket] += covered;
    }
    rows[bucket] = Math.max(0, rows[bucket]);
  }
  return rows;
}
