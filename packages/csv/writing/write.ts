import type { Delimiter } from '@tidings/contracts/files/csv.ts';

/** Begins a file that spreadsheets are to read as UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * One record as RFC 4180 writes it, its CRLF included. A cell is quoted where it must be; a single empty cell is
 * written `""`, for an empty line would be no record. The cells are written as they are: see `neutralise.ts`.
 */
export function writeRecord(cells: readonly string[], delimiter: Delimiter = ','): string {
  if (cells.length <= 1 && !cells[0]) return '""\r\n';
  return `${cells.map((cell) => writeCell(cell, delimiter)).join(delimiter)}\r\n`;
}

/** The same with every cell quoted: a spreadsheet that takes other separators besides the file's divides no cell. */
export function writeQuotedRecord(cells: readonly string[], delimiter: Delimiter): string {
  return `${cells.map(quote).join(delimiter)}\r\n`;
}

function writeCell(cell: string, delimiter: Delimiter): string {
  const needsQuotes =
    cell.includes('"') || cell.includes(delimiter) || cell.includes('\n') || cell.includes('\r');
  return needsQuotes ? quote(cell) : cell;
}

function quote(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
