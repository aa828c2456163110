import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryCellPiece,
  arbitraryCellText as cell,
  arbitraryDelimiter as delimiter,
  arbitraryNewline as newline,
} from '../test/cut-model.ts';
import { writeQuotedRecord, writeRecord } from '../writing/write.ts';
import { readTextRecords } from './text-records.ts';

const first = { row: 100, line: 10 };

function cellsOf(text: string, by: Delimiter): string[][] | null {
  return readTextRecords(text, by, first)?.records.map(({ cells }) => cells) ?? null;
}

/** What the chunk's own reader replaces: csv-parse with the options that the cutter's rules come to. */
function csvParse(text: string, by: string): string[][] {
  return parse(text, {
    delimiter: by,
    // Without this list csv-parse takes the first newline for the only kind of the file, and merges rows.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
}

describe('the records of a text', () => {
  it('are those of csv-parse, whatever stands in the cells', () => {
    const records = fc.array(
      fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), fc.boolean(), newline),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(records, delimiter, fc.boolean(), (written, by, isCutShort) => {
        const text = written.map(([cells, quoted, end]) => {
          const record = quoted ? writeQuotedRecord(cells, by) : writeRecord(cells, by);
          return record.slice(0, -2) + end;
        });
        const whole = isCutShort ? text.join('').replace(/(\r\n|\r|\n)$/, '') : text.join('');
        expect(cellsOf(whole, by)).toEqual(written.map(([cells]) => cells));
        expect(cellsOf(whole, by)).toEqual(csvParse(whole, by));
      }),
      { numRuns: 2_000 },
    );
  });

  it('are those of csv-parse in any soup of characters, or it is not read', () => {
    const soup = fc.array(arbitraryCellPiece, { maxLength: 30 }).map((parts) => parts.join(''));
    let read = 0;
    fc.assert(
      fc.property(soup, delimiter, (text, by) => {
        const cells = cellsOf(text, by);
        if (cells === null) return;
        read += 1;
        expect(cells).toEqual(csvParse(text, by));
      }),
      { numRuns: 5_000 },
    );
    expect(read).toBeGreaterThan(1_000);
  });

  it('have their numbers and lines; empty lines are no records, but count as lines', () => {
    const text = 'a,1\r\n\r\n"b\n\r\r\n",2\r\n\n"c",3';
    expect(readTextRecords(text, ',', first)).toEqual({
      records: [
        { row: 100, line: 10, cells: ['a', '1'] },
        { row: 101, line: 12, cells: ['b\n\r\r\n', '2'] },
        { row: 102, line: 17, cells: ['c', '3'] },
      ],
      newlines: 7,
    });
  });

  it.each(['"a', '"a"b,c\n', 'x,"a" \n', '"a""\n'])(
    'are not read where a quote is not well closed: %j',
    (text) => {
      expect(readTextRecords(text, ',', first)).toBeNull();
    },
  );
});
