/** Text that was saved in the wrong encoding is found in the names of every language, and never in the names themselves. */
import { readEncodedTwice } from '@tidings/csv/encoded-twice.ts';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { namesByLanguage } from './names.ts';

const names = namesByLanguage.flatMap((one) => one.names);
const IN_WORD = /\p{L}(?!\p{ASCII})\p{L}|(?!\p{ASCII})\p{L}\p{L}/u;

/** As a program saves the text that takes its UTF-8 for the other encoding, and keeps the bytes that it leaves undefined. */
function encodeTwice(text: string, encoding: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const letter = iconv.decode(Buffer.of(byte), encoding);
      return letter === '\uFFFD' ? String.fromCharCode(byte) : letter;
    })
    .join('');
}

test('names of every language are found, whichever encoding they were taken for', () => {
  for (const meant of names.filter((name) => IN_WORD.test(name)))
    for (const encoding of ['windows-1252', 'windows-1251'])
      expect(readEncodedTwice(encodeTwice(meant, encoding))?.meant).toBe(meant);
});

test('names are not taken for such text: in capital letters, in quotes, and beside one another', () => {
  const mark = fc.constantFrom('', ' ', '“', '”', '«', '»', '’', '–', '…', '°', '®', '\u00a0', '\u00ad');
  const name = fc.constantFrom(...names);
  // A mark between two names has a space on one side: `á»Ž` is a letter of Vietnamese, and no text of two names.
  const between = fc.constantFrom('', ' ', '” ', '» ', '… ', ' “', ' «', ' – ', '\u00a0');
  const text = fc.oneof(fc.tuple(mark, name, mark), fc.tuple(mark, name, between, name, mark));
  fc.assert(
    fc.property(text, fc.boolean(), (parts, isLarge) => {
      const written = parts.join('');
      expect(readEncodedTwice(isLarge ? written.toUpperCase() : written)).toBeNull();
    }),
    { numRuns: 5_000 },
  );
});

test('no two letters of these names are taken for such text', () => {
  const letters = [...new Set(names.flatMap((name) => [...name, ...name.toUpperCase()]))].filter((letter) =>
    /\p{L}/u.test(letter),
  );
  const pairs = letters.flatMap((one) => letters.map((other) => one + other));
  expect(pairs.filter((pair) => readEncodedTwice(pair) !== null)).toEqual([]);
});
