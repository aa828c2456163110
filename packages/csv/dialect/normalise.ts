/**
 * Rewrites records of another grammar as RFC 4180 has them, while they stream in and line by line: so the cutter and all that follows
 * know one grammar alone.
 */
import { CR, LF, QUOTE } from '../bytes.ts';
import { type Grammar, writtenDelimiter } from './grammar.ts';

const BACKSLASH = 0x5c;
const BLANK = 0x20;
const HASH = 0x23;
const APOSTROPHE = 0x27;

type Mode =
  | 'record'
  | 'field'
  | 'unquoted'
  /** In an unquoted cell that has to be quoted, since it begins with our quote, or another delimiter is written. */
  | 'wrapped'
  | 'quoted'
  | 'escaped'
  /** Behind a quote that closes the cell, unless another one follows. */
  | 'closing'
  | 'closed'
  | 'comment';

/** Give the bytes to `push` in any pieces, then call `end`. A quote that is not well closed stays so. Memory: twice a piece. */
export class GrammarNormaliser {
  readonly #delimiter: number;
  readonly #written: number;
  readonly #quote: number;
  readonly #backslash: boolean;
  readonly #blanks: boolean;
  readonly #comments: boolean;
  #mode: Mode = 'record';
  /** Blanks at the start of a cell that may be dropped. */
  #heldBlanks = 0;
  #out = new Uint8Array(0);
  #length = 0;

  constructor(grammar: Grammar, hasComments: boolean) {
    this.#delimiter = grammar.delimiter.charCodeAt(0);
    this.#written = writtenDelimiter(grammar.delimiter).charCodeAt(0);
    this.#quote = grammar.quote.charCodeAt(0);
    this.#backslash = grammar.backslash;
    this.#blanks = grammar.blanksAroundQuotes;
    this.#comments = hasComments;
  }

  push(bytes: Uint8Array): Uint8Array {
    // A byte becomes two at most, and held blanks and an end may come on top.
    this.#out = new Uint8Array(bytes.length * 3 + this.#heldBlanks + 4);
    this.#length = 0;
    for (const byte of bytes) this.#read(byte);
    return this.#out.subarray(0, this.#length);
  }

  end(): Uint8Array {
    this.#out = new Uint8Array(this.#heldBlanks + 4);
    this.#length = 0;
    if (this.#mode === 'closing' || this.#mode === 'closed' || this.#mode === 'wrapped') this.#write(QUOTE);
    if (this.#mode === 'escaped') this.#write(BACKSLASH);
    this.#writeBlanks();
    return this.#out.subarray(0, this.#length);
  }

  #write(byte: number): void {
    this.#out[this.#length++] = byte;
  }

  #writeBlanks(): void {
    while (this.#heldBlanks > 0) {
      this.#heldBlanks--;
      this.#write(BLANK);
    }
  }

  #read(byte: number): void {
    const mode = this.#mode;
    if (mode === 'record' || mode === 'field') this.#begin(byte);
    else if (mode === 'unquoted') this.#copy(byte);
    else if (mode === 'wrapped') this.#readWrapped(byte);
    else if (mode === 'quoted') this.#readQuoted(byte);
    else if (mode === 'escaped') this.#readEscaped(byte);
    else if (mode !== 'comment') this.#close(byte);
    else if (isNewline(byte)) this.#copy(byte);
  }

  #begin(byte: number): void {
    if (this.#mode === 'record' && this.#comments && byte === HASH) {
      this.#mode = 'comment';
      return;
    }
    if (this.#blanks && byte === BLANK) {
      this.#mode = 'field';
      this.#heldBlanks++;
      return;
    }
    if (byte === this.#quote) {
      this.#heldBlanks = 0;
      this.#write(QUOTE);
      this.#mode = 'quoted';
      return;
    }
    this.#writeBlanks();
    const isText = byte !== this.#delimiter && !isNewline(byte);
    if (byte === QUOTE || (isText && this.#written !== this.#delimiter)) {
      this.#mode = 'wrapped';
      this.#write(QUOTE);
      this.#readWrapped(byte);
    } else this.#copy(byte);
  }

  /** Writes a byte of an unquoted cell, or what ends it. */
  #copy(byte: number): void {
    this.#write(byte === this.#delimiter ? this.#written : byte);
    if (byte === this.#delimiter) this.#mode = 'field';
    else this.#mode = isNewline(byte) ? 'record' : 'unquoted';
  }

  #readWrapped(byte: number): void {
    if (byte === this.#delimiter || isNewline(byte)) {
      this.#write(QUOTE);
      this.#copy(byte);
    } else this.#writeText(byte);
  }

  #readQuoted(byte: number): void {
    if (byte === this.#quote) this.#mode = 'closing';
    else if (byte === BACKSLASH && this.#backslash) this.#mode = 'escaped';
    else this.#writeText(byte);
  }

  #readEscaped(byte: number): void {
    this.#mode = 'quoted';
    if (byte !== this.#quote && byte !== BACKSLASH) this.#write(BACKSLASH);
    this.#writeText(byte);
  }

  #close(byte: number): void {
    if (byte === this.#quote && this.#mode === 'closing') {
      this.#writeText(byte);
      this.#mode = 'quoted';
    } else if (byte === BLANK && this.#blanks) this.#mode = 'closed';
    else if (this.#quote === APOSTROPHE && byte !== this.#delimiter && !isNewline(byte)) {
      this.#write(APOSTROPHE);
      this.#mode = 'quoted';
      this.#readQuoted(byte);
    } else {
      this.#write(QUOTE);
      this.#copy(byte);
    }
  }

  /** Writes a byte of a cell that is quoted in what we write. */
  #writeText(byte: number): void {
    if (byte === QUOTE) this.#write(QUOTE);
    this.#write(byte);
  }
}

function isNewline(byte: number): boolean {
  return byte === LF || byte === CR;
}
