/** Computes rows a second over the last seconds, from a few samples by the log's clock. */

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

/** Appends the sample. It replaces the last sample where that is too close to the one before it. */
export function addSample(samples: readonly RateSample[], sample: RateSample): RateSample[] {
  const before = samples.at(-2);
  const crowded =
    samples.length >= 2 && before !== undefined && sample.at - before.at < MIN_SAMPLE_DISTANCE_MS;
  const kept = crowded ? samples.slice(0, -1) : samples;
  return [...kept, sample].slice(-MAX_SAMPLES);
}

/** The rate from the first to the last sample; 0 where no time has passed. */
export function rowsPerSecond(samples: readonly RateSample[]): number {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return Math.max(0, Math.round(((last.rows - first.rows) * 1000) / (last.at - first.at)));
}
