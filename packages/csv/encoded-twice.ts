/**
 * Finds texts that an earlier program has saved in the wrong encoding: it took UTF-8 for an encoding of Windows, of the Mac or of DOS, and saved
 * that as UTF-8 (`JÃ¶rg`). Nothing is changed: what was meant is shown to a person.
 */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { isPlausible } from './encoding/plausible-text.ts';
import { createDecoder } from './encoding/text-decoder.ts';
import { invalidUtf8At, REPLACEMENT_CHARACTER } from './utf8.ts';

export interface EncodedTwice {
  /** As it stands in the file. */
  readonly written: string;
  /** What it was before. */
  readonly meant: string;
}

/**
 * What spreadsheets and scripts take UTF-8 for, by the languages of their systems. Not windows-1257: pairs of its characters stand in
 * names as they are, `SMÅØERNE` and `“HORVATIĆ”`.
 */
const ENCODINGS = [
  ...['windows-1252', 'windows-1251', 'windows-1250', 'windows-1253', 'windows-1254'],
  ...['macintosh', 'ibm850'],
] as readonly Encoding[];
const LAST_ASCII = 0x7f;
/** Characters of a cell that are looked at, at most. */
const MAX_LOOKED_AT = 1_000;
/** How often a text may have been saved in the wrong encoding: a file that goes round and round comes back worse each time. */
const MAX_TIMES = 3;

/** Encodings in which these begin with letters at which names end: `BABIĆ` and a no-break space would become `BABIƠ`, `Nová»Ž` one word, `Cauã»` `CauƯ`. */
const NOT_OF_VIETNAMESE: ReadonlySet<Encoding> = new Set(['windows-1250', 'ibm850']);
const VIETNAMESE = /[ƠơƯư\u1ea0-\u1eff]/;

const byteTables = ENCODINGS.map((encoding) => ({ encoding, bytes: bytesOfCharacters(encoding) }));
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Whether the text has a character that is not ASCII. */
export function isBeyondAscii(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

/**
 * What the text was before it was saved in the wrong encoding, or before some of its words were; null where nothing says so. A letter or sign
 * beside a letter must come of it: `Ні` is a word, though its bytes in windows-1251 are UTF-8.
 */
export function readEncodedTwice(cell: string): EncodedTwice | null {
  if (!isBeyondAscii(cell) || cell.length > MAX_LOOKED_AT) return null;
  const meant = readBack(cell) ?? cell.replace(/[^ \t\r\n]+/g, (word) => readBack(word) ?? word);
  return meant === cell ? null : { written: cell, meant };
}

/** Undoes it as often as it was done; null where it was not. `ƒ` is only on the way: `BABIĆ’` would become `BABIƒ`. */
function readBack(text: string): string | null {
  let read: string | null = null;
  for (let times = 0; times < MAX_TIMES; times++) {
    const before = readOnceBack(read ?? text);
    if (before === null) break;
    read = before;
  }
  return read?.includes('ƒ') ? null : read;
}

function readOnceBack(text: string): string | null {
  if (!isBeyondAscii(text)) return null;
  for (const { encoding, bytes } of byteTables) {
    const meant = readAs(text, bytes);
    if (meant === null || !isPlausible(meant)) continue;
    if (!NOT_OF_VIETNAMESE.has(encoding) || !VIETNAMESE.test(meant)) return meant;
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

/**
 * The byte of each character beyond ASCII, by its code. Bytes below 0xa0 that an encoding leaves undefined are control characters, as in
 * ISO-8859-1; other ones are of no character.
 */
function bytesOfCharacters(encoding: Encoding): ReadonlyMap<number, number> {
  const bytes = Uint8Array.from({ length: 128 }, (_, index) => 128 + index);
  const reading = createDecoder(encoding);
  const text = reading.push(bytes) + reading.end();
  const controls = [...bytes].filter((byte) => byte < 0xa0).map((byte) => [byte, byte] as const);
  const characters = [...text].map((character, index) => [character, 128 + index] as const);
  return new Map([
    ...controls,
    ...characters
      .filter(([character]) => character !== REPLACEMENT_CHARACTER)
      .map(([character, byte]) => [character.charCodeAt(0), byte] as const),
  ]);
}
