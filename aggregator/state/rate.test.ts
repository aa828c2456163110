import { expect, test } from 'vitest';
import { addSample, type RateSample, recentSamples, rowsPerSecond } from './rate.ts';

/** The samples that are kept of one every `everyMs` milliseconds, each with `rows` more. */
function sampled(count: number, everyMs: number, rows: number): readonly RateSample[] {
  let samples: readonly RateSample[] = [];
  for (let index = 0; index < count; index += 1) {
    samples = addSample(samples, { at: 1_000_000 + index * everyMs, rows: index * rows });
  }
  return samples;
}

test('a steady rate is found, however close the samples are', () => {
  for (const everyMs of [10, 100, 700, 5_000]) {
    expect(rowsPerSecond(sampled(2_000, everyMs, everyMs))).toBe(1_000);
  }
});

test('few samples are kept, they span some seconds, and the newest is one of them', () => {
  const samples = sampled(2_000, 10, 1);
  expect(samples.length).toBe(8);
  expect(samples.at(-1)?.rows).toBe(1_999);
  expect((samples.at(-1)?.at ?? 0) - (samples.at(0)?.at ?? 0)).toBeGreaterThanOrEqual(6 * 700);
});

test('a change of the rate shows after some seconds', () => {
  let samples = sampled(1_000, 100, 100);
  const { at = 0, rows = 0 } = samples.at(-1) ?? {};
  for (let second = 1; second <= 10; second += 1) {
    samples = addSample(samples, { at: at + second * 1_000, rows: rows + second * 10 });
  }
  expect(rowsPerSecond(samples)).toBe(10);
});

test('after a standstill the rate comes from what is done since', () => {
  const before = sampled(100, 100, 100);
  const { at = 0, rows = 0 } = before.at(-1) ?? {};
  const since = at + 600_000;
  let samples = addSample(before, { at: since, rows });
  expect(rowsPerSecond(samples)).toBe(0);
  samples = addSample(samples, { at: since + 1_000, rows: rows + 50 });
  expect(rowsPerSecond(samples)).toBe(50);
});

test('samples count for some seconds', () => {
  const samples = sampled(100, 100, 100);
  const { at = 0 } = samples.at(-1) ?? {};
  expect(recentSamples(samples, at + 10_000)).toEqual(samples);
  expect(recentSamples(samples, at + 60_000)).toEqual([]);
});

test('without time between the samples, or with fewer rows than before, the rate is 0', () => {
  expect(rowsPerSecond([])).toBe(0);
  expect(rowsPerSecond([{ at: 5, rows: 10 }])).toBe(0);
  expect(
    rowsPerSecond([
      { at: 5, rows: 10 },
      { at: 5, rows: 20 },
    ]),
  ).toBe(0);
  expect(
    rowsPerSecond([
      { at: 5, rows: 10 },
      { at: 1_005, rows: 0 },
    ]),
  ).toBe(0);
});
