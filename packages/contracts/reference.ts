/** Reference data, on compacted topics. The key is the country's code. */

export interface Country {
  /** ISO 3166-1 alpha-2. */
  code: string;
  name: string;
  /** Other names and codes of the country: alpha-3, native and common names, in any case. */
  aliases: string[];
  /** Without the plus, such as 49; null where the country has none. */
  callingCode: string | null;
}

export interface CountryTimeZone {
  code: string;
  /** An IANA name; of a country with several zones, the capital's. */
  timeZone: string;
}

/** The types of the events on the two topics. Their data is a `Country` and a `CountryTimeZone`; a tombstone removes one. */
export const COUNTRY_TYPE = 'country.defined';
export const COUNTRY_TIME_ZONE_TYPE = 'country.time-zone-derived';

/** Characters of a country's name, at most. No country has a longer one, and normalizing a long text may take quadratic time. */
export const MAX_COUNTRY_NAME_LENGTH = 200;

const ASCII = /^[\x20-\x7e]*$/;
const NAME_MARKS = /[\u0300-\u036f.'’‘`´]/g;
const NAME_GAPS = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The form in which names of countries are compared: without case, diacritics, punctuation and a leading "the". Marks that
 * belong to the letters of other scripts stay.
 */
export function foldCountryName(name: string): string {
  // Upper case first, because that makes ß the same as ss.
  const letters = ASCII.test(name)
    ? name.toLowerCase()
    : name.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
  return letters
    .replace(NAME_MARKS, '')
    .replaceAll('&', ' and ')
    .replace(NAME_GAPS, ' ')
    .trim()
    .replace(/^the /, '');
}
