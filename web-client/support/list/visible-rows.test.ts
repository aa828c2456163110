import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rangeInWindow } from './visible-rows.ts';

it('rows in the window are drawn, and of a long list not many more', () => {
  const place = fc.record({
    count: fc.integer({ min: 0, max: 5_000 }),
    top: fc.integer({ min: -300_000, max: 2_000 }),
    height: fc.integer({ min: 100, max: 3_000 }),
  });
  fc.assert(
    fc.property(place, ({ count, top, height }) => {
      const { from, to } = rangeInWindow(count, 48, top, height);
      expect(0 <= from && from <= to && to <= count).toBe(true);
      for (let row = 0; row < count; row += 1) {
        const [above, below] = [top + row * 48, top + (row + 1) * 48];
        if (below > 0 && above < height) expect(row >= from && row < to).toBe(true);
      }
      if (count > 100) expect(to - from).toBeLessThanOrEqual(Math.ceil(height / 48) + 2 + 24);
      else expect([from, to]).toEqual([0, count]);
    }),
  );
});
