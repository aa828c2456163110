/**
 * Cuts a CSV file into chunks of whole records while it streams in. It scans bytes and never parses: what a cell says
 * is the importer's business.
 */
import type { ChunkShape, Damage, Delimiter } from '@tidings/contracts/files/csv.ts';
import { MAX_COLUMNS, MAX_RECORD_BYTES } from '@tidings/contracts/limits.ts';
import { CR, concat, countSeparators, LF } from '../bytes.ts';
import { CsvError, headerTooLong } from '../errors.ts';
import { RecordScanner, type ScannerLimits } from './scanner.ts';
import { splitRecord } from './split.ts';

export interface CutterOptions {
  delimiter: Delimiter;
  /** Bytes of a chunk, at most, unless a single record is longer. Default 128 KiB. */
  maxChunkBytes?: number;
  /** Bytes of a record with its newline; a longer one is one rejected row whose bytes are not kept. Default 128 KiB. */
  maxRecordBytes?: number;
  /** Bytes between an opening quote and its closing one, at most. Default 16 MiB. */
  maxOpenQuoteBytes?: number;
  /** Bytes of the header with its newline. Default 64 KiB. */
  maxHeaderBytes?: number;
  /** Columns of the header. A row with more than twice as many cells is `record_too_long`. Default 1,000. */
  maxColumns?: number;
  /** Whether the first record is the header, and no row. Default true. */
  hasHeader?: boolean;
  /** Bytes that the cutter has room for from the start; it grows as needed. Default 512 KiB. */
  windowBytes?: number;
}

export interface Chunk {
  /** Whole records, newlines included. The caller's own: no other chunk shares the memory. */
  bytes: Uint8Array;
  shape: ChunkShape;
}

export interface HeaderRecord {
  /** The header's bytes, its newline included. Where a quote in it is damaged, `splitRecord` divides it as far as possible. */
  bytes: Uint8Array;
  /** The line on which it starts. */
  line: number;
  /** How many columns it names. */
  columns: number;
}

/** Damaged records in one chunk, at most: the chunk ends after them, so that its shape stays small. */
export const MAX_DAMAGE_PER_CHUNK = 1000;

/** Bytes of the header with its newline, at most, unless the options say otherwise. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Bytes between an opening quote and its closing one, at most, unless the options say otherwise. */
const MAX_OPEN_QUOTE_BYTES = 16 * 1024 * 1024;

/** Bytes that are taken into the window at once, so that a huge push needs no huge window. */
const PIECE_BYTES = 64 * 1024;

/**
 * Give the file's bytes, after the byte order mark, to `push` in any pieces, then call `end`. Both answer the chunks
 * that have become complete, in the order of the file; the same file gives the same chunks however it was divided.
 *
 * - Rows count from 0, lines from 1. Empty lines, and lines of blank cells, are no rows, but count as lines.
 * - A chunk begins with a row, damaged or not: empty lines before it are dropped, and `firstLine` is that row's line.
 * - A damaged record (see `scanner.ts`) is a row like others and stands in the shape's `damage`. Its bytes are in the
 *   chunk, unless it is longer than `maxRecordBytes`: then `length` is 0, but its lines count.
 * - Memory: at most about 2 × (`maxOpenQuoteBytes` + `maxRecordBytes` + `maxChunkBytes`) while a quote stays open, and
 *   about 1 MiB otherwise, however long a line is.
 * - Work: linear in the file, see `scanner.ts`; `bytesSearched` tells it.
 *
 * Both throw `CsvError`: `header_too_long` over the header's caps, `file_empty` when the file ends without a header. After an error the
 * cutter must not be used any more.
 */
export class Cutter {
  /** The header, complete before the first chunk; null until then, and always null for a file without a header. */
  header: HeaderRecord | null = null;
  /** Rows found so far, damaged ones included. */
  rows = 0;
  /** Lines behind the header so far that are empty, or whose cells are all blank: they are no rows. */
  blankRows = 0;

  readonly #scanner: RecordScanner;
  readonly #delimiter: Delimiter;
  readonly #maxChunkBytes: number;
  readonly #maxHeaderBytes: number;
  readonly #maxColumns: number;
  readonly #rowLimits: ScannerLimits;
  #awaitsHeader: boolean;
  #chunks: Chunk[] = [];

  /** Bytes of the growing chunk that have left the window. */
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  /** The growing chunk's last bytes, still in the window. */
  #segmentStart = 0;
  #segmentEnd = 0;
  #firstLine = 1;
  #chunkRows = 0;
  #damage: Damage[] = [];

  constructor(options: CutterOptions) {
    const {
      delimiter,
      maxColumns = MAX_COLUMNS,
      maxHeaderBytes = MAX_HEADER_BYTES,
      hasHeader = true,
    } = options;
    this.#delimiter = delimiter;
    this.#maxColumns = maxColumns;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.#maxChunkBytes = options.maxChunkBytes ?? MAX_RECORD_BYTES;
    this.#awaitsHeader = hasHeader;
    this.#rowLimits = {
      maxRecordBytes: options.maxRecordBytes ?? MAX_RECORD_BYTES,
      maxOpenQuoteBytes: options.maxOpenQuoteBytes ?? MAX_OPEN_QUOTE_BYTES,
      maxCells: maxColumns * 2,
    };
    const headerLimits = {
      maxRecordBytes: maxHeaderBytes,
      maxOpenQuoteBytes: maxHeaderBytes,
      maxCells: maxHeaderBytes,
    };
    this.#scanner = new RecordScanner(
      delimiter,
      hasHeader ? headerLimits : this.#rowLimits,
      1,
      options.windowBytes,
    );
  }

  /** Bytes searched so far; bytes that were read twice count twice. Measures the work done. */
  get bytesSearched(): number {
    return this.#scanner.window.bytesSearched;
  }

  /** Bytes that the cutter holds back at the moment. */
  get bytesHeld(): number {
    const { window } = this.#scanner;
    return this.#partsBytes + window.end - window.keepFrom;
  }

  push(bytes: Uint8Array): Chunk[] {
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      this.#scanner.append(bytes.subarray(from, from + PIECE_BYTES));
      this.#drain();
    }
    return this.#takeChunks();
  }

  end(): Chunk[] {
    this.#scanner.finish();
    this.#drain();
    if (this.#awaitsHeader) {
      throw new CsvError(
        'file_empty',
        'The file is empty: it has no header line. Choose a file with contacts.',
      );
    }
    this.#closeChunk();
    return this.#takeChunks();
  }

  #takeChunks(): Chunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  #drain(): void {
    const scanner = this.#scanner;
    if (this.#awaitsHeader && !this.#readHeader()) return;
    for (;;) {
      this.#addPlain(scanner.skipPlain(this.#maxChunkBytes - this.#chunkBytes));
      if (!scanner.next()) break;
      this.#add();
    }
    this.#releaseWindow();
  }

  /** Adds records that are known to be undamaged and to fit into the growing chunk. */
  #addPlain(records: number): void {
    if (records === 0) return;
    if (this.#chunkRows === 0) this.#firstLine = this.#scanner.line;
    this.#chunkRows += records;
    this.rows += records;
    this.#extend(this.#scanner.start, this.#scanner.end);
  }

  #readHeader(): boolean {
    const scanner = this.#scanner;
    while (scanner.next()) {
      if (scanner.isBlank) continue;
      this.#takeHeader();
      return true;
    }
    if (scanner.pendingBytes > this.#maxHeaderBytes)
      throw headerTooLong(scanner.pendingLine, this.#maxHeaderBytes);
    scanner.window.keepFrom = scanner.keepFrom;
    return false;
  }

  #takeHeader(): void {
    const scanner = this.#scanner;
    if (scanner.end - scanner.start > this.#maxHeaderBytes)
      throw headerTooLong(scanner.line, this.#maxHeaderBytes);
    const bytes = scanner.window.copy(scanner.start, scanner.end);
    const columns =
      scanner.found === 'quote_unclosed'
        ? splitRecord(new TextDecoder().decode(bytes), this.#delimiter).length
        : countSeparators(bytes, 0, bytes.length, this.#delimiter.charCodeAt(0)) + 1;
    if (columns > this.#maxColumns) {
      throw new CsvError(
        'header_too_long',
        `The header names ${columns} columns; at most ${this.#maxColumns} are possible. Remove the surplus ones.`,
        scanner.line,
      );
    }
    this.header = { bytes, line: scanner.line, columns };
    this.#awaitsHeader = false;
    scanner.limits = this.#rowLimits;
  }

  /** Adds what the scanner has found to the growing chunk. Where it does not fit, the chunk is closed first. */
  #add(): void {
    const scanner = this.#scanner;
    const { found, isBlank, end } = scanner;
    if (isBlank) this.blankRows++;
    // Of a blank line its newline is kept, so that lines are counted.
    const start = isBlank ? scanner.lineEnd : scanner.start;
    const size = end - start;
    const kept = found !== 'record_too_long' && size <= scanner.limits.maxRecordBytes ? size : 0;
    if (this.#chunkRows > 0) {
      const full = this.#chunkBytes + kept > this.#maxChunkBytes;
      const damaged = found !== null && !isBlank;
      if (full || (damaged && this.#damage.length === MAX_DAMAGE_PER_CHUNK)) this.#closeChunk();
    }
    // An LF behind a CR would end the same line.
    if (found === 'blank' && scanner.window.at(start) === LF && this.#chunkEndsWith(CR)) this.#closeChunk();
    if (isBlank && this.#chunkRows === 0) return;
    if (this.#chunkRows === 0) this.#firstLine = scanner.line;
    if (!isBlank) this.#countRow(kept);
    if (kept > 0) this.#extend(start, end);
  }

  #countRow(kept: number): void {
    const { found, lines, damageLine } = this.#scanner;
    this.#chunkRows++;
    this.rows++;
    if (found !== null && found !== 'empty' && found !== 'blank') {
      this.#damage.push({ offset: this.#chunkBytes, length: kept, lines, line: damageLine, code: found });
    }
  }

  get #chunkBytes(): number {
    return this.#partsBytes + this.#segmentEnd - this.#segmentStart;
  }

  #chunkEndsWith(byte: number): boolean {
    const isHeld = this.#segmentEnd > this.#segmentStart;
    const last = isHeld ? this.#scanner.window.at(this.#segmentEnd - 1) : this.#parts.at(-1)?.at(-1);
    return last === byte;
  }

  #extend(start: number, end: number): void {
    if (this.#segmentEnd !== start) {
      this.#detachSegment();
      this.#segmentStart = start;
    }
    this.#segmentEnd = end;
  }

  /** Copies the chunk's last bytes out of the window. */
  #detachSegment(): void {
    if (this.#segmentEnd === this.#segmentStart) return;
    this.#parts.push(this.#scanner.window.copy(this.#segmentStart, this.#segmentEnd));
    this.#partsBytes += this.#segmentEnd - this.#segmentStart;
    this.#segmentStart = this.#segmentEnd;
  }

  #releaseWindow(): void {
    const { window, keepFrom } = this.#scanner;
    const held = this.#segmentEnd > this.#segmentStart;
    // A record that is longer than this is being dropped: the chunk's bytes must not keep it in the window.
    if (held && keepFrom - this.#segmentEnd > this.#scanner.limits.maxRecordBytes) this.#detachSegment();
    window.keepFrom = this.#segmentEnd > this.#segmentStart ? this.#segmentStart : keepFrom;
  }

  #closeChunk(): void {
    if (this.#chunkRows === 0) return;
    this.#detachSegment();
    this.#chunks.push({
      bytes: concat(this.#parts),
      shape: {
        firstLine: this.#firstLine,
        firstRow: this.rows - this.#chunkRows,
        rows: this.#chunkRows,
        damage: this.#damage,
      },
    });
    this.#parts = [];
    this.#partsBytes = 0;
    this.#chunkRows = 0;
    this.#damage = [];
  }
}
