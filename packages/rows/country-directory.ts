/** Finds countries by the names that people write, in the live reference tables. */
import {
  type CountryTimeZone,
  foldCountryName,
  MAX_COUNTRY_NAME_LENGTH,
  type PublishedCountry,
} from '@tidings/contracts/reference.ts';

/** The part of a table on a compacted topic that this room uses. */
export interface ReferenceTable<Value> {
  get(key: string): Value | undefined;
  entries(): Iterable<readonly [string, Value]>;
  onChange(listener: () => void): unknown;
}

/** What of a country is looked up. */
interface NamedCountry {
  readonly country: Pick<PublishedCountry['country'], 'code' | 'name' | 'aliases'>;
}
type CapitalZone = Pick<CountryTimeZone, 'timeZone'>;

export interface CountryLookup {
  /** The ISO 3166-1 alpha-2 code for a code, alpha-3, name or alias, in any case; null where none or several countries match. */
  codeOf(name: string): string | null;
  /** IANA name; null where none is known. */
  timeZoneOf(code: string): string | null;
}

/** Spellings that are remembered, at most; 4 MiB in all. A file has few spellings, each in thousands of rows. */
const MAX_REMEMBERED = 10_000;

export class CountryDirectory implements CountryLookup {
  readonly #countries: ReferenceTable<NamedCountry>;
  readonly #timeZones: ReferenceTable<CapitalZone>;
  /** By folded name: the code; null where several countries claim it. Dropped at each change, and built at the next look-up. */
  #codes: ReadonlyMap<string, string | null> | null = null;
  readonly #remembered = new Map<string, string | null>();

  constructor(countries: ReferenceTable<NamedCountry>, timeZones: ReferenceTable<CapitalZone>) {
    this.#countries = countries;
    this.#timeZones = timeZones;
    countries.onChange(() => {
      this.#codes = null;
      this.#remembered.clear();
    });
  }

  codeOf(name: string): string | null {
    if (name.length > MAX_COUNTRY_NAME_LENGTH) return null;
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined) return remembered;
    this.#codes ??= indexNames(this.#countries);
    const code = findCode(this.#codes, name);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(copyOf(name), code);
    return code;
  }

  timeZoneOf(code: string): string | null {
    return this.#timeZones.get(code)?.timeZone ?? null;
  }
}

/** What stands in brackets: a code, another name, or a part of the country. */
const BRACKETS = /^([^()[\]]+)[([]([^()[\]]*)[)\]]$/;
/** Between a code and a name, or two names; a hyphen only with blanks around it. */
const SEPARATOR = /\s+[-–—]\s+|\s*[/|:]\s*/;

/**
 * Of the whole text; else of what stands before brackets, where these name no other country (`Germany (DE)`, `USA (Virginia)`); else of
 * parts that all name the same one (`DE - Germany`).
 */
function findCode(codes: ReadonlyMap<string, string | null>, name: string): string | null {
  const whole = codes.get(foldCountryName(name));
  if (whole !== undefined) return whole;
  const [, before = '', inside = ''] = BRACKETS.exec(name.trim()) ?? [];
  if (before !== '') {
    const outer = codes.get(foldCountryName(before)) ?? null;
    const inner = codes.get(foldCountryName(inside)) ?? outer;
    // Codes of states look like those of countries: `USA (CA)`.
    return outer !== null && (inner === outer || /^[A-Z]{2}$/.test(inside)) ? outer : null;
  }
  const parts = name.split(SEPARATOR);
  const found = new Set(parts.map((part) => codes.get(foldCountryName(part)) ?? null));
  const [only = null] = found;
  return parts.length > 1 && found.size === 1 ? only : null;
}

/** A copy of the cell: a slice would keep the whole text of its chunk in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Codes come before names, names before aliases. A text that two countries claim in the same rank belongs to neither. */
function indexNames(countries: ReferenceTable<NamedCountry>): Map<string, string | null> {
  const codes = new Map<string, string | null>();
  const all = [...countries.entries()].map(([, { country }]) => country);
  addRank(
    codes,
    all.map((country) => [country.code, [country.code]]),
  );
  addRank(
    codes,
    all.map((country) => [country.code, [country.name]]),
  );
  addRank(
    codes,
    all.map((country) => [country.code, country.aliases]),
  );
  return codes;
}

function addRank(codes: Map<string, string | null>, rank: readonly [string, readonly string[]][]): void {
  const claims = new Map<string, string | null>();
  for (const [code, names] of rank) {
    for (const folded of new Set(names.map(foldCountryName))) {
      const claimed = claims.get(folded);
      claims.set(folded, claimed === undefined || claimed === code ? code : null);
    }
  }
  for (const [folded, code] of claims) if (folded !== '' && !codes.has(folded)) codes.set(folded, code);
}
