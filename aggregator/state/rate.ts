/**
 * Computes rows a second over the last seconds, from a few samples by the log's clock. What was before a standstill does not count:
 * the rate of an import that goes on after one comes from what it does since.
 */

export interface RateSample {
  /** Milliseconds since 1970, of the log's clock. */
  readonly at: number;
  /** Rows reported at that time. */
  readonly rows: number;
}

/** Samples kept, at most. */
const MAX_SAMPLES = 8;
/** Milliseconds between two samples, at least. So a full list of samples spans at least seven of these intervals. */
const MIN_SAMPLE_DISTANCE_MS = 700;
/** Milliseconds for which a sample counts. A chunk is worked off in far less. */
const SAMPLE_LIFE_MS = 20_000;

/** Appends the sample, and drops those that no longer count. It replaces the last sample where that is too close to the one before it. */
export function addSample(samples: readonly RateSample[], sample: RateSample): RateSample[] {
  const recent = recentSamples(samples, sample.at);
  const before = recent.at(-2);
  const crowded = before !== undefined && sample.at - before.at < MIN_SAMPLE_DISTANCE_MS;
  const kept = crowded ? recent.slice(0, -1) : recent;
  return [...kept, sample].slice(-MAX_SAMPLES);
}

/** @param now milliseconds since 1970, of the log's clock */
export function recentSamples(samples: readonly RateSample[], now: number): readonly RateSample[] {
  return samples.filter(({ at }) => now - at <= SAMPLE_LIFE_MS);
}

/** The rate from the first to the last sample; 0 where no time has passed. */
export function rowsPerSecond(samples: readonly RateSample[]): number {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return Math.max(0, Math.round(((last.rows - first.rows) * 1000) / (last.at - first.at)));
}
