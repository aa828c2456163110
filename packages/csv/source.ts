/**
 * Reads a file's bytes as what the cutter takes, while they stream in: UTF-8 of one grammar, without byte order mark, titles and padding.
 * Lines stay lines, so that every line that a person is told is that of the file.
 */
import { CR, concat, countLineEnds, LF } from './bytes.ts';
import { isPlain } from './dialect/grammar.ts';
import { GrammarNormaliser } from './dialect/normalise.ts';
import { Transcoder } from './encoding/transcode.ts';
import type { Sniffed } from './sniff.ts';

const NUL = 0;
/** Ctrl-Z, with which programs of DOS end a text. */
const END_OF_TEXT = 0x1a;
/** Padding that is held back at most; what is longer stands in the file. */
const MAX_PADDING = 64 * 1024;

const nothing = new Uint8Array(0);

/** Give the file's bytes to `push` in any pieces, beginning with its first byte, then call `end`. Memory: a few pieces. */
export class SourceReader {
  readonly #transcoder: Transcoder | null;
  readonly #normaliser: GrammarNormaliser | null;
  #bomBytes: number;
  /** Bytes above the header that are still to come. */
  #preambleBytes: number;
  /** The last byte that came above the header. */
  #lastAbove = 0;
  /** NUL bytes and Ctrl-Z that may stand at the file's end. */
  #padding: Uint8Array = nothing;

  constructor({ dialect, bomLength, grammar, hasComments, preambleBytes }: Sniffed) {
    this.#transcoder = dialect.encoding === 'utf-8' ? null : new Transcoder(dialect.encoding);
    this.#normaliser = isPlain(grammar) && !hasComments ? null : new GrammarNormaliser(grammar, hasComments);
    this.#bomBytes = bomLength;
    this.#preambleBytes = preambleBytes;
  }

  push(bytes: Uint8Array): Uint8Array {
    const skipped = Math.min(this.#bomBytes, bytes.length);
    this.#bomBytes -= skipped;
    const own = skipped === 0 ? bytes : bytes.subarray(skipped);
    return this.#read(this.#transcoder?.push(own) ?? own);
  }

  /** What was held back, without the padding at the file's end. */
  end(): Uint8Array {
    const last = this.#read(this.#transcoder?.end() ?? nothing);
    this.#padding = nothing;
    return concat([last, this.#normaliser?.end() ?? nothing]);
  }

  #read(utf8: Uint8Array): Uint8Array {
    const text = this.#holdPadding(this.#preambleBytes > 0 ? this.#blankPreamble(utf8) : utf8);
    return this.#normaliser?.push(text) ?? text;
  }

  /** Leaves of what stands above the header its newlines. */
  #blankPreamble(utf8: Uint8Array): Uint8Array {
    const above = Math.min(this.#preambleBytes, utf8.length);
    this.#preambleBytes -= above;
    // An LF behind a CR ends the same line, though they come in two pieces.
    const isSecondHalf = this.#lastAbove === CR && utf8[0] === LF;
    const lines = new Uint8Array(countLineEnds(utf8, 0, above) - (isSecondHalf ? 1 : 0)).fill(LF);
    this.#lastAbove = utf8[above - 1] ?? this.#lastAbove;
    return concat([lines, utf8.subarray(above)]);
  }

  #holdPadding(text: Uint8Array): Uint8Array {
    let end = text.length;
    while (end > 0 && (text[end - 1] === NUL || text[end - 1] === END_OF_TEXT)) end--;
    if (end === text.length && this.#padding.length === 0) return text;
    if (end === 0 && this.#padding.length + text.length <= MAX_PADDING) {
      this.#padding = concat([this.#padding, text]);
      return nothing;
    }
    const read = concat([this.#padding, text.subarray(0, end)]);
    this.#padding = text.slice(end);
    return read;
  }
}
