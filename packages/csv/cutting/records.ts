/**
 * Reads the rows of a chunk; the importer calls it for every chunk. The cutter has decided where records begin and end, and
 * nothing here decides it again.
 */

import type { ChunkShape, Damage, DamageCode, Delimiter, Dialect } from '@tidings/contracts/files/csv.ts';
import { GuessingReader, type OtherEncodingReader, otherEncodingReader } from '../encoding/other-encoding.ts';
import { ChunkShapeError } from '../errors.ts';
import { decodeLossless, invalidUtf8At, REPLACEMENT_CHARACTER } from '../utf8.ts';
import { RecordScanner } from './scanner.ts';
import { splitRecord } from './split.ts';
import { readTextRecords, type TextRecords } from './text-records.ts';

export interface ParsedRow {
  /** The row's number among the rows of the file, from 0. */
  row: number;
  /** The line of the file on which it starts, from 1. */
  line: number;
  cells: string[];
}

/** What cells may hold that is no text: bytes that are no UTF-8, or of another encoding than the file's, U+FFFD where a letter was lost before, NUL. */
export type UnreadableCode = 'invalid_encoding' | 'replacement_character' | 'nul_byte';
export type RejectCode = DamageCode | UnreadableCode;

export interface UnreadableRow extends ParsedRow {
  /** The record's damage first, then what its cells hold that is no text. */
  codes: RejectCode[];
}

/** Every row of the chunk, in exactly one of the two lists, each in the order of the file. */
export interface ParsedChunk {
  rows: ParsedRow[];
  /**
   * Rows that cannot be read. Their cells are for a person to mend. Bytes that are not UTF-8 are read in
   * an encoding in which all words are words, else as windows-1252; so is a row in another encoding than its file. A damaged record is split as far as possible into at most `MAX_DAMAGED_CELLS` cells; a record that was
   * too long has none. The `line` of an unclosed quote is the line where it opens.
   */
  rejected: UnreadableRow[];
}

/** Cells that a damaged record is split into; the last one holds the rest. */
export const MAX_DAMAGED_CELLS = 1000;

/** Lenient: a strict decoder throws for every row that is not UTF-8, which costs more than anything else about the row. */
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The rows of a chunk as the `Cutter` cut it.
 *
 * @param dialect of the file as it came
 * @throws ChunkShapeError when bytes and shape do not belong together.
 */
export function parseChunk(
  bytes: Uint8Array,
  shape: ChunkShape,
  { delimiter, encoding }: Dialect,
): ParsedChunk {
  const reader = new ChunkReader(bytes, shape, delimiter, otherEncodingReader(encoding));
  let at = 0;
  for (const damage of shape.damage) {
    reader.readRecords(at, damage.offset);
    reader.readDamage(damage);
    at = damage.offset + damage.length;
  }
  reader.readRecords(at, bytes.length);
  return reader.finish();
}

class ChunkReader {
  readonly #bytes: Uint8Array;
  readonly #shape: ChunkShape;
  readonly #delimiter: Delimiter;
  readonly #hasNul: boolean;
  readonly #others: OtherEncodingReader | null;
  /** For the records in hand; null where none of them can be in another encoding. */
  #othersHere: OtherEncodingReader | null = null;
  readonly #guessing = new GuessingReader();
  readonly #parsed: ParsedChunk = { rows: [], rejected: [] };
  #row: number;
  #line: number;

  constructor(
    bytes: Uint8Array,
    shape: ChunkShape,
    delimiter: Delimiter,
    others: OtherEncodingReader | null,
  ) {
    this.#bytes = bytes;
    this.#shape = shape;
    this.#delimiter = delimiter;
    this.#hasNul = bytes.includes(0);
    this.#others = others;
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
    this.#othersHere = this.#others?.mayHold(text) ? this.#others : null;
    const first = { row: this.#row, line: this.#line };
    const read = doubtful ? null : readTextRecords(text, this.#delimiter, first);
    if (read === null) this.#scanRecords(bytes, doubtful);
    else this.#acceptAll(read);
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

  /** Record by record: slower, for bytes that are not text, and for damage that the shape does not tell of. */
  #scanRecords(bytes: Uint8Array, doubtful: boolean): void {
    const scanner = scanWhole(bytes, this.#delimiter, this.#line);
    while (scanner.next()) {
      const { found, start, end, damageLine } = scanner;
      if (found !== 'empty' && found !== 'blank')
        this.#readRecord(damageLine, found, bytes.subarray(start, end), doubtful);
    }
    this.#line = scanner.pendingLine;
  }

  #readRecord(line: number, code: DamageCode | null, record: Uint8Array, doubtful: boolean): void {
    if (code !== null) {
      this.#rejectDamaged(line, code, record);
      return;
    }
    if (doubtful && invalidUtf8At(record) >= 0) {
      const text = this.#guessing.read(record) ?? decodeLossless(record);
      const lossless = splitRecord(text, this.#delimiter);
      this.#reject(line, unreadableIn(lossless, true), lossless);
      return;
    }
    const cells = splitRecord(lenientDecoder.decode(record), this.#delimiter);
    if (doubtful && cells.some(holdsReplacement)) this.#reject(line, unreadableIn(cells, false), cells);
    else this.#accept(line, cells);
  }

  #acceptAll({ records, newlines }: TextRecords): void {
    const { rows, rejected } = this.#parsed;
    for (const record of records) {
      const { cells } = record;
      if (this.#hasNul && cells.some(holdsNul)) rejected.push({ ...record, codes: ['nul_byte'] });
      else {
        const meant = this.#othersHere?.read(cells) ?? null;
        if (meant === null) rows.push(record);
        else rejected.push({ ...record, cells: meant, codes: ['invalid_encoding'] });
      }
    }
    this.#row += records.length;
    this.#line += newlines;
  }

  #accept(line: number, cells: string[]): void {
    if (this.#hasNul && cells.some(holdsNul)) {
      this.#reject(line, ['nul_byte'], cells);
      return;
    }
    const meant = this.#othersHere?.read(cells) ?? null;
    if (meant !== null) this.#reject(line, ['invalid_encoding'], meant);
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
