/** Makes text from outside fit every part of the system: no database stores NUL, and half of a surrogate pair has no bytes. */

const NO_TEXT = /[\p{Cc}\p{Cs}]/gu;

/** The number that a text names as `String` writes it; null for another spelling (`02`, `2.0`, `+2`), and for what is no whole number from 0. */
export function readWholeNumber(text: string): number | null {
  const number = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * The text as one line, for a name that may be anything and is only shown.
 * @param length characters that are kept, at most; none of them is split
 */
export function toLine(text: string, length: number): string {
  return [...text.replace(NO_TEXT, '')].slice(0, length).join('');
}
