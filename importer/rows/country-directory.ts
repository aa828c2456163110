/** Countries by whatever a person calls them, from the live reference tables. */
import {
  type Country,
  type CountryTimeZone,
  foldCountryName,
  MAX_COUNTRY_NAME_LENGTH,
} from '@tidings/contracts/reference.ts';

/** What is needed of a table on a compacted topic. */
export interface ReferenceTable<Value> {
  get(key: string): Value | undefined;
  entries(): Iterable<readonly [string, Value]>;
  onChange(listener: () => void): unknown;
}

export interface CountryLookup {
  /** ISO 3166-1 alpha-2 by code, alpha-3, name or alias, in any case; null where nothing or more than one fits. */
  codeOf(name: string): string | null;
  /** IANA name; null where none is known. */
  timeZoneOf(code: string): string | null;
}

/** Spellings remembered, at most, so that each is folded once: a file has few, thousands of times each. 4 MiB in all. */
const MAX_REMEMBERED = 10_000;

export class CountryDirectory implements CountryLookup {
  readonly #countries: ReferenceTable<Country>;
  readonly #timeZones: ReferenceTable<CountryTimeZone>;
  /** Folded name → code; null where it is disputed. Dropped at each change, and built when next needed. */
  #codes: ReadonlyMap<string, string | null> | null = null;
  readonly #remembered = new Map<string, string | null>();

  constructor(countries: ReferenceTable<Country>, timeZones: ReferenceTable<CountryTimeZone>) {
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
    const code = this.#codes.get(foldCountryName(name)) ?? null;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(copyOf(name), code);
    return code;
  }

  timeZoneOf(code: string): string | null {
    return this.#timeZones.get(code)?.timeZone ?? null;
  }
}

/** A cell is a slice of its chunk's text, and would keep all of it. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** Codes come before names, names before aliases; what two countries claim in the same rank is nobody's. */
function indexNames(countries: ReferenceTable<Country>): Map<string, string | null> {
  const codes = new Map<string, string | null>();
  const all = [...countries.entries()].map(([, country]) => country);
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
