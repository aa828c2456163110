import { afterEach, expect, it, vi } from 'vitest';
import { gatherByFrame } from './frames.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

// A tab that nobody saw kept every event of a day, and took them all in one task when somebody came back.
it('what is gathered in a tab without frames is handed over as soon as it is much', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  const taken: number[] = [];
  const frame = gatherByFrame<number>((items) => taken.push(items.length));
  for (let item = 0; item < 2_500; item += 1) frame.add([item]);
  expect(taken).toEqual([1_000, 1_000]);
});
