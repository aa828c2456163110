/** How fast an amount grows, from samples of the last seconds. Pure. */

export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly amount: number;
}

/** Milliseconds that the samples span, at most. */
const WINDOW_MS = 10_000;
/** Milliseconds without a sample after which the older ones say nothing of the present pace. */
const LONGEST_GAP_MS = 3_000;
/** Milliseconds between two samples, at least: so a sample stands for a while, however often the amount is told. */
const LEAST_DISTANCE_MS = 250;
const MAX_SAMPLES = 2 + WINDOW_MS / LEAST_DISTANCE_MS;

/** The newest samples with this one. They begin anew after a gap, and where the amount or the clock runs backwards. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last !== undefined && !follows(sample, last)) return [sample];
  const recent = samples.filter(({ at }) => sample.at - at <= WINDOW_MS);
  const lastButOne = recent.at(-2);
  const isCrowded = lastButOne !== undefined && sample.at - lastButOne.at < LEAST_DISTANCE_MS;
  return [...(isCrowded ? recent.slice(0, -1) : recent), sample].slice(-MAX_SAMPLES);
}

function follows(sample: Sample, last: Sample): boolean {
  const passed = sample.at - last.at;
  return sample.amount >= last.amount && passed >= 0 && passed <= LONGEST_GAP_MS;
}

/**
 * The amount per second.
 *
 * @param leastMs milliseconds that the samples must span
 * @returns null before they span as much
 */
export function perSecond(samples: readonly Sample[], leastMs: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < leastMs) return null;
  return ((last.amount - first.amount) * 1000) / (last.at - first.at);
}

/** Milliseconds until so much more has come; null where the pace does not tell. */
export function timeFor(amount: number, pace: number | null): number | null {
  return pace === null || pace <= 0 ? null : (Math.max(amount, 0) * 1000) / pace;
}
