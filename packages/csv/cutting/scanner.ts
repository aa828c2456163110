/**
 * Finds where CSV records begin and end in a stream of bytes: the one place that knows the grammar.
 *
 * - A quote means something only as the first byte of a field; elsewhere it is a character like any other.
 * - Inside a quoted field `""` is a quote, and newlines and delimiters are text.
 * - After the closing quote only a delimiter, a newline or the end of the file may follow.
 * - CR, LF and CRLF each end a record, mixed at will. An empty line is no record, nor is a line whose cells are all blank.
 *
 * A field is **damage** where something else follows its closing quote, or where the closing quote is missing, or comes after
 * `maxOpenQuoteBytes`. The record is given up from its start to the end of the line of that opening quote. The scan goes on with
 * the next line as if no quote had been open.
 *
 * Why going back stays linear: between an opening quote that fails and the place where it fails, quotes stand only in
 * runs of even length. An odd run would have closed the field or failed it. A run of even length never leaves a field
 * open when it is read again: at the start of a field it opens and closes, elsewhere it is text. So while the bytes are
 * read for the second time, no field stays open over a newline; the next field that does starts where the first
 * one failed, or after it. The scan reads every byte at most twice in search of quotes, whatever the file. (A run that a
 * limit divides stands in one line, and is skipped with that line.)
 */
import type { DamageCode, Delimiter } from '@tidings/contracts/files/csv.ts';
import { CR, LF, QUOTE } from '../bytes.ts';
import { ByteFinder, ByteWindow, NOT_YET } from './window.ts';

export interface ScannerLimits {
  /** Bytes of a record, its newline included; a longer one is damage. */
  maxRecordBytes: number;
  /** Bytes from an opening quote to its closing one, at most; what is open for longer is damage. */
  maxOpenQuoteBytes: number;
  /** Cells of a record; one with more is damage. */
  maxCells: number;
}

type Mode = 'unquoted' | 'quoted' | 'damaged';

/**
 * Give bytes by `append`, say `finish` after the last, and call `next` until it is false; then the fields describe
 * what was found. Where the bytes were divided among calls changes nothing.
 */
export class RecordScanner {
  readonly window: ByteWindow;
  /** May be replaced between two records. */
  limits: ScannerLimits;
  /** `null` for an undamaged record, `empty` for an empty line, `blank` for a line of blank cells, else the record's damage. */
  found: DamageCode | 'empty' | 'blank' | null = null;
  /** Offset of the record's first byte. */
  start = 0;
  /** Offset of its newline. */
  lineEnd = 0;
  /** Offset after its newline. */
  end = 0;
  /** The line on which it starts, from 1. */
  line = 1;
  /** Lines that it spans. */
  lines = 0;
  /** The line to name when it is damaged: of the opening quote, or of the record's start. */
  damageLine = 1;

  readonly #delimiter: number;
  readonly #lineFeeds: ByteFinder;
  readonly #returns: ByteFinder;
  readonly #quotes: ByteFinder;
  #mode: Mode = 'unquoted';
  #final = false;
  /** Offset up to which the current mode has searched. */
  #scanned = 0;
  #recordStart = 0;
  #recordLine = 1;
  /** Newlines inside of quotes in the current record. */
  #innerLines = 0;
  #quoteAt = 0;
  #quoteLine = 1;

  constructor(delimiter: Delimiter, limits: ScannerLimits, firstLine = 1, windowBytes?: number) {
    this.window = new ByteWindow(windowBytes);
    this.#lineFeeds = new ByteFinder(this.window, LF);
    this.#returns = new ByteFinder(this.window, CR);
    this.#quotes = new ByteFinder(this.window, QUOTE);
    this.#delimiter = delimiter.charCodeAt(0);
    this.limits = limits;
    this.#recordLine = firstLine;
  }

  append(bytes: Uint8Array): void {
    this.window.append(bytes);
  }

  /** No more bytes will come. */
  finish(): void {
    this.#final = true;
  }

  /** Offset of the first byte that the scan may still need. */
  get keepFrom(): number {
    const { maxRecordBytes } = this.limits;
    if (this.#mode === 'quoted') {
      return this.#quoteAt - this.#recordStart > maxRecordBytes ? this.#quoteAt : this.#recordStart;
    }
    return this.#scanned - this.#recordStart > maxRecordBytes ? this.#scanned - 1 : this.#recordStart;
  }

  /** Bytes of the unfinished record that belong to it however it ends. */
  get pendingBytes(): number {
    return (this.#mode === 'quoted' ? this.#quoteAt : this.#scanned) - this.#recordStart;
  }

  /** The line on which the unfinished record starts. */
  get pendingLine(): number {
    return this.#recordLine;
  }

  /** Whether what was found is no record. */
  get isBlank(): boolean {
    return this.found === 'empty' || this.found === 'blank';
  }

  /** Goes to the next record or empty line; false when more bytes are needed, or all have been seen. */
  next(): boolean {
    for (;;) {
      if (this.#mode === 'quoted') {
        if (!this.#readQuoted()) return false;
      } else {
        const lineEnd = this.#nextLineEnd();
        if (this.#mode === 'unquoted' && this.#readQuoteBefore(lineEnd)) continue;
        return this.#endRecord(lineEnd);
      }
    }
  }

  /**
   * Passes over the next records while they are plain: of one line ended by LF or CRLF, not empty, with no quote or
   * closed ones, at most `maxBytes` in all. Answers how many; `start` and `end` then embrace them all, and `line` is
   * that of the first. `next` finds the same records at several times the cost.
   */
  skipPlain(maxBytes: number): number {
    const from = this.#recordStart;
    if (this.#mode !== 'unquoted' || this.#scanned !== from) return 0;
    const { maxRecordBytes, maxCells, maxOpenQuoteBytes } = this.limits;
    // A record that is shorter than every limit breaks none of them, and is not counted.
    const longest = Math.min(maxRecordBytes, maxCells - 1, maxOpenQuoteBytes);
    const limit = from + maxBytes;
    let at = from;
    let records = 0;
    let quote = this.#quotes.next(at);
    let carriageReturn = this.#returns.next(at);
    for (;;) {
      const lineFeed = this.#lineFeeds.next(at);
      if (lineFeed >= limit || lineFeed - at >= longest) break;
      const lineEnd = Math.min(carriageReturn, lineFeed);
      if (lineEnd === at || lineEnd < lineFeed - 1) break;
      if (this.#mayBeBlank(at) && this.window.isBlank(at, lineEnd, this.#delimiter)) break;
      if (quote < lineEnd) {
        if (!this.window.closesItsQuotes(at, quote, lineEnd, this.#delimiter)) break;
        quote = this.#quotes.next(lineFeed);
      }
      if (carriageReturn < lineFeed) carriageReturn = this.#returns.next(lineFeed);
      records++;
      at = lineFeed + 1;
    }
    this.start = from;
    this.end = at;
    this.line = this.#recordLine;
    this.#scanned = at;
    this.#recordStart = at;
    this.#recordLine += records;
    return records;
  }

  #nextLineEnd(): number {
    return Math.min(this.#lineFeeds.next(this.#scanned), this.#returns.next(this.#scanned));
  }

  /** Passes over the next quote on this line, if there is one. */
  #readQuoteBefore(lineEnd: number): boolean {
    const quote = this.#quotes.next(this.#scanned);
    if (quote >= lineEnd) return false;
    if (quote === this.#recordStart || this.window.at(quote - 1) === this.#delimiter) {
      this.#mode = 'quoted';
      this.#quoteAt = quote;
      this.#quoteLine = this.#recordLine + this.#innerLines;
    }
    this.#scanned = quote + 1;
    return true;
  }

  /** Looks for the closing quote; false when more bytes are needed. */
  #readQuoted(): boolean {
    const { window } = this;
    const limit = this.#quoteAt + this.limits.maxOpenQuoteBytes;
    const quote = this.#quotes.next(this.#scanned);
    if (quote > limit) {
      if (window.end <= limit && !this.#final) {
        this.#scanned = window.end;
        return false;
      }
      this.#giveUpQuote();
      return true;
    }
    const atEnd = quote + 1 === window.end;
    if (atEnd && !this.#final) {
      this.#scanned = quote;
      return false;
    }
    const following = atEnd ? LF : window.at(quote + 1);
    if (following === QUOTE) {
      this.#scanned = quote + 2;
    } else if (following === this.#delimiter || following === LF || following === CR) {
      this.#closeQuote(quote);
    } else {
      this.#giveUpQuote();
    }
    return true;
  }

  #closeQuote(quote: number): void {
    this.#mode = 'unquoted';
    this.#scanned = this.#quoteAt + 1;
    if (this.#nextLineEnd() < quote) this.#innerLines += this.window.lineEnds(this.#quoteAt + 1, quote);
    this.#scanned = quote + 1;
  }

  #giveUpQuote(): void {
    this.#mode = 'damaged';
    this.#scanned = this.#quoteAt + 1;
    this.#quotes.rewind();
  }

  #endRecord(lineEnd: number): boolean {
    const { window } = this;
    if (lineEnd === NOT_YET) {
      this.#scanned = window.end;
      if (!this.#final || window.end === this.#recordStart) return false;
      this.#describe(window.end, window.end);
      return true;
    }
    this.#scanned = lineEnd;
    let end = lineEnd + 1;
    if (window.at(lineEnd) === CR) {
      if (end === window.end && !this.#final) return false;
      if (end < window.end && window.at(end) === LF) end++;
    }
    this.#describe(lineEnd, end);
    return true;
  }

  /** Publishes the record that ends with the newline at `lineEnd`, and begins the next one at `end`. */
  #describe(lineEnd: number, end: number): void {
    const damaged = this.#mode === 'damaged';
    this.start = this.#recordStart;
    this.lineEnd = lineEnd;
    this.end = end;
    this.line = this.#recordLine;
    this.lines = (damaged ? this.#quoteLine - this.#recordLine : this.#innerLines) + 1;
    this.damageLine = damaged ? this.#quoteLine : this.#recordLine;
    if (damaged) this.found = 'quote_unclosed';
    else if (lineEnd === this.#recordStart) this.found = 'empty';
    else if (this.#isTooLong()) this.found = 'record_too_long';
    else this.found = this.#isBlankLine(lineEnd) ? 'blank' : null;

    this.#mode = 'unquoted';
    this.#scanned = end;
    this.#recordStart = end;
    this.#recordLine = this.line + this.lines;
    this.#innerLines = 0;
  }

  /** Most lines are known by their first byte: it is a letter or a digit. */
  #mayBeBlank(at: number): boolean {
    const first = this.window.at(at) ?? 0;
    return first <= QUOTE || first === this.#delimiter || first >= 0x80;
  }

  #isBlankLine(lineEnd: number): boolean {
    return this.#innerLines === 0 && this.window.isBlank(this.start, lineEnd, this.#delimiter);
  }

  #isTooLong(): boolean {
    const { maxRecordBytes, maxCells } = this.limits;
    const bytes = this.end - this.start;
    if (bytes > maxRecordBytes) return true;
    // A record with fewer bytes than cells are allowed cannot hold too many cells: most records are never counted.
    if (bytes < maxCells) return false;
    return this.window.separators(this.start, this.end, this.#delimiter) >= maxCells;
  }
}
