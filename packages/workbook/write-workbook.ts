/**
 * Writes a workbook of one sheet while its rows come. Every cell is text, so nothing in it is computed or converted; the header stays in
 * sight. Memory: a few rows, and the notes.
 */
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { columnName, encodeCellText, MAX_CELL_CHARACTERS } from './writing/cell-text.ts';
import { fixedParts, MAIN, OFFICE, styles, XML_HEAD } from './writing/fixed-parts.ts';
import { MAX_NOTES, type Note, notesXml, shapesXml } from './writing/notes.ts';

export { MAX_CELL_CHARACTERS } from './writing/cell-text.ts';

/** Rows that a sheet holds below its header, at most. */
export const MAX_SHEET_ROWS = 1_048_575;

export interface WrittenRow {
  /** Each of `MAX_CELL_CHARACTERS` at most. */
  readonly cells: readonly string[];
  /** What is wrong with a cell, by its place; such cells are coloured, the first 10,000 have it as a note. */
  readonly faults: ReadonlyMap<number, string>;
}

export interface WorkbookToWrite {
  /** The name of the sheet. */
  readonly sheet: string;
  readonly header: readonly string[];
  /** `MAX_SHEET_ROWS` at most. */
  readonly rows: AsyncIterable<readonly WrittenRow[]>;
}

/** Rows are taken as the bytes are; whoever stops taking bytes ends the rows. */
export async function* writeWorkbook({ sheet, header, rows }: WorkbookToWrite): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const notes: Note[] = [];
  const sheetXml = Readable.from(sheetParts(header, rows, notes));
  const fail = (error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error)));
  zip.on('error', fail);
  sheetXml.on('error', fail);
  for (const [name, text] of Object.entries(fixedParts(sheet))) zip.addBuffer(Buffer.from(text), name);
  zip.addReadStreamLazy('xl/worksheets/sheet1.xml', (start) => start(null, sheetXml));
  // Only once the sheet is written is it known which notes there are.
  zip.addReadStreamLazy('xl/comments1.xml', (start) => start(null, Readable.from(notesXml(notes))));
  zip.addReadStreamLazy('xl/drawings/vmlDrawing1.vml', (start) =>
    start(null, Readable.from(shapesXml(notes))),
  );
  zip.end();
  try {
    for await (const bytes of output) yield bytes as Buffer;
  } finally {
    sheetXml.destroy();
  }
}

/** @param notes gets those of the rows */
async function* sheetParts(
  header: readonly string[],
  rows: AsyncIterable<readonly WrittenRow[]>,
  notes: Note[],
): AsyncGenerator<string> {
  const columns = header.map((_, index) => columnName(index));
  yield `${XML_HEAD}<worksheet xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheetViews><sheetView workbookViewId="0">`;
  yield '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  yield `<sheetFormatPr defaultRowHeight="15"/><cols><col min="1" max="${header.length}" width="22" style="${styles.text}" customWidth="1"/></cols>`;
  yield `<sheetData>${rowXml(1, columns, header, () => styles.heading)}`;
  let number = 1;
  for await (const some of rows) {
    let text = '';
    for (const { cells, faults } of some) {
      number += 1;
      text += rowXml(number, columns, cells, (column) => (faults.has(column) ? styles.faulty : styles.text));
      for (const [column, fault] of faults)
        if (notes.length < MAX_NOTES) notes.push({ row: number - 1, column, text: fault });
    }
    if (text !== '') yield text;
  }
  yield `</sheetData><ignoredErrors><ignoredError sqref="A1:${columns.at(-1) ?? 'A'}${number}" numberStoredAsText="1"/></ignoredErrors>`;
  yield '<legacyDrawing r:id="rId1"/></worksheet>';
}

function rowXml(
  number: number,
  columns: readonly string[],
  cells: readonly string[],
  styleOf: (column: number) => number,
): string {
  let text = `<row r="${number}">`;
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    const start = `<c r="${column}${number}" s="${styleOf(index)}"`;
    text +=
      cell === ''
        ? `${start}/>`
        : `${start} t="inlineStr"><is><t xml:space="preserve">${encodeCellText(cell)}</t></is></c>`;
  }
  return `${text}</row>`;
}

/** What is put at the end of a text that a cell cannot hold: U+FFFD says that something was lost. */
const CUT_OFF = '…\uFFFD';

/** The text, or as much of it as a cell holds: such a row is rejected again until somebody has seen to it. */
export function fitIntoCell(text: string): string {
  if (text.length <= MAX_CELL_CHARACTERS) return text;
  const end = MAX_CELL_CHARACTERS - CUT_OFF.length;
  const isPair = /[\ud800-\udbff]/.test(text[end - 1] ?? '');
  return text.slice(0, isPair ? end - 1 : end) + CUT_OFF;
}
