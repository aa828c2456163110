/** Rows in the encoding of their file are never told as rows of another one, in any language; nearly all rows of another one are. */
import { encodings } from '@tidings/contracts/files/csv.ts';
import { otherEncodingReader } from '@tidings/csv/encoding/other-encoding.ts';
import { createDecoder } from '@tidings/csv/encoding/text-decoder.ts';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { namesByLanguage } from './names.ts';

/** What Node.js calls otherwise than the library that writes it. */
const WRITTEN: Readonly<Record<string, string>> = { 'x-mac-cyrillic': 'maccyrillic', 'euc-kr': 'cp949' };

/** A letter beyond ASCII beside a letter: `伟 王` may be anything. */
const IN_WORD = /\p{L}(?!\p{ASCII})\p{L}|(?!\p{ASCII})\p{L}\p{L}/u;

function read(bytes: Uint8Array, encoding: (typeof encodings)[number]): string {
  const decoder = createDecoder(encoding);
  return decoder.push(bytes) + decoder.end();
}

test('names are not told in any encoding that has their letters: as they are, in capital letters, beside one another', () => {
  const name = fc.constantFrom(...namesByLanguage.flatMap(({ names }) => names));
  const cell = fc.oneof(
    name,
    name.map((one) => one.toUpperCase()),
    fc.tuple(name, fc.constantFrom('“', '” ', ' – ', ' & ', '’', '…'), name).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 3 }), (cells) => {
      for (const encoding of encodings) {
        if (!iconv.encodingExists(WRITTEN[encoding] ?? encoding)) continue;
        const bytes = iconv.encode(cells.join('\x01'), WRITTEN[encoding] ?? encoding);
        if (read(bytes, encoding) === cells.join('\x01'))
          expect([encoding, otherEncodingReader(encoding)?.read(cells) ?? null]).toEqual([encoding, null]);
      }
    }),
    { numRuns: 3_000 },
  );
});

test('names in UTF-8 are told in files of one byte a letter', () => {
  for (const { names } of namesByLanguage)
    for (const encoding of ['windows-1252', 'windows-1250', 'windows-1251', 'macintosh', 'koi8-r'] as const)
      for (const name of names.filter((one) => IN_WORD.test(one))) {
        const cells = ['ada@a.test', read(Buffer.from(name), encoding)];
        // Bytes that mean nothing are rejected as such.
        if (!/[\x80-\x9f\ufffd]/.test(cells.join('')))
          expect(otherEncodingReader(encoding)?.read(cells)).toEqual(['ada@a.test', name]);
      }
});
