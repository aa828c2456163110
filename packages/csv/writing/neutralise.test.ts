import { delimiters } from '@tidings/contracts/files/csv.ts';
import { CsvError, parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepRestored, neutraliseCell, restoreCell } from './neutralise.ts';
import { writeQuotedRecord } from './write.ts';

const triggers = '=+-@\t\r＝＋－＠';
const arbitraryPiece = fc.constantFrom(
  ...triggers,
  ...'\',;|\n"a0 ',
  '\u00a0',
  '\u200b',
  '\u0001',
  '=1+1',
  '\r\n',
  ...'15e.:/%€',
  'jan',
  'true',
  'kr',
  '５',
);

/** Strings made of what spreadsheets and CSV take for special, and of anything else. */
const arbitraryCell = fc.oneof(
  { weight: 4, arbitrary: fc.array(arbitraryPiece, { maxLength: 9 }).map((pieces) => pieces.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

describe('neutralised cells', () => {
  it('come back as they were, and so do others', () => {
    fc.assert(
      fc.property(arbitraryCell, (cell) => {
        expect(restoreCell(neutraliseCell(cell))).toBe(cell);
        expect(restoreCell(keepRestored(cell))).toBe(cell);
      }),
      { numRuns: 20_000 },
    );
  });

  // Only the start of a cell was looked at: a reader with another separator ran what stood behind `;`, tab or a newline.
  it('begin with no trigger, whichever separator their reader takes, with quotes and without', () => {
    const table = fc.array(fc.array(arbitraryCell, { minLength: 2, maxLength: 3 }), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(table, fc.constantFrom(...delimiters), (records, written) => {
        const file = records.map((cells) => writeQuotedRecord(cells.map(neutraliseCell), written)).join('');
        for (const delimiter of delimiters) {
          for (const quote of ['"', null]) {
            for (const record_delimiter of [['\r\n'], ['\r\n', '\n', '\r']]) {
              const cells = readAsFarAsPossible(file, { delimiter, quote, record_delimiter });
              expect(cells.filter((cell) => cell !== '' && triggers.includes(cell.charAt(0)))).toEqual([]);
            }
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30 1', "'+49 30 1"],
    ["'=1", "''=1"],
    ['＠x', "'＠x"],
    ['x;=1', "x;'=1"],
    ['x\t@SUM(A1)', "x\t'@SUM(A1)"],
    ['a\n-b\r\n\n"+c"', 'a\n\'-b\r\n\n\'"+c"'],
    [' "=1"', '\' "=1"'],
    ['\n', "'\n'"],
    ['a,', "a,'"],
    ['a\n\nb', 'a\n\nb'],
  ])('%j become %j', (cell, neutral) => {
    expect(neutraliseCell(cell)).toBe(neutral);
  });

  // Excel took these for numbers and dates, and wrote them back as such: leading zeros and digits were gone for good.
  it.each([
    ...['0301', '491711234567', '4.9E+11', '1e5', '3.10', '1,50', '02.03.2026', '2026-01-02', '1/2', '12:30'],
    ...[
      '5 May',
      'MARCH1',
      '1. Mär 2026',
      '10 %',
      '€5',
      // A bookkeeper’s way to write -5, as which Excel took it.
      '(5)',
      '($1,500)',
      '5 €',
      'TRUE',
      '2026年1月2日',
      '5 pm',
      ' 0301 ',
      "'01",
    ],
  ])('%j gets an apostrophe, because a spreadsheet converts it', (cell) => {
    expect(neutraliseCell(cell)).toBe(`'${cell}`);
    expect(restoreCell(`'${cell}`)).toBe(cell);
  });

  // LibreOffice, opened in 36 languages, took these for numbers, dates, money or truth values: `5-` came back as -5, `WAHR` as TRUE.
  it.each([
    ...[
      '5-',
      '5 -',
      '1.',
      '.5',
      ',5',
      '5.-',
      '12 1/2-',
      '5-%',
      '1 E5',
      '5 e 5',
      '1\u00a0234,5',
      '10:',
      '10:30:15,5',
      '1/2/',
    ],
    ...['€-5', '(1,5 €)', '$(5)', 'NT$5', '5 kr', 'zł 5', '5 Kč', 'CHF5', '5 грн.', '5 lei'],
    ...['५', '۱۴۰۲/۰۱/۰۱', '１/２', '1２', '1e５'],
    ...[
      '2023-03-15T10:30:15,5',
      '10:30 odp.',
      'H30.1.1',
      'Mo 01.05.23',
      'Monday, May 1, 2023',
      'lundi 1 mai 2023',
    ],
    ...['WAHR', 'faux', 'FALSO', 'PRAWDA', 'ІСТИНА', 'EPÄTOSI', 'DOĞRU', '真'],
  ])('%j gets an apostrophe, because a spreadsheet of some language converts it', (cell) => {
    expect(neutraliseCell(cell)).toBe(`'${cell}`);
    expect(restoreCell(`'${cell}`)).toBe(cell);
  });

  it.each([
    ...[
      '0',
      '12',
      '(a)',
      '(5) apples',
      '12345678901',
      'Ada 1',
      '5 apples',
      '12 Main Street',
      'a0301',
      'e5',
      '12a Oak Road',
      'B 12',
      'wahrlich',
      '1½',
      'trueish',
      '1 of 2',
    ],
  ])('%j stays as it is, because a spreadsheet changes nothing', (cell) => {
    expect(neutraliseCell(cell)).toBe(cell);
  });

  it.each([
    ["O'Neil", "O'Neil"],
    ["'tis", "'tis"],
    ['a=b', 'a=b'],
    ['', ''],
  ])('%j become %j', (cell, neutral) => {
    expect(neutraliseCell(cell)).toBe(neutral);
  });

  it('that a spreadsheet saved without the apostrophe are left as they are', () => {
    for (const cell of ['+49 30 1', '=1+1', "'tis", 'x;=1']) expect(restoreCell(cell)).toBe(cell);
  });

  it('cost no more time for each character, however many blanks or separators stand in them', () => {
    const long = 200_000;
    // The last is a blank and an invisible character at once: one pattern for each would try every combination.
    const unmarked = `,${'\ufeff'.repeat(long)}`;
    for (const cell of [
      ' '.repeat(long),
      ','.repeat(long),
      ' \n'.repeat(long / 2),
      "'".repeat(long),
      unmarked,
    ]) {
      expect(restoreCell(neutraliseCell(`${cell}x`))).toBe(`${cell}x`);
    }
  });
});

interface Reader {
  readonly delimiter: string;
  readonly quote: string | null;
  readonly record_delimiter: string[];
}

/** The cells of a file; none where csv-parse refuses it for a quote that is not closed. */
function readAsFarAsPossible(file: string, reader: Reader): string[] {
  try {
    return parse(file, { ...reader, relax_quotes: true, relax_column_count: true }).flat();
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
