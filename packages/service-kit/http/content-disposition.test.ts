import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachmentNamed } from './content-disposition.ts';

const nameIn = (header: string) =>
  decodeURIComponent(
    /^attachment; filename="plain\.csv"; filename\*=UTF-8''([\w.!#$&+^`|~%-]*)$/.exec(header)?.[1] ?? '%',
  );

test('a name of any script arrives as it is', () => {
  for (const name of ["Кон'такты (2)*.csv", '🎈 100% "ü".csv', 'a;b=c.csv']) {
    expect(nameIn(attachmentNamed(name, 'plain.csv'))).toBe(name);
  }
});

test('halves of surrogate pairs and control characters are left out, and no character is cut apart', () => {
  expect(nameIn(attachmentNamed('a\ud83c\0\r\n\u0085b\udf88.csv', 'plain.csv'))).toBe('ab.csv');
  expect(nameIn(attachmentNamed('🎈'.repeat(400), 'plain.csv'))).toBe('🎈'.repeat(300));
});

test('any string makes a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(attachmentNamed(name, 'plain.csv')).toMatch(/^[\x20-\x7e]+$/);
      expect(nameIn(attachmentNamed(name, 'plain.csv'))).not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
    { numRuns: 2000 },
  );
  for (let unit = 0; unit <= 0xffff; unit += 1) attachmentNamed(String.fromCharCode(unit), 'plain.csv');
});
