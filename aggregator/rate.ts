/** Rows a second over the last seconds, from a handful of samples of the log's clock. */

export interface RateSample {
  /** Milliseconds since 1970, of the log's clock. */
  readonly at: number;
  /** Rows reported by then. */
  readonly rows: number;
}

/** Samples kept, at most. */
const MAX_SAMPLES = 8;
/** Milliseconds between two samples, at least: the window spans at least seven of them once there is so much. */
const MIN_SAMPLE_DISTANCE_MS = 700;

/** The newest sample always stands last; a sample that is too near to the one before it takes the place of the last. */
export function addSample(samples: readonly RateSample[], sample: RateSample): RateSample[] {
  const before = samples.at(-2);
  const crowded =
    samples.length >= 2 && before !== undefined && sample.at - before.at < MIN_SAMPLE_DISTANCE_MS;
  const kept = crowded ? samples.slice(0, -1) : samples;
  return [...kept, sample].slice(-MAX_SAMPLES);
}

/** From the first to the last sample; 0 where no time has passed. */
export function rowsPerSecond(samples: readonly RateSample[]): number {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return Math.max(0, Math.round(((last.rows - first.rows) * 1000) / (last.at - first.at)));
}
