/**
 * Decodes the encodings that files are in. Node.js lacks letters of two of them, which it takes for others or for private characters: half of
 * all Hangul syllables, which Windows adds to EUC-KR, and what Hong Kong adds to Big5.
 */
import type { Encoding } from '@tidings/contracts/csv.ts';
import iconv from 'iconv-lite';

/** Reads bytes in pieces; those that mean nothing become U+FFFD. */
export interface PieceDecoder {
  push(bytes: Uint8Array): string;
  end(): string;
}

/** By the names that the library gives to the encodings with all of their letters. */
const COMPLETED: Partial<Record<Encoding, string>> = { 'euc-kr': 'cp949', big5: 'big5hkscs' };

export function createDecoder(encoding: Encoding): PieceDecoder {
  const completed = COMPLETED[encoding];
  if (completed !== undefined) {
    const decoder = iconv.getDecoder(completed);
    return {
      push: (bytes) => decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
      end: () => decoder.end() ?? '',
    };
  }
  const decoder = new TextDecoder(encoding);
  return {
    // Node.js reads windows-1252 as ISO-8859-1 unless it streams.
    push: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}
