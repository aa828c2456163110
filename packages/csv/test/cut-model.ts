/**
 * What the cutter must find, written the slow and obvious way over the whole file at once; and the arbitraries that the
 * property tests share.
 */

import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import fc from 'fast-check';
import { type Chunk, Cutter, type CutterOptions } from '../cutting/cut.ts';
import { parseChunk, type RejectCode } from '../cutting/records.ts';

export interface ModelRow {
  row: number;
  line: number;
  code: RejectCode | null;
  /** Null where the row is damaged. */
  cells: string[] | null;
}

export interface ModelLimits {
  maxRecordBytes: number;
  maxOpenQuoteBytes: number;
  maxCells: number;
}

/** The rows of `text`, one byte a character, by the rules in `scanner.ts`. */
export function modelRows(text: string, delimiter: Delimiter, limits: ModelLimits): ModelRow[] {
  const rows: ModelRow[] = [];
  let at = 0;
  while (at < text.length) {
    const line = lineAt(text, at);
    const newline = /(?:\r\n|\r|\n)/y;
    newline.lastIndex = at;
    if (newline.test(text)) {
      at = newline.lastIndex;
      continue;
    }
    const record = readRecord(text, at, delimiter, limits);
    const tooLong = record.end - at > limits.maxRecordBytes || record.cells.length > limits.maxCells;
    if (record.openQuote === null && !tooLong && isBlank(record.cells)) {
      at = record.end;
      continue;
    }
    if (record.openQuote !== null) {
      rows.push({
        row: rows.length,
        line: lineAt(text, record.openQuote),
        code: 'quote_unclosed',
        cells: null,
      });
    } else if (tooLong) rows.push({ row: rows.length, line, code: 'record_too_long', cells: null });
    else rows.push({ row: rows.length, line, code: null, cells: record.cells });
    at = record.end;
  }
  return rows;
}

/** Whether a record of these cells is no row: all are blank, and stand in one line. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => /^[ \t\u00a0\u3000\ufeff]*$/.test(cell));
}

function readRecord(text: string, start: number, delimiter: Delimiter, limits: ModelLimits) {
  const cells: string[] = [];
  const ending = delimiter === '|' ? '\\|' : delimiter;
  const quoted = new RegExp(`"((?:[^"]|"")*)"(?=[${ending}\\r\\n]|$)`, 'y');
  const unquoted = new RegExp(`(?!")[^${ending}\\r\\n]*`, 'y');
  let at = start;
  for (;;) {
    const pattern = text[at] === '"' ? quoted : unquoted;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const closed =
      match !== null && (pattern === unquoted || match[0].length - 1 <= limits.maxOpenQuoteBytes);
    if (!closed) return { openQuote: at, end: endOfLine(text, at), cells };
    cells.push(pattern === quoted ? (match[1] ?? '').replaceAll('""', '"') : match[0]);
    at += match[0].length;
    if (text[at] !== delimiter) return { openQuote: null, end: endOfLine(text, at), cells };
    at++;
  }
}

function endOfLine(text: string, at: number): number {
  const newline = /\r\n|\r|\n/g;
  newline.lastIndex = at;
  return newline.test(text) ? newline.lastIndex : text.length;
}

export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n|\r|\n/).length;
}

export function toBytes(latin1: string): Uint8Array {
  return new Uint8Array(Buffer.from(latin1, 'latin1'));
}

/** Cuts `bytes` given in pieces of the sizes named, over and over; without sizes, in one piece. */
export function cutInPieces(bytes: Uint8Array, sizes: readonly number[], options: CutterOptions) {
  const cutter = new Cutter(options);
  const chunks: Chunk[] = [];
  const pieces = sizes.some((size) => size > 0) ? sizes : [Math.max(bytes.length, 1)];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const size = pieces[turn % pieces.length] ?? 1;
    chunks.push(...cutter.push(bytes.slice(from, from + size)));
    from += size;
  }
  chunks.push(...cutter.end());
  return { cutter, chunks };
}

/** All rows of the chunks in the order of the file, good and rejected. */
export function rowsOf(chunks: readonly Chunk[], delimiter: Delimiter): ModelRow[] {
  const rows: ModelRow[] = chunks.flatMap(({ bytes, shape }) => {
    const { rows: good, rejected } = parseChunk(bytes, shape, { delimiter, encoding: 'utf-8' });
    const damaged = rejected.map(({ row, line, codes: [code = null], cells }) =>
      // Such a row is cut and parsed like any other: only its text is refused.
      code === 'replacement_character' ? { row, line, code: null, cells } : { row, line, code, cells: null },
    );
    return [...good.map((row) => ({ ...row, code: null })), ...damaged];
  });
  return rows.sort((one, other) => one.row - other.row);
}

export const arbitraryDelimiter = fc.constantFrom<Delimiter>(',', ';', '\t', '|');
/** Sizes of the pieces that the network makes, 0 among them. */
export const arbitraryPieces = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 6 });
export const arbitraryNewline = fc.constantFrom('\n', '\r\n', '\r');

/** What a cell may be made of: what means something to the format, letters of one to four bytes, and what divides cells. */
export const arbitraryCellPiece = fc.constantFrom(
  ...['a', 'é', 'Zoë', '𝔘', '😀', '\uFFFD', '\uFEFF', ' ', '"', '""', '=1', '1', ''],
  ...[',', ';', '\t', '|', '\n', '\r', '\r\n'],
);
export const arbitraryCellText = fc
  .array(arbitraryCellPiece, { maxLength: 5 })
  .map((pieces) => pieces.join(''));
