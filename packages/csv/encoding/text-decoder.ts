/**
 * Decodes the encodings that files are in. Node.js has no code pages of Western DOS, and lacks letters of two encodings, which it takes for
 * others or for private characters: half of all Hangul syllables, which Windows adds to EUC-KR, and what Hong Kong adds to Big5.
 */
import type { Encoding } from '@tidings/contracts/csv.ts';
import iconv from 'iconv-lite';

/** Reads bytes in pieces; those that mean nothing become U+FFFD. */
export interface PieceDecoder {
  push(bytes: Uint8Array): string;
  end(): string;
}

/** What the library decodes, by its own names. */
const OF_LIBRARY: Partial<Record<Encoding, string>> = {
  'euc-kr': 'cp949',
  big5: 'big5hkscs',
  ibm850: 'cp850',
  ibm852: 'cp852',
};

export function createDecoder(encoding: Encoding): PieceDecoder {
  const ofLibrary = OF_LIBRARY[encoding];
  if (ofLibrary !== undefined) {
    const decoder = iconv.getDecoder(ofLibrary);
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
