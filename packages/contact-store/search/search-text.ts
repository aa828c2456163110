/**
 * What the search for contacts compares: text without case, accents and marks. The entries of the index, the queries, and the check of each
 * row go through the same functions, so that both engines find the same, whatever their locales are.
 */

/** Characters of a field that are searched; only a file can bring in longer fields. */
export const SEARCHED_LENGTH = 1_000;
/** Characters of a word in the index; the check of each row compares the rest. */
const MAX_WORD = 40;
/** Characters of a name by which contacts are ordered. */
const MAX_NAME_KEY = 200;
/** Orders contacts without a name behind the others. */
const NO_NAME = '\u{10FFFF}';
/** Digits from which on a term may be a part of a phone number. */
const LEAST_DIGITS = 3;

/** Letters that no decomposition takes apart. */
const plainLetters: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ħ: 'h', ŧ: 't' },
};
const word = /[\p{L}\p{N}]+/gu;
const wordAtEnd = /[\p{L}\p{N}]$/u;
/** Scripts that put no blanks between words: each of their characters may begin one. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;

/** The values of a contact that are searched, each cut to `SEARCHED_LENGTH`. */
export interface SearchedValues {
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly company: string;
  /** E.164, or ''. */
  readonly phone: string;
}

function fold(text: string): string {
  const lower = text.toLowerCase();
  if (/^\p{ASCII}*$/u.test(lower)) return lower;
  return lower
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll(/[ßæœøłđðþıħŧ]/g, (letter) => plainLetters[letter] ?? letter);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

/** By which contacts are ordered by name: compared byte by byte. */
export function nameKeyOf({ firstName, lastName }: Pick<SearchedValues, 'firstName' | 'lastName'>): string {
  return cut(fold(`${firstName} ${lastName}`.trim()), MAX_NAME_KEY) || NO_NAME;
}

function foldedText({ email, firstName, lastName, company }: SearchedValues): string {
  return fold([email, firstName, lastName, company].join('\n'));
}

/** Country calling codes of two digits; those of one digit are 1 and 7, all others have three. */
const twoDigitCodes = new Set(
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);

function callingCodeLength(digits: string): number {
  if (digits.startsWith('1') || digits.startsWith('7')) return 1;
  return twoDigitCodes.has(digits.slice(0, 2)) ? 2 : 3;
}

/** The digits of a stored number with its country, and without. */
function numbersOf(phone: string): string[] {
  const digits = phone.replaceAll(/\D/g, '');
  return digits === '' ? [] : [digits, digits.slice(callingCodeLength(digits))];
}

/** Marks the words of phone numbers in the index. */
const PHONE_MARK = '#';

/** The words of a contact in the index, each once. */
export function indexWordsOf(values: SearchedValues): Set<string> {
  const words = new Set(numbersOf(values.phone).map((number) => PHONE_MARK + number));
  for (const [run] of foldedText(values).matchAll(word)) {
    words.add(cut(run, MAX_WORD));
    if (unspaced.test(run))
      for (let from = 1; from < run.length; from += 1)
        if (unspaced.test(characterAt(run, from))) words.add(cut(run.slice(from), MAX_WORD));
  }
  return words;
}

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}

/** A word that contacts in question have in the index. */
export interface IndexWord {
  readonly word: string;
  /** Whether it may be the beginning of a longer one. */
  readonly isPrefix: boolean;
}

/** Any of the alternatives; each of them wants all of its words. */
export type IndexTerm = readonly (readonly IndexWord[])[];

/** A query that somebody has typed: its terms, parted by blanks, stand at the beginnings of words, or begin a phone number. */
export interface SearchQuery {
  matches(values: SearchedValues): boolean;
  /** What contacts that match have in the index: all of a list's terms, for one of the lists. Empty: the index does not help. */
  readonly alternatives: readonly (readonly IndexTerm[])[];
}

interface Term {
  readonly text: string;
  /** Beginnings of phone numbers that it may stand for. */
  readonly numbers: readonly string[];
}

/** null for a query without a letter, a digit or a sign. */
export function parseSearch(query: string): SearchQuery | null {
  const terms = query
    .split(/\s+/u)
    .filter((part) => part !== '')
    .map((part): Term => ({ text: fold(part), numbers: phoneStartsOf(part) }));
  if (terms.length === 0) return null;
  // A number is often written with blanks.
  const asWhole = terms.length > 1 ? phoneStartsOf(query) : [];
  return {
    matches: (values) => {
      const text = foldedText(values);
      const numbers = numbersOf(values.phone);
      const begins = (start: string) => numbers.some((number) => number.startsWith(start));
      return (
        terms.every((term) => standsAtWord(text, term.text) || term.numbers.some(begins)) ||
        asWhole.some(begins)
      );
    },
    alternatives: alternativesOf(terms, asWhole),
  };
}

function alternativesOf(terms: readonly Term[], asWhole: readonly string[]): SearchQuery['alternatives'] {
  const wanted = terms
    .map(({ text, numbers }): IndexTerm => [textWords(text), ...phoneTerm(numbers)])
    .filter((alternatives) => alternatives.every((words) => words.length > 0));
  if (wanted.length === 0) return [];
  return asWhole.length === 0 ? [wanted] : [wanted, [phoneTerm(asWhole)]];
}

/** All words but the last are whole, since something else follows them in the term. */
function textWords(text: string): IndexWord[] {
  const runs = [...text.matchAll(word)].map(([run]) => run);
  const endsOpen = wordAtEnd.test(text);
  return runs.map((run, index) => ({
    word: cut(run, MAX_WORD),
    isPrefix: endsOpen && index === runs.length - 1,
  }));
}

function phoneTerm(numbers: readonly string[]): IndexWord[][] {
  return numbers.map((number) => [{ word: PHONE_MARK + number, isPrefix: true }]);
}

/** The digits with which a number may begin that somebody has written in this way. */
function phoneStartsOf(text: string): string[] {
  if (!/^[+\d\s()/.-]+$/u.test(text)) return [];
  const digits = text.replaceAll(/\D/g, '');
  if (digits.length < LEAST_DIGITS) return [];
  if (digits.startsWith('00')) return [digits.replace(/^0+/, '')].filter((start) => start !== '');
  // In some countries the zero in front of a national number is a part of it.
  return [...new Set([digits, digits.replace(/^0/, '')])];
}

function standsAtWord(text: string, term: string): boolean {
  const first = characterAt(term, 0);
  const beginsWord = wordAtEnd.test(first) && !unspaced.test(first);
  for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + 1)) {
    if (!beginsWord || at === 0 || !wordAtEnd.test(text.slice(Math.max(0, at - 2), at))) return true;
  }
  return false;
}
