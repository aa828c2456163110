import fc from 'fast-check';
import { validate, version } from 'uuid';
import { expect, test } from 'vitest';
import { importIdOfKey } from './import-id.ts';

test('a key names one import of its owner: a UUID of version 8 that depends on both', () => {
  expect(importIdOfKey('mira', 'a')).toBe(importIdOfKey('mira', 'a'));
  expect(
    new Set([importIdOfKey('mira', 'a'), importIdOfKey('mir', 'aa'), importIdOfKey('noor', 'a')]).size,
  ).toBe(3);
  fc.assert(
    fc.property(fc.string(), fc.string(), (owner, key) => {
      const id = importIdOfKey(owner, key);
      expect([validate(id), version(id)]).toEqual([true, 8]);
    }),
  );
});
