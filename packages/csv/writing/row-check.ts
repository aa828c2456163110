/** The `_check` of a rejected row: tells whether a row that comes back is the one that was written, though a spreadsheet has saved it. */
import { createHash } from 'node:crypto';

/**
 * The number of a row's cells and a digest of what was written, as a text that no spreadsheet takes for a number or a date. The digest leaves out
 * what spreadsheets change by themselves.
 */
export function checkOf(count: number, own: readonly string[], code: string, extra: string): string {
  const texts = [...own, code, extra].map(asSpreadsheetsKeepIt);
  const digest = createHash('sha256')
    .update(JSON.stringify([count, texts]))
    .digest('hex');
  return `c${count}-${digest.slice(0, 16)}`;
}

const NUMBER = /^[+-]?[\p{Sc}\s]*(\d[\d.,'’\s]*)(?:e[+-]?\d+)?[%\p{Sc}\s]*$/iu;
const SHORT_DATE = /^\d{1,4}\.\d{1,2}\.(?:\d{4}|\d{1,2})?$/;
const DATE_OR_TIME = /^\d[\d\s.,:/tz-]*(?:[ap]m)?$/i;
const TRUTH_VALUE = /^(?:true|false)$/i;
/** Characters of a number, a date or a time; a longer text is none, and is not searched. */
const MAX_VALUE_CHARACTERS = 40;
/** Digits after the first that spreadsheets keep of a long number, at least: `4.91711E+11`. */
const KEPT_DIGITS = 5;

/**
 * What is sure to stay of a text when a spreadsheet opens and saves it: newlines as LF, no blanks at the ends, the first
 * digits of a number, and of a date or a time only the fact that it is one.
 */
function asSpreadsheetsKeepIt(text: string): string {
  const trimmed = text.replace(/\r\n?/g, '\n').trim();
  if (trimmed.length > MAX_VALUE_CHARACTERS) return trimmed;
  const number = SHORT_DATE.test(trimmed) ? null : NUMBER.exec(trimmed);
  if (number !== null) return `number ${firstDigitsOf(number[1] ?? '')}`;
  if (DATE_OR_TIME.test(trimmed)) return 'date or time';
  return TRUTH_VALUE.test(trimmed) ? trimmed.toLowerCase() : trimmed;
}

/** The number rounded, without sign, separators, and zeros at its ends. */
function firstDigitsOf(mantissa: string): string {
  const digits = mantissa.replace(/\D/g, '');
  return Number(`0.${digits.replace(/^0+/, '')}`)
    .toExponential(KEPT_DIGITS)
    .replace(/e.*/, '');
}
