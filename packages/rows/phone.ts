/** Reads phone numbers to E.164. */
import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { readCommonShape, type ShapeReader } from './phone-plans.ts';
import { cleanPhone, splitPhones } from './phone-text.ts';

export type PhoneResult =
  | { readonly ok: true; readonly number: string; readonly extension: string | null }
  | { readonly ok: false; readonly code: 'phone_invalid' | 'phone_country_unknown' };

/** Characters of a phone number and the text around it, at most; the library's own bound. */
const MAX_LENGTH = 250;

/**
 * A number that a spreadsheet or a data frame wrote as a decimal: `1711234567.0`, `1.711.234.567,00`. Before the decimal point stands a
 * run of digits that is longer than a group, or groups of three by another sign; after the decimals stands at most an extension.
 */
const DECIMALS = /\s*([.,．，٫])(\p{Nd}+)(?=$|\s*(?:;|x|#|ext))/iu;
/** Most numbers have none. */
const DECIMAL_SIGN = /[.,．，٫]/;
const LONG_RUN = /\p{Nd}{4}$/u;
/** A run of digits longer than any group that a person writes: a dot after it begins a fraction. */
const LONGER_RUN = /\p{Nd}{7}$/u;
const PLAIN = /^\+?\p{Nd}{4,}$/u;
const THOUSANDS = /^\+?\p{Nd}{1,3}(?:[.,'’\s]\p{Nd}{3})+$/u;
const PLUS = /[+＋]/;
const DIGITS = /\p{Nd}/gu;
const ZEROS = /^[0０٠۰]+$/;

const URI_SCHEME = /^tel:\s*/i;
/** Brackets around the calling code, as in `(+49) 30 …`, which the library does not read. */
const BRACKETED_PLUS = /^\(\s*\+/;
const NATIONAL_SHAPE = /^[\d(][\d ()./-]*$/;
const INVALID: PhoneResult = { ok: false, code: 'phone_invalid' };
const COUNTRY_UNKNOWN: PhoneResult = { ok: false, code: 'phone_country_unknown' };

/**
 * @param phone trimmed, not blank
 * @param country ISO 3166-1 alpha-2 of a number that names none; null where it is not known: then the number must begin
 *   with + or 00
 * @param readShape reads common numbers before the library is asked
 */
export function readPhone(
  phone: string,
  country: string | null,
  readShape: ShapeReader = readCommonShape,
): PhoneResult {
  if (phone.length > MAX_LENGTH) return INVALID;
  const read = readWritten(phone, country, readShape);
  if (read.ok) return read;
  const cleaned = cleanPhone(phone, country);
  return cleaned === phone || cleaned === '' ? read : readWritten(cleaned, country, readShape);
}

function readWritten(phone: string, country: string | null, readShape: ShapeReader): PhoneResult {
  const text = withoutDecimals(phone);
  if (text === null) return INVALID;
  const number = readShape(text, country);
  return number === null ? readAnyPhone(text, country) : { ok: true, number, extension: null };
}

/** The numbers of a cell that lists several; null where it does not, or one of them is wrong. */
export function readPhoneList(cell: string, country: string | null): readonly string[] | null {
  const parts = cell.length > MAX_LENGTH ? [] : splitPhones(cell);
  if (parts.length < 2) return null;
  const numbers = parts.map((part) => readPhone(part.trim(), country));
  const valid = numbers.flatMap((phone) => (phone.ok ? [phone.number] : []));
  return valid.length === numbers.length ? [...new Set(valid)] : null;
}

/**
 * Reads a number of a column whose numbers have their country's code. It may lack its plus; where that makes no number it is read as others are.
 */
export function readInternationalPhone(phone: string, country: string | null): PhoneResult {
  const international =
    /^\p{Nd}/u.test(phone) && !phone.startsWith('0') ? readPhone(`+${phone}`, null) : INVALID;
  return international.ok ? international : readPhone(phone, country);
}

/** The text without decimals that are zeros; null where other decimals show that it is no phone number. */
function withoutDecimals(phone: string): string | null {
  const found = DECIMAL_SIGN.test(phone) ? DECIMALS.exec(phone) : null;
  if (found === null) return phone;
  const [whole, sign = '', decimals = ''] = found;
  const before = phone.slice(0, found.index);
  if (before.includes(sign)) return hasDecimalsTwice(before, decimals) ? null : phone;
  const isAmount = PLAIN.test(before) || THOUSANDS.test(before);
  if (ZEROS.test(decimals)) {
    // A single zero is no group of a phone number, whatever stands before it; `01 42.00` may be a phone number.
    const isLeftOut = isAmount || (decimals.length === 1 && LONG_RUN.test(before));
    return isLeftOut ? before + phone.slice(found.index + whole.length) : phone;
  }
  // Digits after a comma may be an extension.
  if (sign === ',') return phone;
  const isFraction =
    decimals.length === 1 ? LONG_RUN.test(before) : decimals.length <= 3 && LONGER_RUN.test(before);
  return isFraction ? null : phone;
}

/** Whether it cannot be told which digits are the number's, as in `1711234567.0.0` and `1.711.234.567.0`. `01.42.68.53.00` is a number. */
function hasDecimalsTwice(before: string, decimals: string): boolean {
  const isSingleZero = decimals.length === 1 && ZEROS.test(decimals);
  return (isSingleZero && THOUSANDS.test(before)) || withoutDecimals(before) !== before;
}

/** Reads with the library alone, without decimals. It is slower, and `readPhone` must agree with it. */
export function readAnyPhone(phone: string, country: string | null): PhoneResult {
  const text = phone.replace(URI_SCHEME, '').replace(BRACKETED_PLUS, '+');
  const home = country !== null && isDiallable(country) ? country : undefined;
  const read = parse(text, home);
  if (read !== null) return readWithoutPlus(text, read) ?? toResult(read);
  // 00 stands for + also where the country of the row has another prefix, or is not known.
  if (text.startsWith('00')) return toResult(parse(`+${text.slice(2)}`, undefined));
  return home === undefined && NATIONAL_SHAPE.test(text) ? COUNTRY_UNKNOWN : INVALID;
}

/**
 * A number that begins with the country's calling code may have lost its plus in a spreadsheet, or may be a national number
 * without its first zero. Where both are valid, a mobile number decides: `49 171 1234567` is no landline.
 */
function readWithoutPlus(text: string, read: PhoneNumber): PhoneResult | null {
  const { countryCallingCode, nationalNumber, ext = '' } = read;
  if (!nationalNumber.startsWith(countryCallingCode) || PLUS.test(text)) return null;
  const digits = text.match(DIGITS)?.length;
  // With more digits, the number was written with a national prefix.
  if (digits !== nationalNumber.length + ext.length || read.getType() === 'MOBILE') return null;
  const international = parse(`+${nationalNumber}`, undefined);
  if (international?.getType() !== 'MOBILE') return null;
  return { ok: true, number: international.number, extension: read.ext ?? null };
}

function parse(text: string, defaultCountry: CountryCode | undefined): PhoneNumber | null {
  const phone = parsePhoneNumberFromString(text, { defaultCountry, extract: false });
  return phone?.isValid() ? phone : null;
}

function toResult(phone: PhoneNumber | null): PhoneResult {
  return phone === null ? INVALID : { ok: true, number: phone.number, extension: phone.ext ?? null };
}

function isDiallable(country: string): country is CountryCode {
  return isSupportedCountry(country);
}
