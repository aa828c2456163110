/** Finds bytes that are not UTF-8, and makes text of them that a person can read. Nothing here throws, whatever the bytes. */

export const REPLACEMENT_CHARACTER = '\ufffd';

const FIRST_C1_BYTE = 0x80;
/** The characters of 0x80–0x9f in windows-1252. The five bytes that it leaves undefined stay as they are, so that none is lost. */
const WINDOWS_1252_C1 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

const unitsDecoder = new TextDecoder('utf-16le', { ignoreBOM: true });

/** Offset of the first byte that begins no valid sequence; -1 where all is UTF-8. A sequence that is cut off is not valid. */
export function invalidUtf8At(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    if ((bytes[at] ?? 0) < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Whether the bytes from `at` to the end begin a valid sequence whose rest may still come. */
export function isIncompleteSequence(bytes: Uint8Array, at: number): boolean {
  const rest = bytes.length - at;
  if (rest < 1 || rest > 3) return false;
  const first = bytes[at] ?? 0;
  const expected = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (rest >= expected) return false;
  // With any continuation that is allowed everywhere, it must become valid.
  const completed = new Uint8Array(expected).fill(0x80);
  completed.set(bytes.subarray(at));
  if (rest === 1) completed[1] = first === 0xe0 || first === 0xf0 ? 0xa0 : 0x80;
  return sequenceLength(completed, 0) === expected;
}

/** The text of the bytes. Bytes that are not UTF-8 are read as windows-1252, so that each becomes a character of its own. */
export function decodeLossless(bytes: Uint8Array): string {
  // No character has more UTF-16 units than bytes.
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    const point = length === 0 ? windows1252(bytes[at] ?? 0) : codePoint(bytes, at, length);
    if (point > 0xffff) {
      units[count++] = 0xd800 + ((point - 0x10000) >> 10);
      units[count++] = 0xdc00 + (point & 0x3ff);
    } else units[count++] = point;
    at += Math.max(length, 1);
  }
  const used = units.subarray(0, count);
  // The decoder's start takes longer than a short text.
  return count <= 64 ? String.fromCharCode(...used) : unitsDecoder.decode(used);
}

function windows1252(byte: number): number {
  const index = byte - FIRST_C1_BYTE;
  return index >= 0 && index < WINDOWS_1252_C1.length ? WINDOWS_1252_C1.charCodeAt(index) : byte;
}

/** Bytes of the well-formed sequence at `at`, by Unicode's table 3-7; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  if (first < 0xe0) return isContinuation(second) ? 2 : 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest || !isContinuation(bytes[at + 2] ?? 0)) return 0;
  if (first < 0xf0) return 3;
  return isContinuation(bytes[at + 3] ?? 0) ? 4 : 0;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0;
  if (length === 1) return first;
  let point = first & (0xff >> (length + 1));
  for (let next = at + 1; next < at + length; next++) point = (point << 6) | ((bytes[next] ?? 0) & 0x3f);
  return point;
}
