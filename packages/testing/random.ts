/** Random numbers by a seed, with which a failed test can be repeated. */

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The seed of a randomized test: that of the environment variable where it is set, else a new one.
 * Prints it as `VARIABLE=seed`, so that a failed run can be repeated.
 */
export function seedOf(variable: string): number {
  const seed = Number(process.env[variable] ?? Math.floor(Math.random() * 2 ** 32));
  if (!Number.isInteger(seed)) throw new Error(`${variable} must be a whole number`);
  process.stdout.write(`${variable}=${seed}\n`);
  return seed;
}
