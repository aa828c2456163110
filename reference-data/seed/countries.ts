/** The countries that every installation starts with. Their names in many languages come from CLDR, which is part of Node.js. */

import { type CountryValues, foldCountryName } from '@tidings/contracts/reference.ts';
import { type CountryCode, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';
import { type IsoCountry, isoCountries } from './iso-3166.ts';

/** Languages in which people write countries; English comes first, and the pages show its names. */
const languages = [
  ...[
    'en',
    'de',
    'fr',
    'es',
    'it',
    'pt',
    'pt-PT',
    'nl',
    'da',
    'nb',
    'nn',
    'sv',
    'fi',
    'is',
    'et',
    'lv',
    'lt',
    'pl',
    'cs',
  ],
  ...[
    'sk',
    'hu',
    'sl',
    'hr',
    'bs',
    'sr',
    'sr-Latn',
    'mk',
    'sq',
    'bg',
    'ro',
    'el',
    'tr',
    'ru',
    'uk',
    'be',
    'ka',
    'hy',
    'az',
  ],
  ...[
    'kk',
    'ky',
    'uz',
    'mn',
    'ar',
    'fa',
    'he',
    'ur',
    'ps',
    'hi',
    'bn',
    'ta',
    'te',
    'mr',
    'gu',
    'ne',
    'si',
    'th',
    'lo',
    'km',
  ],
  ...[
    'my',
    'vi',
    'id',
    'ms',
    'fil',
    'zh-Hans',
    'zh-Hant',
    'ja',
    'ko',
    'ca',
    'gl',
    'eu',
    'cy',
    'ga',
    'mt',
    'lb',
    'fo',
    'de-CH',
  ],
  ...['es-MX', 'af', 'sw', 'am', 'so', 'zu', 'ha', 'mg', 'rm', 'kl'],
];

/**
 * Rises with every change of the lists in this folder, and of the libraries behind them. Behind it stands CLDR's version, which comes with
 * Node.js: processes on two versions of Node.js have two seeds.
 */
const LISTS = 1;
/** Numbers parted by points: of two seeds the higher one is the newer. */
export const SEED_VERSION = `${LISTS}.${process.versions.cldr ?? '0'}`;

export interface SeedCountry extends CountryValues {
  readonly code: string;
}

interface Name {
  readonly text: string;
  /** The form of a name that is compared. */
  readonly folded: string;
}

type Names = (code: string) => string;

/** The names of one language; where the language has none, the English name. */
function namesIn(language: string, style: 'long' | 'short'): Names {
  const names = new Intl.DisplayNames([language, 'en'], { type: 'region', style, fallback: 'none' });
  return (code) => names.of(code) ?? '';
}

/** Names of a country by rank: a name of a higher rank belongs to its country, whatever lower ranks say. */
function rankedNames({ alpha2, alpha3, spellings }: IsoCountry, translations: readonly Names[]): Name[][] {
  const [english = () => alpha2] = translations;
  const ranks = [
    [alpha2],
    [alpha3],
    [english(alpha2)],
    [...spellings],
    translations.map((nameOf) => nameOf(alpha2)),
  ];
  return ranks.map((names, rank) =>
    names
      .map((text) => ({ text, folded: foldCountryName(text) }))
      // A foreign name of three letters or fewer would be taken for a code.
      .filter(({ folded }) => folded !== '' && !(rank === FOREIGN_RANK && /^[a-z]{1,3}$/.test(folded))),
  );
}

const FOREIGN_RANK = 4;

/**
 * All of ISO 3166-1, and Kosovo, by code. A name that two countries share in the same rank belongs to neither, so that no
 * alias of one country is the name, a code or an alias of another.
 */
export function seedCountries(): SeedCountry[] {
  const translations = languages.flatMap((language) => [
    namesIn(language, 'long'),
    namesIn(language, 'short'),
  ]);
  const [english] = translations;
  const ranked = isoCountries.map((country) => ({
    code: country.alpha2,
    name: english?.(country.alpha2) || country.alpha2,
    ranks: rankedNames(country, translations),
  }));
  const owners = claimNames(ranked);
  return ranked
    .map(({ code, name, ranks }): SeedCountry => {
      const owned = ranks.flat().filter(({ folded }) => owners.get(folded) === code);
      const aliases = distinctNames(owned, [code, name]);
      return { code, name, aliases, callingCode: callingCodeOf(code), timeZones: [] };
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** By folded name: the code of its country; null where two countries share it. */
function claimNames(ranked: readonly { code: string; ranks: Name[][] }[]): Map<string, string | null> {
  const owners = new Map<string, string | null>();
  for (let rank = 0; rank <= FOREIGN_RANK; rank++) {
    const claims = new Map<string, string | null>();
    for (const { code, ranks } of ranked) {
      for (const { folded } of ranks[rank] ?? []) {
        const claimed = claims.get(folded);
        claims.set(folded, claimed === undefined || claimed === code ? code : null);
      }
    }
    for (const [folded, code] of claims) if (!owners.has(folded)) owners.set(folded, code);
  }
  return owners;
}

/** Each name once, by its compared form, without the given ones. */
function distinctNames(names: readonly Name[], without: readonly string[]): string[] {
  const seen = new Set(without.map(foldCountryName));
  const distinct: string[] = [];
  for (const { text, folded } of names) {
    if (seen.has(folded)) continue;
    seen.add(folded);
    distinct.push(text);
  }
  return distinct;
}

function callingCodeOf(code: string): string | null {
  return isCallable(code) ? getCountryCallingCode(code) : null;
}

function isCallable(code: string): code is CountryCode {
  return isSupportedCountry(code);
}
