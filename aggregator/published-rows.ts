import { type BucketCounts, buckets } from '@tidings/contracts/import.ts';

/**
 * The buckets as they are shown: never negative, with the same sum. A chunk may move the row of a chunk that has not reported yet,
 * which leaves a deficit for a moment: it is taken from the largest bucket.
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
