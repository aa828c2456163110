import { expect, it } from 'vitest';
import { readOnAt, type ShownList } from './use-more.ts';

const shown = (count: number, ...keys: (string | null)[]): ShownList => ({ count, keys, hasMore: true });

it('reading goes on at the first that is new, wherever others have come in between', () => {
  expect(readOnAt(shown(2, 'a', 'b'), shown(4, 'a', 'b', 'c', 'd'))).toBe(2);
  // An order that somebody has given meanwhile stands by its time.
  expect(readOnAt(shown(2, 'a', 'b'), shown(3, 'a', null, 'b', null, 'c'))).toBe(4);
});

// The position of the old end was focused, which is nothing where what has come is told together with what was there.
it('reading goes on at the last that was there where it has grown, and nowhere where nothing has come', () => {
  expect(readOnAt(shown(9, 'a', 'b'), shown(12, 'a', 'b', null))).toBe(1);
  expect(readOnAt(shown(9, 'a', 'b'), shown(9, 'a', null, 'b', null))).toBe(-1);
});
