import { describe, expect, it } from 'vitest';
import { perSecond, type Sample, timeFor, withSample } from './pace.ts';

function sampled(samples: readonly Sample[]): readonly Sample[] {
  return samples.reduce<readonly Sample[]>(withSample, []);
}

/** One sample every half second. */
function steady(from: number, seconds: number, perSecond: number, amount = 0): Sample[] {
  return Array.from({ length: seconds * 2 + 1 }, (_, index) => ({
    at: from + index * 500,
    amount: amount + (index * perSecond) / 2,
  }));
}

describe('a pace', () => {
  it('is that of the last seconds', () => {
    const slowThenFast = sampled([...steady(0, 60, 100), ...steady(60_500, 15, 9_000, 6_000)]);
    expect(perSecond(slowThenFast, 2_000)).toBe(9_000);
  });

  it('is not known before there is enough to compare', () => {
    expect(perSecond([], 250)).toBeNull();
    expect(perSecond(sampled(steady(0, 1, 100)), 2_000)).toBeNull();
    expect(perSecond(sampled(steady(0, 2, 100)), 2_000)).toBe(100);
  });

  it('after an outage is computed from what happens since, not from the outage', () => {
    const before = steady(0, 10, 20_000);
    const away = sampled([...before, { at: 70_000, amount: 200_000 }]);
    expect(perSecond(away, 2_000)).toBeNull();
    const again = sampled([...before, ...steady(70_000, 3, 20_000, 200_000)]);
    expect(perSecond(again, 2_000)).toBe(20_000);
  });

  it('begins anew where the amount is smaller than before', () => {
    expect(sampled([...steady(0, 5, 100), { at: 5_200, amount: 30 }])).toEqual([{ at: 5_200, amount: 30 }]);
  });

  it('keeps few samples, however close they are', () => {
    const crowded = sampled(Array.from({ length: 20_000 }, (_, index) => ({ at: index, amount: index })));
    expect(crowded.length).toBeLessThanOrEqual(42);
    expect(crowded.at(-1)).toEqual({ at: 19_999, amount: 19_999 });
    expect(perSecond(crowded, 2_000)).toBe(1_000);
  });
});

describe('the time to go', () => {
  it('is what is left over the pace', () => {
    expect(timeFor(8_520, 8_520)).toBe(1_000);
    expect(timeFor(-5, 10)).toBe(0);
  });

  it('is not known without a pace, or without movement', () => {
    expect(timeFor(10, null)).toBeNull();
    expect(timeFor(10, 0)).toBeNull();
  });
});
