/**
 * Finds rows that are written in another encoding than their file: rows of another file stand behind its own. Every byte of them means something in the
 * file's encoding, too, so that they would be read as other letters (`JÃ¶rg`, `Jцrg`, `Èâàí`). A row is told only where no word of it is one as it
 * stands, and all are in the other encoding.
 */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { LF } from '../bytes.ts';
import { invalidUtf8At, REPLACEMENT_CHARACTER } from '../utf8.ts';
import { isOddWord } from './detect.ts';
import { languages } from './languages.ts';
import { isPlausible } from './plausible-text.ts';
import { createDecoder } from './text-decoder.ts';

/** The bytes of each character beyond ASCII that an encoding has with one byte or two. */
type BytesByCharacter = ReadonlyMap<string, readonly number[]>;

const LATIN: readonly Encoding[] = ['windows-1252', 'windows-1250', 'windows-1254', 'windows-1257'];
/** Before those of one byte: hardly any text of these has letters of common names there, and nearly every text of East Asia is one of Thai letters. */
const EAST_ASIAN: readonly Encoding[] = ['shift_jis', 'gb18030', 'big5', 'euc-kr'];
const OTHER_LETTERS: readonly Encoding[] = [
  ...(['windows-1251', 'koi8-u', 'windows-1253', 'windows-1255', 'windows-1256', 'windows-874'] as const),
];
/** What is written in Latin letters, though no language of names has it. */
const ALSO_LATIN: readonly Encoding[] = ['iso-8859-3', 'iso-8859-4', 'iso-8859-10', 'iso-8859-14'];
const UNICODE: ReadonlySet<Encoding> = new Set(['utf-8', 'utf-16le', 'utf-16be']);
/** It has no bytes above 0x7f; and writes marks behind their letters. */
const NOT_LOOKED_AT: ReadonlySet<Encoding> = new Set(['iso-2022-jp', 'windows-1258']);

/** Between the cells of a row: no cell holds it, and no letter of two bytes. */
const JOINT = '\0';

/** Rows of a chunk for which all encodings are tried, at most; that of the row before is tried for each. */
const MAX_GUESSES = 20;

/** Characters of a row whose language is looked for, at most: it bounds the time that a long row takes. */
const MAX_JUDGED = 4_000;

const BEYOND_ASCII = /[^\0-\x7f]/;
/** Letters with marks, and what encodings of Japan have for letters of one's own. */
const WORDS = /[\p{L}\p{M}\p{Co}]+/gu;
const PROPER_CASE = /^(?:[\p{Lu}\p{Lt}]?[\p{Ll}\p{M}]+|[\p{Lu}\p{M}]+|[\p{Lo}\p{M}ー]+)$/u;
/** Letters of other scripts that people write in Latin words by mistake, because they look alike. */
const LOOK_LATIN = /[аеорсухіїјѕёАВЕКМНОРСТУХІЇЈЅЁαγεηικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧµ]/u;
/** Letters of a word of another script than Latin, at least, by which a row is told; three of East Asia are whole names. */
const TELLING_LETTERS = 4;
const TELLING_PAIRS = 3;
/** Different ones among them. */
const DISTINCT_LETTERS = 3;
const VOWELS = /[аеёиоуыэюяіїєαεηιουωάέήίόύώϊϋ]/gi;
const VOWEL_SHARE = 0.2;
/** Of letters of East Asia, the share that must stand in our lists of those of common names. */
const COMMON = 2 / 3;

/** Tells the rows of a file that are in another encoding. */
export class OtherEncodingReader {
  readonly #isLatin: boolean;
  readonly #isByPairs: boolean;
  readonly #bytes: BytesByCharacter;
  /** Of texts that may be in another encoding: UTF-8 among them, and any other. */
  readonly #doubtful: RegExp;
  readonly #other: RegExp;

  /** @param encoding of the file */
  constructor(encoding: Encoding) {
    this.#isLatin = isLatinEncoding(encoding);
    this.#isByPairs = isPaired(encoding);
    this.#bytes = bytesByCharacter(encoding);
    this.#other = this.#isLatin ? /[^\0-\x7f]{4}/ : /[A-Za-z][^\0-\x7f]|[^\0-\x7f][A-Za-z]/;
    const utf8 = `(?:^|[\\0-\\x7f])(?:${lettersOfUtf8(this.#bytes)})`;
    this.#doubtful = new RegExp(`${utf8}|${this.#other.source}`);
  }

  /** Whether rows of the text may be in another encoding: one look at many spares a look at each. */
  mayHold(text: string): boolean {
    return this.#doubtful.test(text);
  }

  /** The cells as they were meant; null where nothing says that they are not as they stand. */
  read(cells: readonly string[]): string[] | null {
    if (!cells.some((cell) => this.mayHold(cell))) return null;
    const text = cells.join(JOINT);
    const written = bytesOf(text, this.#bytes);
    if (written === null) return null;
    return (readUtf8(written, this.#isByPairs) ?? this.#readOther(written, text))?.split(JOINT) ?? null;
  }

  #readOther(written: Uint8Array, text: string): string | null {
    if (!this.#other.test(text)) return null;
    if (this.#isLatin) return readOtherLetters(written, text);
    return !this.#isByPairs && NO_LATIN.test(text) ? null : readLatin(written, text);
  }
}

const readers = new Map<Encoding, OtherEncodingReader>();

/** null where rows of another encoding cannot be told, or are told by their bytes. @param encoding of the file */
export function otherEncodingReader(encoding: Encoding): OtherEncodingReader | null {
  if (UNICODE.has(encoding) || NOT_LOOKED_AT.has(encoding)) return null;
  const reader = readers.get(encoding) ?? new OtherEncodingReader(encoding);
  readers.set(encoding, reader);
  return reader;
}

/** Reads rows that are no UTF-8, one after another. */
export class GuessingReader {
  #last: Encoding | null = null;
  #guesses = MAX_GUESSES;

  /** The text in an encoding in which all its words are words; null where nothing says it. */
  read(bytes: Uint8Array): string | null {
    const again = this.#last === null ? null : readIn([this.#last], bytes);
    if (again !== null || this.#guesses === 0) return again?.text ?? null;
    this.#guesses -= 1;
    const read = readIn(LATIN, bytes) ?? readOther(bytes);
    this.#last = read?.encoding ?? this.#last;
    return read?.text ?? null;
  }
}

function readIn(encodings: readonly Encoding[], bytes: Uint8Array): Reading | null {
  return bestReading(encodings, bytes, (words, encoding) =>
    LATIN.includes(encoding)
      ? words.every(isLatinWord)
      : words.every(isOtherWord) && words.some(isTelling) && hasVowels(words.join('')),
  );
}

function readOther(bytes: Uint8Array): Reading | null {
  return readIn(EAST_ASIAN, bytes) ?? readIn(OTHER_LETTERS, bytes);
}

function isLatinEncoding(encoding: Encoding): boolean {
  const ofNames = languages.filter(({ encodings }) => encodings.includes(encoding));
  return ALSO_LATIN.includes(encoding) || ofNames.some(({ letters }) => /\p{Script=Latin}/u.test(letters));
}

/** @param isByPairs whether the file's letters are pairs of bytes, of which UTF-8 comes by chance: `谢雪` would be `лѩ` */
function readUtf8(bytes: Uint8Array, isByPairs: boolean): string | null {
  if (invalidUtf8At(bytes) >= 0) return null;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (!text.split(JOINT).some(isPlausible)) return null;
  return isByPairs && shareOfOneLanguage(wordsOf(text).join('')) < COMMON ? null : text;
}

/** Latin letters, among which each that is beyond ASCII stands alone: `Jцrg` in a Cyrillic file. */
function readLatin(bytes: Uint8Array, text: string): string | null {
  if (!wordsOf(text).some(mixesLatin)) return null;
  return readIn(LATIN, bytes)?.text ?? null;
}

function mixesLatin(word: string): boolean {
  return (
    /[a-z]/i.test(word) &&
    [...word].some((letter) => !/\p{Script=Latin}/u.test(letter) && !LOOK_LATIN.test(letter))
  );
}

function isLatinWord(word: string): boolean {
  const beyond = [...word].filter((letter) => letter > '\x7f').length;
  return (
    word.length > 1 &&
    beyond <= word.length / 2 &&
    !word.startsWith('ß') &&
    !BESIDE_EACH_OTHER.test(word.replace(/ç[ãõ]/gi, 'a')) &&
    PROPER_CASE.test(word)
  );
}

/** Letters beyond ASCII beside one another as in no Latin word. */
const NO_LATIN = /[^\0-\x7f\p{P}\p{S}\p{Z}]{3}/u;
/** Cyrillic endings of Latin words (`SMSки`); two letters between others are Latin (`Ibáñez`). */
const BESIDE_EACH_OTHER = /^[^\0-\x7f]{2}|[^\0-\x7f]{3}|[^\0-\x7f]{2}$/;

/** Letters of another script throughout: `Èâàí` in a Western file. */
function readOtherLetters(bytes: Uint8Array, text: string): string | null {
  // What people write to try a program out: all letters beyond ASCII of a language.
  const runs = (text.slice(0, MAX_JUDGED).match(/[^\0-\x7f]+/g) ?? []).map((run) =>
    run.replace(SIGNS_AROUND, ''),
  );
  if (!runs.some((run) => run.length >= TELLING_LETTERS && shareOfOneLanguage(run) < 1)) return null;
  return readOther(bytes)?.text ?? null;
}

const SIGNS_AROUND = /^[^\p{L}\p{M}]+|[^\p{L}\p{M}]+$/gu;

function isOtherWord(word: string): boolean {
  return !/[a-z]/i.test(word) && PROPER_CASE.test(word);
}

function isTelling(word: string): boolean {
  const letters = [...word];
  const enough = isEastAsian(word) ? TELLING_PAIRS : TELLING_LETTERS;
  return letters.length >= enough && new Set(letters).size >= DISTINCT_LETTERS;
}

/** Of Cyrillic and Greek letters: as many a name of the other script has by chance would be fewer. */
function hasVowels(letters: string): boolean {
  const vowels = letters.match(VOWELS)?.length ?? 0;
  return !/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(letters) || vowels >= letters.length * VOWEL_SHARE;
}

function isEastAsian(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text);
}

interface Reading {
  readonly encoding: Encoding;
  readonly text: string;
  /** Of its letters beyond ASCII, how many are those of common names. */
  readonly share: number;
}

/** Of the readings whose words beyond ASCII are all of one language, and as they must be, the one with the most letters of common names. */
function bestReading(
  encodings: readonly Encoding[],
  bytes: Uint8Array,
  areWords: (words: readonly string[], encoding: Encoding) => boolean,
): Reading | null {
  let best: Reading | null = null;
  for (const encoding of encodings) {
    const decoder = createDecoder(encoding);
    const text = decoder.push(bytes) + decoder.end();
    const words = wordsOf(text);
    if (words.length === 0 || text.includes(REPLACEMENT_CHARACTER)) continue;
    if (!areWords(words, encoding) || words.some(isOddWord)) continue;
    const share = shareOf(words.join(''), encoding);
    if (share >= COMMON && share > (best?.share ?? 0)) best = { encoding, text, share };
  }
  return best;
}

/** Letters of one language, else of several of the Latin ones: `Zoë Groß`. Of one byte, all letters must be of them. */
function shareOf(letters: string, encoding: Encoding): number {
  const share = shareOfOneLanguage(letters, encoding);
  if (share === 1 || isPaired(encoding)) return share;
  const known = languages.filter(({ encodings }) => encodings.includes(encoding));
  const all = known.map((language) => language.letters).join('');
  return LATIN.includes(encoding) && lettersBeyondAscii(letters).every((letter) => all.includes(letter))
    ? COMMON
    : 0;
}

function lettersBeyondAscii(text: string): string[] {
  return [...text.slice(0, MAX_JUDGED).toLowerCase()].filter((letter) => letter > '\x7f' && letter !== 'ー');
}

/** Words with a letter beyond ASCII. */
function wordsOf(text: string): string[] {
  return (text.match(WORDS) ?? []).filter((word) => BEYOND_ASCII.test(word));
}

/** Of the letters beyond ASCII the largest share that one language has. @param encoding of which the language is to be; default: any */
function shareOfOneLanguage(text: string, encoding?: Encoding): number {
  const letters = lettersBeyondAscii(text);
  const shares = languages
    .filter(({ encodings }) => encoding === undefined || encodings.includes(encoding))
    .map((language) => letters.filter((letter) => language.letters.includes(letter)).length / letters.length);
  return Math.max(0, ...shares);
}

/** A pattern of the characters that the bytes of one letter of UTF-8 are; where characters have two bytes, of those that begin so. */
function lettersOfUtf8(bytes: BytesByCharacter): string {
  const entries = [...bytes];
  const among = (areSuch: (first: number, next: number | undefined) => boolean) =>
    entries
      .filter(([, [first = 0, next]]) => areSuch(first, next))
      .map(([character]) => character)
      .join('');
  const isFurther = (byte: number) => byte >= 0x80 && byte <= 0xbf;
  const further = among((byte, next) => next === undefined && isFurther(byte));
  const ofLength = (from: number, to: number, length: number) => {
    const first = among((byte, next) => next === undefined && byte >= from && byte <= to);
    return first === '' || further === '' ? [] : [`[${first}][${further}]{${length - 1}}`];
  };
  const pairs = among((byte, next) => next !== undefined && byte >= 0xc2 && byte <= 0xf4 && isFurther(next));
  return [
    ...(pairs === '' ? [] : [`[${pairs}]`]),
    ...[...ofLength(0xc2, 0xdf, 2), ...ofLength(0xe0, 0xef, 3), ...ofLength(0xf0, 0xf4, 4)],
  ].join('|');
}

function bytesOf(text: string, table: BytesByCharacter): Uint8Array | null {
  const written: number[] = [];
  for (const character of text) {
    if (character <= '\x7f') written.push(character.charCodeAt(0));
    else {
      const bytes = table.get(character);
      if (bytes === undefined) return null;
      written.push(...bytes);
    }
  }
  return Uint8Array.from(written);
}

function bytesByCharacter(encoding: Encoding): BytesByCharacter {
  const high = Array.from({ length: 128 }, (_, index) => 128 + index);
  const single = high.map((byte) => [byte]);
  const pairs = high.flatMap((lead) => Array.from({ length: 192 }, (_, index) => [lead, 0x40 + index]));
  const all = [...single, ...(isPaired(encoding) ? pairs : [])];
  const decoder = createDecoder(encoding);
  // A newline is no second byte, and ends what means nothing: all are decoded at once.
  const texts = (decoder.push(Uint8Array.from(all.flatMap((bytes) => [...bytes, LF]))) + decoder.end()).split(
    '\n',
  );
  const table = new Map<string, readonly number[]>();
  for (const [index, bytes] of all.entries()) {
    const text = texts[index] ?? '';
    const first = text.codePointAt(0) ?? 0;
    const isCharacter = text.length === (first > 0xffff ? 2 : 1) && first > 0x7f;
    if (isCharacter && text !== REPLACEMENT_CHARACTER && !table.has(text)) table.set(text, bytes);
  }
  return table;
}

function isPaired(encoding: Encoding): boolean {
  return languages.some((language) => language.encodings.includes(encoding) && isEastAsian(language.letters));
}
