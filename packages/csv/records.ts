/**
 * Reads the rows of a chunk; the importer calls it for every chunk. The cutter has decided where records begin and end, and
 * nothing here decides it again.
 */

import type { ChunkShape, Damage, DamageCode, Delimiter } from '@tidings/contracts/csv.ts';
import { parse } from 'csv-parse/sync';
import { ChunkShapeError } from './errors.ts';
import { RecordScanner } from './scanner.ts';
import { splitRecord } from './split.ts';
import { decodeLossless, invalidUtf8At, REPLACEMENT_CHARACTER } from './utf8.ts';

export interface ParsedRow {
  /** The row's number among the rows of the file, from 0. */
  row: number;
  /** The line of the file on which it starts, from 1. */
  line: number;
  cells: string[];
}

/** What cells may hold that is no text: bytes that are no UTF-8, U+FFFD where a letter was lost before, NUL. */
export type UnreadableCode = 'invalid_encoding' | 'replacement_character' | 'nul_byte';
export type RejectCode = DamageCode | UnreadableCode;

export interface RejectedRow extends ParsedRow {
  /** The record's damage first, then what its cells hold that is no text. */
  codes: RejectCode[];
}

/** Every row of the chunk, in exactly one of the two lists, each in the order of the file. */
export interface ParsedChunk {
  rows: ParsedRow[];
  /**
   * Rows that cannot be read. Their cells are for a person to mend. Bytes that are not UTF-8 are read as
   * windows-1252. A damaged record is split as far as possible into at most `MAX_DAMAGED_CELLS` cells; a record that was
   * too long has none. The `line` of an unclosed quote is the line where it opens.
   */
  rejected: RejectedRow[];
}

/** Cells that a damaged record is split into; the last one holds the rest. */
export const MAX_DAMAGED_CELLS = 1000;

/**
 * Bytes between damaged records from which on csv-parse is worth its start, which takes as long as a hundred cells. Fewer bytes are
 * split record by record, and so are bytes in which csv-parse finds another number of records than the scanner.
 */
const MIN_PARSED_BYTES = 256;

/** Lenient: a strict decoder throws for every row that is not UTF-8, which costs more than anything else about the row. */
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The rows of a chunk as the `Cutter` cut it. A chunk without quotes is split without a parser.
 *
 * @throws ChunkShapeError when bytes and shape do not belong together.
 */
export function parseChunk(bytes: Uint8Array, shape: ChunkShape, delimiter: Delimiter): ParsedChunk {
  const reader = new ChunkReader(bytes, shape, delimiter);
  let at = 0;
  for (const damage of shape.damage) {
    reader.readRecords(at, damage.offset);
    reader.readDamage(damage);
    at = damage.offset + damage.length;
  }
  reader.readRecords(at, bytes.length);
  return reader.finish();
}

/** A record among undamaged ones, as the scanner found it; a `code` only if the shape did not know better. */
interface FoundRecord {
  line: number;
  from: number;
  to: number;
  code: DamageCode | null;
}

class ChunkReader {
  readonly #bytes: Uint8Array;
  readonly #shape: ChunkShape;
  readonly #delimiter: Delimiter;
  readonly #hasNul: boolean;
  readonly #parsed: ParsedChunk = { rows: [], rejected: [] };
  #row: number;
  #line: number;

  constructor(bytes: Uint8Array, shape: ChunkShape, delimiter: Delimiter) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#delimiter = delimiter;
    this.#hasNul = bytes.includes(0);
    this.#row = shape.firstRow;
    this.#line = shape.firstLine;
  }

  /** Reads the undamaged records in `[from, to)`. */
  readRecords(from: number, to: number): void {
    if (from === to) return;
    if (from > to || to > this.#bytes.length) {
      throw new ChunkShapeError(
        `damage at byte ${to} is out of order or outside of ${this.#bytes.length} bytes`,
      );
    }
    const bytes = this.#bytes.subarray(from, to);
    const text = lenientDecoder.decode(bytes);
    // U+FFFD comes of bytes that are not UTF-8, or stands in the file: each row tells which.
    const doubtful = text.includes(REPLACEMENT_CHARACTER);
    if (doubtful || this.#shape.quoted) this.#parseRecords(bytes, doubtful);
    else this.#splitLines(text);
  }

  readDamage({ offset, length, lines, line, code }: Damage): void {
    this.#rejectDamaged(line, code, this.#bytes.subarray(offset, offset + length));
    this.#line += lines;
  }

  finish(): ParsedChunk {
    const found = this.#row - this.#shape.firstRow;
    if (found !== this.#shape.rows) {
      throw new ChunkShapeError(`the chunk holds ${found} rows where its shape says ${this.#shape.rows}`);
    }
    return this.#parsed;
  }

  #splitLines(text: string): void {
    const lines = text.includes('\r') ? text.split(/\r\n|\r|\n/) : text.split('\n');
    let number = this.#line;
    for (const line of lines) {
      if (line !== '') this.#accept(number, line.split(this.#delimiter));
      number += 1;
    }
    this.#line += lines.length - 1;
  }

  #parseRecords(bytes: Uint8Array, doubtful: boolean): void {
    const scanner = scanWhole(bytes, this.#delimiter, this.#line);
    const tables =
      !this.#shape.quoted || bytes.length < MIN_PARSED_BYTES ? null : parseAll(bytes, this.#delimiter);
    const found: FoundRecord[] = [];
    while (scanner.next()) {
      const { found: code, start: from, end: to, damageLine: line } = scanner;
      if (code !== 'empty') found.push({ line, from, to, code });
    }
    this.#line = scanner.pendingLine;
    const agreed =
      tables?.length === found.length && found.every(({ code }) => code === null) ? tables : null;
    for (const [index, record] of found.entries()) {
      this.#readRecord(record, bytes.subarray(record.from, record.to), agreed?.[index], doubtful);
    }
  }

  #readRecord(
    { line, code }: FoundRecord,
    record: Uint8Array,
    agreed: string[] | undefined,
    doubtful: boolean,
  ): void {
    if (code !== null) {
      this.#rejectDamaged(line, code, record);
      return;
    }
    if (doubtful && invalidUtf8At(record) >= 0) {
      const lossless = splitRecord(decodeLossless(record), this.#delimiter);
      this.#reject(line, unreadableIn(lossless, true), lossless);
      return;
    }
    const cells = agreed ?? splitRecord(lenientDecoder.decode(record), this.#delimiter);
    if (doubtful && cells.some(holdsReplacement)) this.#reject(line, unreadableIn(cells, false), cells);
    else this.#accept(line, cells);
  }

  #accept(line: number, cells: string[]): void {
    if (this.#hasNul && cells.some(holdsNul)) this.#reject(line, ['nul_byte'], cells);
    else this.#parsed.rows.push({ row: this.#row++, line, cells });
  }

  #rejectDamaged(line: number, code: DamageCode, record: Uint8Array): void {
    const invalid = invalidUtf8At(record) >= 0;
    const text = invalid ? decodeLossless(record) : lenientDecoder.decode(record);
    const cells = record.length === 0 ? [] : splitRecord(text, this.#delimiter, MAX_DAMAGED_CELLS);
    this.#reject(line, [code, ...unreadableIn(cells, invalid)], cells);
  }

  #reject(line: number, codes: RejectCode[], cells: string[]): void {
    this.#parsed.rejected.push({ row: this.#row++, line, codes, cells });
  }
}

/** What a record holds that is no text: `invalid` where its bytes are no UTF-8. */
function unreadableIn(cells: readonly string[], invalid: boolean): UnreadableCode[] {
  const codes: UnreadableCode[] = [];
  if (invalid) codes.push('invalid_encoding');
  if (cells.some(holdsReplacement)) codes.push('replacement_character');
  if (cells.some(holdsNul)) codes.push('nul_byte');
  return codes;
}

function holdsReplacement(cell: string): boolean {
  return cell.includes(REPLACEMENT_CHARACTER);
}

function holdsNul(cell: string): boolean {
  return cell.includes('\0');
}

function scanWhole(bytes: Uint8Array, delimiter: Delimiter, firstLine: number): RecordScanner {
  const unlimited = Number.MAX_SAFE_INTEGER;
  const limits = { maxRecordBytes: unlimited, maxOpenQuoteBytes: unlimited, maxCells: unlimited };
  const scanner = new RecordScanner(delimiter, limits, firstLine, bytes.length);
  scanner.append(bytes);
  scanner.finish();
  return scanner;
}

/** The cells of all records, or null if the parser refuses. */
function parseAll(bytes: Uint8Array, delimiter: Delimiter): string[][] | null {
  try {
    return parse(bytes, {
      delimiter,
      // Without this list csv-parse takes the first newline for the only kind of the file, and merges rows.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch {
    return null;
  }
}
