import { expect, it } from 'vitest';
import { givePlaces } from './row-blocks.tsx';

// A row that came back between others stood behind them all.
it('rows keep their places, and one that comes between two others stands between them', () => {
  const places = new Map<number, number>();
  const after = (...rows: number[]) => {
    givePlaces(places, rows);
    return rows.map((row) => places.get(row));
  };
  expect(after(2, 5, 9)).toEqual([0, 1, 2]);
  expect(after(5, 9, 12)).toEqual([1, 2, 3]);
  expect(after(1, 5, 7, 8, 9, 12, 20)).toEqual([0, 1, 1, 1, 2, 3, 4]);
  expect(after(2, 5)).toEqual([0, 1]);
});
