/** Reference data, on compacted topics: key is the country's code. */

export interface Country {
  /** ISO 3166-1 alpha-2. */
  code: string;
  name: string;
  /** Other names and codes that mean this country: alpha-3, native and common names; any case. */
  aliases: string[];
  /** Without the plus, e.g. 49; null where there is none. */
  callingCode: string | null;
}

export interface CountryTimeZone {
  code: string;
  /** IANA name; of the capital, where the country has several. */
  timeZone: string;
}

/** Types of the events on the two topics; their data is a `Country`, and a `CountryTimeZone`. A tombstone takes one away. */
export const COUNTRY_TYPE = 'country.defined';
export const COUNTRY_TIME_ZONE_TYPE = 'country.time-zone-derived';

/** Characters of a country's name, at most. Longer text is nobody's, and to put its marks in order may take quadratic time. */
export const MAX_COUNTRY_NAME_LENGTH = 200;

const ASCII = /^[\x20-\x7e]*$/;
const NAME_MARKS = /[\u0300-\u036f.'’‘`´]/g;
const NAME_GAPS = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * What is compared when a country is looked up by name: without case, diacritics, punctuation and a leading "the".
 * Signs of other scripts that are part of a letter stay.
 */
export function foldCountryName(name: string): string {
  // By way of upper case, ß becomes ss.
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
