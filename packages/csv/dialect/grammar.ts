/** How a file writes its records, where that is not as RFC 4180 has it; and its first records under a grammar that is being tried. */
import { type Delimiter, delimiters } from '@tidings/contracts/files/csv.ts';
import { splitRecord } from '../cutting/split.ts';

/** Delimiters that are read. Of them the last two are rare, and stand in ordinary text: records come out of it with commas. */
export const sourceDelimiters = [...delimiters, ':', '^'] as const;
export type SourceDelimiter = (typeof sourceDelimiters)[number];

export interface Grammar {
  readonly delimiter: SourceDelimiter;
  /** Within a cell that apostrophes quote, one before anything but a delimiter or a newline is text: `'O'Brien'`. */
  readonly quote: '"' | "'";
  /** Whether a backslash takes the meaning from a quote behind it. */
  readonly backslash: boolean;
  /** Whether blanks between a delimiter and a quote mean nothing. */
  readonly blanksAroundQuotes: boolean;
}

export interface SampleRecord {
  /** Where it starts in the sample, in UTF-16 units. */
  readonly start: number;
  /** The line on which it starts, from 1. */
  readonly line: number;
  /** Of a damaged record, as far as it can be split. */
  readonly cells: readonly string[];
  /** Whether a quote is not closed, or closed before anything but a delimiter or a newline. */
  readonly damaged: boolean;
}

export function plainGrammar(delimiter: SourceDelimiter): Grammar {
  return { delimiter, quote: '"', backslash: false, blanksAroundQuotes: false };
}

/** Whether records are as the cutter takes them. */
export function isPlain({ delimiter, quote, backslash, blanksAroundQuotes }: Grammar): boolean {
  return delimiter === writtenDelimiter(delimiter) && quote === '"' && !backslash && !blanksAroundQuotes;
}

/** The delimiter of the records that the cutter is given. */
export function writtenDelimiter(delimiter: SourceDelimiter): Delimiter {
  return delimiters.find((known) => known === delimiter) ?? ',';
}

/**
 * The first records of a sample, without empty lines. A damaged record ends with the line of the quote that is at fault.
 *
 * @param complete whether the sample is the whole file; else its last record is left out, unless it is the only one
 * @param from where to begin, at the start of a line
 */
export function sampleRecords(
  text: string,
  grammar: Grammar,
  {
    complete,
    limit,
    from = 0,
  }: { readonly complete: boolean; readonly limit: number; readonly from?: number },
): SampleRecord[] {
  const reader = new SampleReader(text, grammar, from);
  const records: SampleRecord[] = [];
  while (records.length < limit) {
    const record = reader.next();
    if (record === null) break;
    if (!complete && reader.isAtEnd && records.length > 0) break;
    records.push(record);
  }
  return records;
}

class SampleReader {
  readonly #text: string;
  readonly #grammar: Grammar;
  #at: number;
  #line: number;

  constructor(text: string, grammar: Grammar, from: number) {
    this.#text = text;
    this.#grammar = grammar;
    this.#at = from;
    this.#line = countLines(text, 0, from) + 1;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  next(): SampleRecord | null {
    while (!this.isAtEnd && this.#endsLine(this.#at)) this.#skipNewline();
    if (this.isAtEnd) return null;
    const start = this.#at;
    const line = this.#line;
    const cells: string[] = [];
    for (;;) {
      const cell = this.#readCell();
      if (cell === null) {
        this.#skipLine();
        return { start, line, cells: this.#splitDamaged(start) ?? cells, damaged: true };
      }
      cells.push(cell);
      if (this.isAtEnd || this.#endsLine(this.#at)) break;
      this.#at += 1;
    }
    if (!this.isAtEnd) this.#skipNewline();
    return { start, line, cells, damaged: false };
  }

  /** As the cutter's records are split; null in another grammar than the cutter's. */
  #splitDamaged(start: number): string[] | null {
    if (!isPlain(this.#grammar)) return null;
    return splitRecord(this.#text.slice(start, this.#at), writtenDelimiter(this.#grammar.delimiter));
  }

  /** null where a quote is not well closed; the reader then stands behind that quote. */
  #readCell(): string | null {
    const { quote, blanksAroundQuotes } = this.#grammar;
    const from = this.#at;
    if (blanksAroundQuotes) while (this.#text[this.#at] === ' ') this.#at += 1;
    if (this.#text[this.#at] === quote) return this.#readQuoted(quote);
    this.#at = from;
    while (!this.#endsCell(this.#at)) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #readQuoted(quote: string): string | null {
    const text = this.#text;
    const opened = this.#at;
    const { backslash, blanksAroundQuotes } = this.#grammar;
    let cell = '';
    let at = opened + 1;
    for (; at < text.length; at += 1) {
      const character = text.charAt(at);
      const following = text[at + 1];
      if (backslash && character === '\\' && (following === quote || following === '\\')) {
        cell += following;
        at += 1;
      } else if (character !== quote) cell += character;
      else if (following === quote) {
        cell += quote;
        at += 1;
      } else if (quote === "'" && !this.#endsCell(at + 1)) cell += quote;
      else break;
    }
    this.#at = at + 1;
    if (blanksAroundQuotes) while (text[this.#at] === ' ') this.#at += 1;
    if (at < text.length && this.#endsCell(this.#at)) {
      this.#line += countLines(text, opened, at);
      return cell;
    }
    this.#at = opened + 1;
    return null;
  }

  #endsCell(at: number): boolean {
    return at >= this.#text.length || this.#text[at] === this.#grammar.delimiter || this.#endsLine(at);
  }

  #endsLine(at: number): boolean {
    return this.#text[at] === '\n' || this.#text[at] === '\r';
  }

  #skipLine(): void {
    while (!this.isAtEnd && !this.#endsLine(this.#at)) this.#at += 1;
    if (!this.isAtEnd) this.#skipNewline();
  }

  #skipNewline(): void {
    this.#at += this.#text.startsWith('\r\n', this.#at) ? 2 : 1;
    this.#line += 1;
  }
}

/** Newlines in the range: LF, CR, or CRLF. */
function countLines(text: string, from: number, to: number): number {
  return text.slice(from, to).match(/\r\n|\r|\n/g)?.length ?? 0;
}
