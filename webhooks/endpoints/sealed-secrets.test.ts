import { expect, test } from 'vitest';
import { createSealedSecrets } from './sealed-secrets.ts';

const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];

test('a secret is opened by the key that sealed it, also as the former one, and by no other', () => {
  const sealed = createSealedSecrets([first]).seal('whsec_abc');
  expect(sealed).not.toContain('abc');
  expect(createSealedSecrets([first]).open(sealed)).toBe('whsec_abc');
  expect(createSealedSecrets([second, first]).open(sealed)).toBe('whsec_abc');
  expect(createSealedSecrets([second]).open(sealed)).toBeNull();
  expect(createSealedSecrets([first]).open(`${sealed.slice(0, -4)}AAAA`)).toBeNull();
  expect(createSealedSecrets([first]).open('')).toBeNull();
});
