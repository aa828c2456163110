/**
 * The words of an import and the sums over them, without any schema: `import.ts` builds its schemas on this and passes it
 * on. It stands apart because a page imports it, and must not carry a schema library to the browser.
 */
import type { ImportState } from './import.ts';

export const buckets = [
  'created',
  'updated',
  'unchanged',
  'duplicate',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type Bucket = (typeof buckets)[number];
/** Rows by bucket; signed where it is a delta. */
export type BucketCounts = Record<Bucket, number>;

export function noRows(): BucketCounts {
  return { created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0, failed: 0, cancelled: 0 };
}

export function sumRows(counts: BucketCounts): number {
  return buckets.reduce((sum, bucket) => sum + counts[bucket], 0);
}

export const importStatuses = [
  'accepted',
  'importing',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelling',
  'cancelled',
  'undoing',
  'undone',
] as const;
export type ImportStatus = (typeof importStatuses)[number];

export const endedStatuses: ReadonlySet<ImportStatus> = new Set([
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
  'undone',
]);

/** Rows reported so far, the sum of the buckets. */
export function rowsReported(state: ImportState): number {
  return sumRows(state.rows);
}

export function hasEnded(state: ImportState): boolean {
  return endedStatuses.has(state.status);
}
