import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { hashedUuid } from './hashed-uuid.ts';

test('the same parts give the same UUID of version 8, and any others another one', () => {
  const part = fc.oneof(fc.string(), fc.maxSafeNat(), fc.constant(null));
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (one, other) => {
      const id = hashedUuid(...one);
      expect(z.uuid({ version: 'v8' }).safeParse(id).success).toBe(true);
      expect(hashedUuid(...one)).toBe(id);
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(hashedUuid(...other) === id).toBe(isSame);
    }),
  );
});
