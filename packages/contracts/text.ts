/** Makes text from outside fit every part of the system: no database stores NUL, and half of a surrogate pair has no bytes. */

const NO_TEXT = /[\p{Cc}\p{Cs}]/gu;
/** What no page shows and no form takes: a control character but tabs and newlines; NUL is no text at all. */
export const CONTROL_CHARACTER = /[^\P{Cc}\0\t\n\r]/u;
/** FileMaker and PowerPoint write newlines within a text so, and Word the end of a page. */
const OTHER_NEWLINES = /[\v\f]/g;

/** The text with each newline as LF, CR or CRLF, as all programs read it. */
export function withUsualNewlines(text: string): string {
  return text.replace(OTHER_NEWLINES, '\n');
}

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
