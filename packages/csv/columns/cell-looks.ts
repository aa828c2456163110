/** Tells what the cells of a column look like: e-mail addresses, phone numbers, countries. */
import { foldCountryName, MAX_COUNTRY_NAME_LENGTH } from '@tidings/contracts/reference.ts';

export type Look = 'email' | 'phone' | 'country';

/** Rows that are looked at, at most. */
export const SAMPLE_ROWS = 200;

/** Characters of a cell that are looked at, at most. */
const MAX_LOOKED_AT = MAX_COUNTRY_NAME_LENGTH;

const ADDRESS = /[^\s@,;<>"]@[^\s@,;<>"]+\.[^\s@.,;<>"]/;
/** An address that the whole cell consists of, perhaps with a name before it. */
const LONE_ADDRESS = /^(?:[^<>@;|]*<)?[^\s@,;|<>"]+@[^\s@,;|<>"]+\.[^\s@,;|<>".]+>?$/;
/** Digits with what people write around and between them; a short word may stand before or behind. */
const PHONE =
  /^\D{0,12}[+＋]?[\p{Nd}(][\p{Nd}\s()./\-\p{Pd}\p{Cf}]*(?:[,;]?\s*\D{0,12}\p{Nd}{0,6}\D{0,10})?$/u;
const WITH_PLUS = /^[\s'"=p:\p{Cf}]{0,6}(?:[+＋]|00)[\s(]*[\p{Nd}]/u;
/** In which files name countries. */
const LANGUAGES = (
  'en de fr es it pt nl pl sv da nb is fi et lv lt cs sk hu sl hr sr sr-Latn mk bg ro sq el tr uk be ru hy ka az kk ' +
  'ar fa he hi bn th vi id zh-Hans zh-Hant ja ko ca'
).split(' ');
/** Spellings that are no names of CLDR, and stand in many files. */
const SPELLINGS = ['USA', 'UK', 'England', 'Great Britain', 'Holland', 'EEUU', 'United States of America'];

/** What is known of one column by its cells. */
export interface ColumnLook {
  /** Cells of the sample that hold something. */
  readonly filled: number;
  /** Of these, the share that looks like it: 0 to 1. */
  share(look: Look): number;
  /** The share of cells that hold a number with its country's code: no other numbers look like that. */
  shareWithPlus(): number;
  /** The share of cells that are one address each. */
  shareOfLoneAddresses(): number;
  /** The share of cells of two words or more. */
  shareOfManyWords(): number;
}

/** @param sample the first rows of the file */
export function lookAtColumn(sample: readonly (readonly string[])[], column: number): ColumnLook {
  const cells = sample
    .slice(0, SAMPLE_ROWS)
    .map((row) => (row[column] ?? '').slice(0, MAX_LOOKED_AT).trim())
    .filter((cell) => cell !== '');
  const share = (test: (cell: string) => boolean) =>
    cells.length === 0 ? 0 : cells.filter(test).length / cells.length;
  const tests: Readonly<Record<Look, (cell: string) => boolean>> = {
    email: isAddress,
    phone: isPhone,
    country: isCountry,
  };
  return {
    filled: cells.length,
    share: (look) => share(tests[look]),
    shareWithPlus: () => share((cell) => WITH_PLUS.test(cell) && isPhone(cell)),
    shareOfLoneAddresses: () => share((cell) => LONE_ADDRESS.test(cell.normalize('NFKC'))),
    shareOfManyWords: () => share((cell) => /\S[\s\u00a0,]+\S/.test(cell)),
  };
}

export function isAddress(cell: string): boolean {
  return cell.length <= MAX_LOOKED_AT && ADDRESS.test(cell.normalize('NFKC'));
}

function isPhone(cell: string): boolean {
  const digits = cell.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= 6 && digits <= 20 && cell.length <= 60 && PHONE.test(cell);
}

let countryNames: ReadonlySet<string> | null = null;

function isCountry(cell: string): boolean {
  countryNames ??= collectCountryNames();
  return countryNames.has(foldCountryName(cell));
}

/** Codes and names in these languages. Only what columns are for is guessed by it: the importer knows more. */
function collectCountryNames(): Set<string> {
  const names = new Set(SPELLINGS.map(foldCountryName));
  const translations = LANGUAGES.map(
    (language) => new Intl.DisplayNames([language], { type: 'region', fallback: 'none' }),
  );
  for (let number = 0; number < 26 * 26; number++) {
    const code = String.fromCharCode(65 + Math.floor(number / 26), 65 + (number % 26));
    for (const translation of translations) {
      const name = translation.of(code);
      if (name !== undefined) names.add(foldCountryName(name)).add(code.toLowerCase());
    }
  }
  return names;
}
