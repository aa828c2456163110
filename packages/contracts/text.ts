/** Makes text from outside fit every part of the system: no database stores NUL, and half of a surrogate pair has no bytes. */

const NO_TEXT = /[\p{Cc}\p{Cs}]/gu;

/**
 * The text as one line, for a name that may be anything and is only shown.
 * @param length characters that are kept, at most; none of them is split
 */
export function toLine(text: string, length: number): string {
  return [...text.replace(NO_TEXT, '')].slice(0, length).join('');
}
