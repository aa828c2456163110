/** The bytes of the CSV grammar, and counts over them. */
export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;

/**
 * How many lines end in `bytes[from..to)`: every CR, LF or CRLF ends one. A CRLF counts where its CR stands, so that
 * counts of adjoining ranges add up wherever the range is divided.
 */
export function countLineEnds(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  let previous = from > 0 ? bytes[from - 1] : 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === CR || (byte === LF && previous !== CR)) count++;
    previous = byte;
  }
  return count;
}

/** How many delimiters separate cells in `bytes[from..to)`, which must be one well-formed record. */
export function countSeparators(bytes: Uint8Array, from: number, to: number, delimiter: number): number {
  let count = 0;
  let fieldStart = true;
  let quotedField = false;
  let inside = false;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === delimiter && !inside) {
      count++;
      fieldStart = true;
      quotedField = false;
      continue;
    }
    if (byte === QUOTE) {
      if (fieldStart) quotedField = true;
      if (quotedField) inside = !inside;
    }
    fieldStart = false;
  }
  return count;
}

/**
 * Whether every quoted cell that opens in `bytes[from..to)`, a record's line without its newline, is closed there too,
 * and by nothing but a delimiter or the line's end. `quote` is where the line's first quote stands.
 */
export function closesQuotes(
  bytes: Uint8Array,
  from: number,
  quote: number,
  to: number,
  delimiter: number,
): boolean {
  let at = quote;
  while (at < to) {
    const opens = at === from || bytes[at - 1] === delimiter;
    at++;
    if (opens) {
      for (;;) {
        while (at < to && bytes[at] !== QUOTE) at++;
        if (at >= to) return false;
        at++;
        if (at === to || bytes[at] !== QUOTE) break;
        at++;
      }
      if (at < to && bytes[at] !== delimiter) return false;
    }
    while (at < to && bytes[at] !== QUOTE) at++;
  }
  return true;
}

/** One array with the bytes of all parts; the only part itself where there is one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Whether every cell of the record `bytes[from..to)`, its newline aside, is blank: nothing, or blanks of any width, tabs, NUL and Ctrl-Z.
 * A record with a newline in a cell is none. Most records are known by their first byte.
 */
export function isBlankRecord(bytes: Uint8Array, from: number, to: number, delimiter: number): boolean {
  let isQuoted = false;
  let isStart = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    const startsCell = isStart;
    isStart = byte === delimiter && !isQuoted;
    if (byte === QUOTE) {
      // A quote within a cell is text.
      const isText = isQuoted ? bytes[at + 1] === QUOTE && at + 1 < to : !startsCell;
      if (isText) return false;
      isQuoted = !isQuoted;
    } else if (byte !== delimiter || isQuoted) {
      const length = blankLength(bytes, at);
      if (length === 0) return false;
      at += length - 1;
    }
  }
  return true;
}

/** Bytes of the blank at `at`; 0 where none stands there. */
function blankLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === 0x20 || byte === 0x09 || byte === 0x00 || byte === 0x1a) return 1;
  const [second, third] = [bytes[at + 1], bytes[at + 2]];
  if (byte === 0xc2) return second === 0xa0 ? 2 : 0;
  const isWide = byte === 0xe3 && second === 0x80 && third === 0x80;
  return isWide || (byte === 0xef && second === 0xbb && third === 0xbf) ? 3 : 0;
}
