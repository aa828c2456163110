/** Makes UTF-8 of a file in another encoding while it streams in, so that all that follows knows UTF-8 alone. */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { REPLACEMENT_CHARACTER } from '../utf8.ts';
import { createDecoder, type PieceDecoder } from './text-decoder.ts';

/** Encodings that can write U+FFFD themselves: there it stands for a letter that an earlier program lost. */
const WITH_REPLACEMENT: ReadonlySet<Encoding> = new Set(['utf-16le', 'utf-16be', 'gb18030']);

/** No byte of UTF-8: whoever reads the rows finds it, and rejects the row. */
const UNREADABLE_BYTE = 0xff;

const encoder = new TextEncoder();

/**
 * Give the bytes to `push` in any pieces, then call `end`. Where bytes mean nothing in the encoding, the answer holds a byte that is no
 * UTF-8, so that the row is rejected by its line and no letter is made up. A byte order mark at the start is dropped. Memory: one piece.
 */
export class Transcoder {
  readonly #decoder: PieceDecoder;
  readonly #keepsReplacement: boolean;

  constructor(encoding: Encoding) {
    this.#decoder = createDecoder(encoding);
    this.#keepsReplacement = WITH_REPLACEMENT.has(encoding);
  }

  push(bytes: Uint8Array): Uint8Array {
    return this.#encode(this.#decoder.push(bytes));
  }

  end(): Uint8Array {
    return this.#encode(this.#decoder.end());
  }

  #encode(text: string): Uint8Array {
    if (this.#keepsReplacement || !text.includes(REPLACEMENT_CHARACTER)) return encoder.encode(text);
    const parts = text.split(REPLACEMENT_CHARACTER).map((part) => encoder.encode(part));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length + 1, -1));
    let at = 0;
    for (const [index, part] of parts.entries()) {
      if (index > 0) bytes[at++] = UNREADABLE_BYTE;
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

/** The text of a file's first bytes, as those who read its rows see it. @param bytes without the byte order mark */
export function readText(bytes: Uint8Array, encoding: Encoding): string {
  const utf8 = encoding === 'utf-8' ? bytes : new Transcoder(encoding).push(bytes);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8, { stream: true });
}
