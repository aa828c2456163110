import fc from 'fast-check';
import { expect, it } from 'vitest';
import { growRange, type RowRange, rangeInWindow } from './visible-rows.ts';

const place = fc.record({
  count: fc.integer({ min: 0, max: 5_000 }),
  top: fc.integer({ min: -300_000, max: 2_000 }),
  height: fc.integer({ min: 100, max: 3_000 }),
});

it('rows in the window are drawn, and of a long list not many more', () => {
  fc.assert(
    fc.property(place, ({ count, top, height }) => {
      const { from, to } = rangeInWindow(count, 48, top, height);
      expect(0 <= from && from <= to && to <= count).toBe(true);
      for (let row = 0; row < count; row += 1) {
        const [above, below] = [top + row * 48, top + (row + 1) * 48];
        if (below > 0 && above < height) expect(row >= from && row < to).toBe(true);
      }
      expect(to - from).toBeLessThanOrEqual(Math.ceil(height / 48) + 2 + 24);
    }),
  );
});

// A turn of the wheel over a whole window drew forty rows in one task, which took a quarter of a second.
it('rows come few at a time, those in the window first, until all are there', () => {
  const within = (inner: RowRange, outer: RowRange) => inner.from >= outer.from && inner.to <= outer.to;
  const common = (one: RowRange, other: RowRange) =>
    Math.max(0, Math.min(one.to, other.to) - Math.max(one.from, other.from));
  const before = fc.record({
    from: fc.integer({ min: 0, max: 5_000 }),
    rows: fc.integer({ min: 0, max: 80 }),
  });
  fc.assert(
    fc.property(place, before, fc.integer({ min: 1, max: 30 }), ({ count, top, height }, given, most) => {
      const seen = rangeInWindow(count, 48, top, height, 0);
      const near = rangeInWindow(count, 48, top, height);
      let drawn = { from: given.from, to: given.from + given.rows };
      for (let frame = 0; drawn.from !== near.from || drawn.to !== near.to; frame += 1) {
        const next = growRange(drawn, { seen, near }, most);
        expect(within(next, near)).toBe(true);
        expect(next.to - next.from - common(next, drawn)).toBeLessThanOrEqual(most);
        const kept = { from: Math.max(drawn.from, near.from), to: Math.min(drawn.to, near.to) };
        // Rows with a gap to the window were kept, and the gap was closed before the window had a row.
        const touches = kept.from < kept.to && kept.from <= seen.to && kept.to >= seen.from;
        if (touches) expect(common(next, drawn), 'what is drawn and near stays').toBe(common(near, drawn));
        if (seen.from < seen.to && !within(seen, drawn))
          expect(common(next, seen), 'the window has them first').toBeGreaterThan(common(drawn, seen));
        expect(frame).toBeLessThanOrEqual(Math.ceil((near.to - near.from) / most) + 1);
        drawn = next;
      }
      expect(drawn).toEqual(near);
    }),
  );
});
