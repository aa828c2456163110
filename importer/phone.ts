/** Phone numbers to E.164. */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readCommonShape } from './phone-plans.ts';

export type PhoneResult =
  | { readonly ok: true; readonly number: string; readonly extension: string | null }
  | { readonly ok: false; readonly code: 'phone_invalid' | 'phone_country_unknown' };

const URI_SCHEME = /^tel:\s*/i;
/** As in `(+49) 30 …`, which the library takes for no number. */
const BRACKETED_PLUS = /^\(\s*\+/;
const NATIONAL_SHAPE = /^[\d(][\d ()./-]*$/;
const INVALID: PhoneResult = { ok: false, code: 'phone_invalid' };
const COUNTRY_UNKNOWN: PhoneResult = { ok: false, code: 'phone_country_unknown' };

/**
 * @param phone trimmed, not blank
 * @param country ISO 3166-1 alpha-2 of a number that names none; null where it is not known: then the number must begin
 *   with + or 00
 */
export function readPhone(phone: string, country: string | null): PhoneResult {
  const number = readCommonShape(phone, country);
  return number === null ? readAnyPhone(phone, country) : { ok: true, number, extension: null };
}

/** The same by the library alone: slower, and what `readPhone` must agree with. */
export function readAnyPhone(phone: string, country: string | null): PhoneResult {
  const text = phone.replace(URI_SCHEME, '').replace(BRACKETED_PLUS, '+');
  const home = country !== null && isDiallable(country) ? country : undefined;
  const read = parse(text, home);
  if (read !== null) return read;
  // 00 stands for + also where the country of the row dials something else, or is not known.
  if (text.startsWith('00')) return parse(`+${text.slice(2)}`, undefined) ?? INVALID;
  return home === undefined && NATIONAL_SHAPE.test(text) ? COUNTRY_UNKNOWN : INVALID;
}

function parse(text: string, defaultCountry: CountryCode | undefined): PhoneResult | null {
  const phone = parsePhoneNumberFromString(text, { defaultCountry, extract: false });
  if (!phone?.isValid()) return null;
  return { ok: true, number: phone.number, extension: phone.ext ?? null };
}

function isDiallable(country: string): country is CountryCode {
  return isSupportedCountry(country);
}
