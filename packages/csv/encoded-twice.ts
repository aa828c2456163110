/**
 * Finds texts that an earlier program has saved in the wrong encoding: it took UTF-8 for windows-1252 or windows-1251, and saved that as UTF-8
 * (`JÃ¶rg`). Nothing is changed: what was meant is shown to a person.
 */
import { invalidUtf8At } from './utf8.ts';

export interface EncodedTwice {
  /** As it stands in the file. */
  readonly written: string;
  /** What it was before. */
  readonly meant: string;
}

/** Windows-1252 leaves five bytes undefined, which are control characters here, as in ISO-8859-1. */
const ENCODINGS = ['windows-1252', 'windows-1251'] as const;
const LAST_ASCII = 0x7f;
/** Characters of a cell that are looked at, at most. */
const MAX_LOOKED_AT = 1_000;

/** A letter or sign beyond ASCII that stands beside a letter. */
const IN_WORD = /(?<=\p{L})(?!\p{ASCII})[\p{L}\p{P}]|(?!\p{ASCII})[\p{L}\p{P}](?=\p{L})/u;

const byteTables = ENCODINGS.map(bytesOfCharacters);
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Whether the text has a character that is not ASCII. */
export function isBeyondAscii(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

/**
 * What the whole text was before it was saved in the wrong encoding; null where nothing says so. A letter or sign beside a letter must come of
 * it: `Ні` is a word, though its bytes in windows-1251 are UTF-8.
 */
export function readEncodedTwice(cell: string): EncodedTwice | null {
  if (!isBeyondAscii(cell) || cell.length > MAX_LOOKED_AT) return null;
  for (const table of byteTables) {
    const meant = readAs(cell, table);
    if (meant === null) continue;
    const isText = !/[\p{Cc}\p{Cn}\p{Co}]/u.test(meant.replace(/[\t\r\n]/g, ''));
    if (isText && IN_WORD.test(meant)) return { written: cell, meant };
  }
  return null;
}

function readAs(text: string, table: ReadonlyMap<number, number>): string | null {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const byte = code <= LAST_ASCII ? code : table.get(code);
    if (byte === undefined) return null;
    bytes[at] = byte;
  }
  return invalidUtf8At(bytes) < 0 ? decoder.decode(bytes) : null;
}

/** The byte of each character beyond ASCII, by its code. */
function bytesOfCharacters(encoding: string): ReadonlyMap<number, number> {
  const bytes = Uint8Array.from({ length: 128 }, (_, index) => 128 + index);
  // Node.js reads windows-1252 as ISO-8859-1 unless it streams.
  const text = new TextDecoder(encoding).decode(bytes, { stream: true });
  return new Map([...text].map((character, index) => [character.charCodeAt(0), 128 + index]));
}
