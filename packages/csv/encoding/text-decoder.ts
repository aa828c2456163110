/**
 * Decodes the encodings that files are in. Of the code pages of DOS Node.js has one, and takes letters of two encodings for others or for private
 * characters: most Hangul syllables, which Windows adds to EUC-KR, and what Hong Kong adds to Big5. Of some encodings its versions differ.
 */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import iconv from 'iconv-lite';

/** Reads bytes in pieces; those that mean nothing become U+FFFD. */
export interface PieceDecoder {
  push(bytes: Uint8Array): string;
  end(): string;
}

/** What the library decodes, by its own names. */
const OF_LIBRARY: Partial<Record<Encoding, { readonly name: string; readonly isPaired: boolean }>> = {
  'euc-kr': { name: 'cp949', isPaired: true },
  big5: { name: 'big5hkscs', isPaired: true },
  ibm850: { name: 'cp850', isPaired: false },
  ibm852: { name: 'cp852', isPaired: false },
  // Node.js 20 and 24 read some of their bytes otherwise, and Node.js 20 makes private characters of Thai bytes that mean nothing.
  ibm866: { name: 'cp866', isPaired: false },
  'koi8-u': { name: 'koi8-u', isPaired: false },
  'windows-874': { name: 'windows-874', isPaired: false },
  'windows-1253': { name: 'windows-1253', isPaired: false },
  'windows-1255': { name: 'windows-1255', isPaired: false },
};

export function createDecoder(encoding: Encoding): PieceDecoder {
  const ofLibrary = OF_LIBRARY[encoding];
  if (ofLibrary !== undefined) return ofWholeLetters(ofLibrary.name, ofLibrary.isPaired);
  const decoder = new TextDecoder(encoding);
  return {
    // Node.js reads windows-1252 as ISO-8859-1 unless it streams.
    push: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}

/** The library loses a character behind a piece that ends within a letter, so a first half waits here for the second one. */
function ofWholeLetters(name: string, isPaired: boolean): PieceDecoder {
  let half = Buffer.alloc(0);
  return {
    push: (bytes) => {
      const all = Buffer.concat([half, bytes]);
      const end = isPaired ? endOfLetters(all) : all.length;
      half = all.subarray(end);
      return iconv.decode(all.subarray(0, end), name);
    },
    end: () => iconv.decode(half, name),
  };
}

/** How many of the bytes are whole letters: all, or all but the last one. The first byte begins a letter. */
function endOfLetters(bytes: Uint8Array): number {
  // Bytes below 0x40 are no second half.
  let at = bytes.findLastIndex((byte) => byte < 0x40) + 1;
  for (;;) {
    const byte = bytes[at];
    if (byte === undefined) return at;
    const isFirstHalf = byte > 0x80 && byte < 0xff;
    if (isFirstHalf && at + 1 === bytes.length) return at;
    at += isFirstHalf ? 2 : 1;
  }
}
