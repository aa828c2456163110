import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeRecord } from '../writing/write.ts';
import { splitRecord } from './split.ts';

/** Strings made of what spreadsheets and CSV take for special, and of anything else. */
const arbitraryCell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', '＝', 'a'), {
      maxLength: 6,
    })
    .map((parts) => parts.join('')),
);

describe('a written record', () => {
  it('is split into the cells that it was written from', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryCell, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(',', ';', '\t', '|'),
        (cells, delimiter) => {
          const written = writeRecord(cells, delimiter);
          expect(written.endsWith('\r\n')).toBe(true);
          expect(splitRecord(written, delimiter)).toEqual(cells);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('quotes where needed only, and never makes an empty line', () => {
    expect(writeRecord(['a', 'b "c"', 'd,e', 'f;g', 'h\ni', ''])).toBe('a,"b ""c""","d,e",f;g,"h\ni",\r\n');
    expect(writeRecord([''])).toBe('""\r\n');
    expect(writeRecord(['', ''])).toBe(',\r\n');
  });
});

describe('splitting a record', () => {
  it.each([
    ['a,b\n', ['a', 'b']],
    ['a,\r\n', ['a', '']],
    ['', ['']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b","",x', ['a"b', '', 'x']],
    ['"a,b', ['"a', 'b']],
    ['"a" ,b', ['"a" ', 'b']],
    ['"a"b",c', ['"a"b"', 'c']],
    ['x"y",z', ['x"y"', 'z']],
  ])('reads %j', (record, cells) => {
    expect(splitRecord(record, ',')).toEqual(cells);
  });

  it('leaves the rest in the last cell when there are too many', () => {
    expect(splitRecord('a,b,"c,d",e', ',', 3)).toEqual(['a', 'b', '"c,d",e']);
    expect(splitRecord('a,b', ',', 2)).toEqual(['a', 'b']);
    expect(splitRecord('a,b', ',', 1)).toEqual(['a,b']);
  });
});
