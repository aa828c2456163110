/** Rows by bucket: a bar of patterned segments, and a legend that names, counts and explains them. */
import './buckets.css';
import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { type Bucket, type BucketCounts, buckets, sumRows } from '@tidings/contracts/imports/import.ts';
import { formatCount, formatShare } from '../../words/format/format.ts';
import { bucketWords } from '../../words/words.ts';

export function BucketBar({ rows, slim = false }: { rows: ImportState['rows']; slim?: boolean }) {
  const whole = Math.max(rows.total ?? 0, sumRows(rows));
  const filled = buckets.filter((bucket) => rows[bucket] > 0);
  return (
    <div class={slim ? 'bar bar-slim' : 'bar'} aria-hidden="true">
      {filled.map((bucket) => (
        <span key={bucket} class={`segment fill-${bucket}`} style={{ flexGrow: rows[bucket] }}>
          {!slim && <span class="segment-text">{bucketWords[bucket].name}</span>}
        </span>
      ))}
      {whole > sumRows(rows) && <span class="segment-rest" style={{ flexGrow: whole - sumRows(rows) }} />}
    </div>
  );
}

/** `failed` and `cancelled` are rare: they are shown only when there are some, the others always. */
const always: ReadonlySet<Bucket> = new Set(['created', 'updated', 'unchanged', 'duplicate', 'rejected']);

export function BucketLegend({ rows }: { rows: BucketCounts }) {
  const sum = sumRows(rows);
  return (
    <dl class="legend">
      {buckets
        .filter((bucket) => always.has(bucket) || rows[bucket] > 0)
        .map((bucket) => (
          <div key={bucket} class={rows[bucket] > 0 ? 'legend-item' : 'legend-item is-zero'}>
            <dt>
              <span class={`swatch fill-${bucket}`} aria-hidden="true" />
              <span class="legend-name">{bucketWords[bucket].name}</span>
            </dt>
            <dd>
              <span class="legend-count" data-testid={`bucket-${bucket}`}>
                {formatCount(rows[bucket])}
              </span>
              <span class="legend-share">{rows[bucket] > 0 && formatShare(rows[bucket], sum)}</span>
              <span class="legend-meaning">{bucketWords[bucket].meaning}</span>
            </dd>
          </div>
        ))}
    </dl>
  );
}
