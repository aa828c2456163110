/** Reference data, on compacted topics. The key is the country's code. */

/** What people may set of a country. */
export interface CountryValues {
  name: string;
  /** Other names and codes of the country: alpha-3, native and common names, in any case. */
  aliases: string[];
  /** Without the plus, such as 49; null where the country has none. */
  callingCode: string | null;
  /** IANA names that somebody has set, that of contacts first; empty: they are derived from the code. */
  timeZones: string[];
}

/** Who has set a country: the seed of a release, support, or another program that writes to the topic. */
export interface CountrySource {
  who: 'seed' | 'support' | 'other';
  /** Only of the seed; of two seeds the higher one is the newer. */
  seedVersion: string | null;
  /** Only of support. */
  reason: string | null;
}

export interface Country extends CountryValues {
  /** ISO 3166-1 alpha-2. */
  code: string;
  setBy: CountrySource;
}

export interface CountryTimeZone {
  code: string;
  /** An IANA name: the zone of contacts of the country. Of a country with several zones, the capital's. */
  timeZone: string;
  /** All zones of the country, that one first. */
  timeZones: string[];
}

/** The types of the events on the two topics. Their data is a `Country` and a `CountryTimeZone`; a tombstone removes one. */
export const COUNTRY_TYPE = 'country.defined';
export const COUNTRY_TIME_ZONE_TYPE = 'country.time-zone-derived';

/** Says on the log, as the header `source`, that a country is of the seed: releases that know no `setBy` go by it. */
export const SEED_SOURCE = 'seed';

/** A country as its topic has it. */
export interface PublishedCountry {
  readonly country: Country;
  /** The id of its event: another one after each change. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The type of the events by which one country is to be changed. */
export const COUNTRY_ORDER_TYPE = 'country.change-ordered';

/** What the reference data service is to do to one country. It alone writes countries, so that no change is lost between two. */
export interface CountryOrder {
  code: string;
  setBy: CountrySource;
  /** null: of support, back to the seed; of the seed, it knows the country no more. */
  values: CountryValues | null;
  /** Only of support: the version that the change is based on; null: there must be no such country. */
  expected: string | null;
}

/** What became of an order; its event is caused by the order's. Those that changed something are the country's history. */
export const COUNTRY_CHANGED_TYPE = 'country.changed';
export const COUNTRY_REFUSED_TYPE = 'country.change-refused';

export interface CountryChange {
  code: string;
  setBy: CountrySource;
  /** What the country is now; null: there is none any more. */
  values: CountryValues | null;
  /** As of `PublishedCountry`; null where there is none any more. */
  version: string | null;
}

export interface CountryRefusal {
  code: string;
  problem: 'precondition_failed' | 'state_conflict';
  /** A sentence for whoever has given the order. */
  message: string;
}

/** Other names of a country, at most; the seed has fewer than 200 of each. */
export const MAX_COUNTRY_ALIASES = 1_000;
/** Time zones of a country, at most. */
export const MAX_COUNTRY_TIME_ZONES = 100;

/** An item of `GET /reference/countries`. */
export interface CountryItem extends CountryValues {
  code: string;
  /** The time zones in force, also where they are derived. */
  timeZones: string[];
  setBy: CountrySource;
  /** ISO 8601, UTC. */
  setAt: string;
  /** What `ETag` says, without its quotes. */
  version: string;
}

/** What was done to a country once. */
export interface CountryHistoryItem {
  /** ISO 8601, UTC, by the log's clock. */
  at: string;
  setBy: CountrySource;
  /** What the country was from then on; null: removed. */
  values: CountryValues | null;
}

/** `GET /reference/countries/{code}`. */
export interface CountryWithHistory extends CountryItem {
  /** The last changes, the newest first; for support alone. */
  history?: CountryHistoryItem[];
}

/** Characters of a country's name, at most. No country has a longer one, and normalizing a long text may take quadratic time. */
export const MAX_COUNTRY_NAME_LENGTH = 200;

const ASCII = /^[\x20-\x7e]*$/;
const NAME_MARKS = /[\u0300-\u036f.'’‘`´]/g;
/** A flag: the two letters of its code, each as a regional indicator. */
const FLAG = /^\s*(?:\p{RI}{2})\s*$/u;
const FIRST_INDICATOR = 0x1f1e6;
const NAME_GAPS = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * The form in which names of countries are compared: without case, diacritics, punctuation and a leading "the". Marks that
 * belong to the letters of other scripts stay. A flag alone is its code.
 */
export function foldCountryName(name: string): string {
  if (FLAG.test(name)) return codeOfFlag(name.trim());
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

function codeOfFlag(flag: string): string {
  return [...flag]
    .map((letter) => String.fromCharCode(97 + (letter.codePointAt(0) ?? 0) - FIRST_INDICATOR))
    .join('');
}
