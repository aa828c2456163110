import type { Request } from 'express';
import { expect, test } from 'vitest';
import { preferredWait } from './authenticate.ts';

// What is no whole number was read up to its first other character: `wait=1e1` as one second.
test.each([
  ['wait=10', 10],
  ['handling=strict, Wait = "5"', 5],
  ['wait=7;foo=bar, wait=30', 7],
  ['wait=99999999999999999999', 60],
  ['wait=0', 0],
  ['wait=1e1', null],
  ['wait=1.5', null],
  ['wait=-5', null],
  ['wait="5', null],
  ['wait=', null],
  ['await=5', null],
])('Prefer: %s is a wait of %s seconds', (prefer, seconds) => {
  const request = { get: () => prefer } as unknown as Request;
  expect(preferredWait(request)).toBe(seconds);
});
