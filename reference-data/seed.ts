/** The countries that every installation starts with. */
import { type CountryCode, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';
import countries from 'world-countries';
import { type Country, foldCountryName } from '../contracts/reference.ts';

type Source = (typeof countries)[number];

/** What people write and the sources do not list. */
const shortForms: ReadonlyMap<string, readonly string[]> = new Map([
  ['AE', ['U.A.E.']],
  ['AG', ['Antigua']],
  ['BA', ['Bosnia', 'Bosnia-Herzegovina']],
  ['CD', ['DR Congo', 'DRC', 'Congo (DRC)', 'Congo Kinshasa']],
  ['CG', ['Congo Brazzaville', 'Congo (Republic)']],
  ['CI', ['Ivory Coast']],
  ['CN', ['PRC', 'Mainland China']],
  ['CV', ['Cape Verde']],
  ['CZ', ['Czech Republic', 'Czech Rep.']],
  ['DE', ['BRD', 'Federal Republic of Germany']],
  ['DO', ['Dominican Rep.']],
  ['FK', ['Falklands']],
  [
    'GB',
    [
      'UK',
      'U.K.',
      'Great Britain',
      'Britain',
      'England',
      'Scotland',
      'Wales',
      'Northern Ireland',
      'Großbritannien',
      'Grande-Bretagne',
      'Gran Bretaña',
    ],
  ],
  ['GR', ['EL', 'Hellas']],
  ['HK', ['Hong Kong SAR', 'Hong Kong SAR China']],
  ['IE', ['Republic of Ireland', 'Eire']],
  ['KR', ['Korea', 'Korea, South', 'Korea (South)', 'S. Korea']],
  ['KP', ['Korea, North', 'Korea (North)', 'N. Korea']],
  ['LA', ['Laos', 'Lao PDR']],
  ['MK', ['Macedonia', 'FYROM']],
  ['MM', ['Burma']],
  ['MO', ['Macao', 'Macau SAR', 'Macau SAR China']],
  ['NL', ['Holland']],
  ['PS', ['Palestine', 'State of Palestine', 'Palestinian Territories']],
  ['RU', ['Russian Fed.']],
  ['SA', ['KSA']],
  ['SK', ['Slovak Republic']],
  ['SZ', ['Swaziland']],
  ['TL', ['East Timor']],
  ['TR', ['Turkey', 'Turkiye']],
  ['TT', ['Trinidad', 'Trinidad & Tobago']],
  ['TW', ['Taiwan', 'Taiwan, Province of China']],
  ['TZ', ['Tanzania']],
  ['US', ['USA', 'U.S.A.', 'U.S.', 'United States of America', 'America']],
  ['VA', ['Vatican', 'Holy See']],
  ['VN', ['Viet Nam', 'Vietnam']],
]);

interface Name {
  readonly text: string;
  /** What is compared. */
  readonly folded: string;
}

/** Names of a source in ranks: a name in a higher rank belongs to its country, whatever the lower ones say. */
function rankedNames(country: Source): Name[][] {
  const translations = Object.values(country.translations);
  const ranks = [
    [country.cca2],
    [alpha3Of(country)],
    [country.name.common],
    [...(shortForms.get(country.cca2) ?? [])],
    [country.name.official, ...country.altSpellings],
    Object.values(country.name.native).flatMap((name) => [name.common, name.official]),
    translations.flatMap((name) => [name.common, name.official]),
  ];
  return ranks.map((names, rank) =>
    names
      .map((text) => ({ text, folded: foldCountryName(text) }))
      // In three letters or fewer a foreign name would be taken for a code.
      .filter(({ folded }) => folded !== '' && !(rank === FOREIGN_RANK && /^[a-z]{1,3}$/.test(folded))),
  );
}

const FOREIGN_RANK = 6;

/**
 * All of ISO 3166-1, and Kosovo, by code. A name that two countries share in the same rank is nobody's, so that no
 * alias of one country is the name, a code or an alias of another.
 */
export function seedCountries(): Country[] {
  const ranked = countries.map((country) => ({ country, code: country.cca2, ranks: rankedNames(country) }));
  const owners = claimNames(ranked);
  return ranked
    .map(({ country, code, ranks }): Country => {
      const name = country.name.common;
      const owned = ranks.flat().filter(({ folded }) => owners.get(folded) === code);
      const aliases = distinctNames(owned, [code, name]);
      return { code, name, aliases, callingCode: callingCodeOf(code) };
    })
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** Folded name → code of its country; null where it is disputed. */
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

/** Each name once by what is compared, without those that need not be said again. */
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

/** Kosovo has none in ISO 3166-1; XKX is what the European Commission and others use. */
function alpha3Of(country: Source): string {
  return country.cca2 === 'XK' ? 'XKX' : country.cca3;
}

function callingCodeOf(code: string): string | null {
  return isCallable(code) ? getCountryCallingCode(code) : null;
}

function isCallable(code: string): code is CountryCode {
  return isSupportedCountry(code);
}
