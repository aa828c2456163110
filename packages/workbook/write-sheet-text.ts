/**
 * Writes the rows of a sheet as CSV of one grammar, so that all that follows knows CSV alone: UTF-8, commas, and quotes where they must
 * be. A row of the sheet is a line of the text: newlines within cells become `LINE_BREAK`.
 */

import { LINE_BREAK } from '@tidings/csv/line-breaks.ts';
import { isContactsExport } from '@tidings/csv/writing/contacts-export.ts';
import { isRejectedExport } from '@tidings/csv/writing/rejected-export.ts';
import { writeRecord } from '@tidings/csv/writing/write.ts';
import type { SheetRow } from './open-workbook.ts';

/** Blank rows at the sheet's end are left out. */
export async function* writeSheetText(rows: AsyncIterable<readonly SheetRow[]>): AsyncGenerator<Uint8Array> {
  const writer = new SheetTextWriter();
  for await (const some of rows) {
    const text = some.map((row) => writer.write(row)).join('');
    if (text !== '') yield Buffer.from(text);
  }
}

class SheetTextWriter {
  /** The line on which the next row is written. */
  #line = 1;
  /** Cells of each row, at least. */
  #width = 0;
  #isFirst = true;

  write({ number, cells }: SheetRow): string {
    if (cells.every((cell) => cell === '')) return '';
    if (this.#isFirst) {
      this.#isFirst = false;
      // In the rows of our own files a missing cell is a fault, and sheets leave blank ones out.
      if (isRejectedExport(cells) || isContactsExport(cells)) this.#width = cells.length;
    }
    while (cells.length < this.#width) cells.push('');
    const blank = '\n'.repeat(number - this.#line);
    this.#line = number + 1;
    const isPlain = cells.length > 1 && !cells.some((cell) => MARKED.test(cell));
    return blank + (isPlain ? `${cells.join(',')}\r\n` : writeRecord(cells.map(asLine)));
  }
}

/** What is quoted, or written otherwise: most rows have none of it. */
const MARKED = /[",\r\n]/;
const NEWLINE = /\r\n?|\n/g;

function asLine(cell: string): string {
  return cell.includes('\n') || cell.includes('\r') ? cell.replace(NEWLINE, LINE_BREAK) : cell;
}
