/**
 * Guesses the encoding of bytes that are no UTF-8. Statistics of long texts (chardet) say little about a list of names. So each encoding's
 * reading is judged too, by the letters of one language, by capitals within words, and by what the addresses and columns say of countries.
 */
import type { Encoding } from '@tidings/contracts/files/csv.ts';
import { analyse } from 'chardet';
import { CR, concat, LF } from '../bytes.ts';
import { invalidUtf8At, REPLACEMENT_CHARACTER } from '../utf8.ts';
import { languages, type WrittenLanguage } from './languages.ts';
import { createDecoder } from './text-decoder.ts';

export interface DetectedEncoding {
  readonly encoding: Encoding;
  /** Whether every other reading of the sample is clearly worse, or says the same. */
  readonly isCertain: boolean;
  /** 0 to 1. */
  readonly confidence: number;
  /** Other encodings that make a text of the sample, the likelier ones first; at most `MAX_ALTERNATIVES`. */
  readonly alternatives: readonly Encoding[];
}

const MAX_ALTERNATIVES = 4;
/** Bytes of the sample in which letters and hints are looked for. */
const SAMPLE_BYTES = 64 * 1024;
/** Bytes of lines with letters beyond ASCII that are read in every encoding, about: it bounds the time that a guess takes. */
const READ_BYTES = 8 * 1024;
/** Bytes of a line, at most. */
const LINE_BYTES = 512;
/** Words that are judged, and characters of each, at most. */
const MAX_WORDS = 400;
const MAX_WORD_LENGTH = 40;
/** How far the best reading must stand above the next other one, and above none at all, to be taken without a question. */
const CERTAIN_LEAD = 0.07;
/** More for a file with a single word; the more words, the less. */
const ONE_WORD_LEAD = 0.12;
const CERTAIN_SCORE = 0.6;

/** Parts of the score: the letters, what the library says, and the hints. */
const LETTERS_PART = 0.8;
const LIBRARY_PART = 0.2;
const HINT_PART = 0.3;
/** Offices write these: of encodings that read a text alike, the first one is named. */
const candidates: readonly Encoding[] = [...new Set(languages.flatMap(({ encodings }) => encodings))].filter(
  (encoding) => encoding !== 'iso-2022-jp',
);
/** Of one alphabet, the one that programs of today write comes before those of old. */
const RARE = 0.04;
const rare: ReadonlySet<Encoding> = new Set([
  'iso-8859-15',
  'iso-8859-2',
  'koi8-r',
  'iso-8859-5',
  'x-mac-cyrillic',
  'macintosh',
  'ibm850',
  'ibm852',
  'ibm866',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-6',
  'iso-8859-13',
  'windows-1257',
  'euc-jp',
]);

/** Pairs of bytes, of which a wrong reading is hardly ever valid throughout. */
const paired: ReadonlySet<Encoding> = new Set(['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr']);

interface Reading {
  readonly encoding: Encoding;
  readonly text: string;
  readonly score: number;
}

/** @param sample of a file that is no UTF-8; its last letter may be cut off */
export function detectEncoding(sample: Uint8Array): DetectedEncoding {
  const looked = sample.subarray(0, SAMPLE_BYTES);
  if (isIso2022Jp(looked))
    return { encoding: 'iso-2022-jp', isCertain: true, confidence: 1, alternatives: [] };
  const hints = hintsOf(looked);
  const bytes = tellingLines(looked);
  const library = libraryScores(bytes);
  const readings = candidates
    .flatMap((encoding) => read(encoding, bytes, hints, library))
    .sort((one, other) => other.score - one.score);
  const [best] = readings;
  if (best === undefined)
    return { encoding: 'windows-1252', isCertain: false, confidence: 0, alternatives: [] };
  const others = readings.filter(({ text }) => text !== best.text);
  const lead = best.score - (others[0]?.score ?? 0);
  return {
    encoding: best.encoding,
    isCertain:
      lead >= CERTAIN_LEAD + ONE_WORD_LEAD / wordsOf(best.text).length && best.score >= CERTAIN_SCORE,
    confidence: Math.max(0, Math.min(1, best.score, 0.5 + lead * 2)),
    alternatives: others.slice(0, MAX_ALTERNATIVES).map(({ encoding }) => encoding),
  };
}

/**
 * Lines with letters beyond ASCII. No encoding of the candidates has the byte of a newline within a letter. Lines that are UTF-8 say nothing of the
 * encoding of the others: they came from another file.
 */
function tellingLines(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  let start = 0;
  for (let at = 0; at <= bytes.length && length < READ_BYTES; at++) {
    const isEnd = at === bytes.length || bytes[at] === LF || bytes[at] === CR;
    if (!isEnd) continue;
    const line = tellingPart(bytes.subarray(start, at + 1));
    start = at + 1;
    if (line === null) continue;
    parts.push(line, newline);
    length += line.length;
  }
  return concat(parts);
}

const newline = Uint8Array.of(LF);

/** From a little before the first letter beyond ASCII; null where there is none, or all is UTF-8. */
function tellingPart(line: Uint8Array): Uint8Array | null {
  const letter = line.findIndex((byte) => byte >= 0x80);
  const from = Math.max(0, letter - LINE_BYTES / 2);
  return letter < 0 || invalidUtf8At(line) < 0 ? null : line.subarray(from, from + LINE_BYTES);
}

/** What stands from one ESC to the next: it shifts to letters of Japan, of two bytes or halfwidth, and its line does not end among them. */
const LETTERS = /^(?:\$[@B]|\(I)[^\r\n]*$/;
/** ESC shifts to the Latin letters of Japan, which are nearly those of ASCII. */
const LATIN = /^\(J/;
/** Of the shifts to letters of Japan, as many letters may be damaged: the rows that hold them are rejected. */
const DAMAGED_SHARE = 1 / 20;

/**
 * ISO-2022-JP shifts by ESC, and has no byte above 0x7f: whoever takes it for UTF-8 finds no fault. One letter may be damaged where there are several
 * shifts: the bytes of one may stand in any text.
 *
 * @param complete whether the file ends with the bytes; what is cut off in their last line is not damaged
 */
export function isIso2022Jp(bytes: Uint8Array, complete = true): boolean {
  if (!bytes.includes(0x1b)) return false;
  const escapes = Buffer.from(bytes).toString('latin1').split('\x1b').slice(1);
  const letters = escapes.slice(0, -1).filter((text) => LETTERS.test(text)).length;
  if (letters === 0 && !escapes.some((text) => LATIN.test(text))) return false;
  const lines = complete || letters === 0 ? bytes : bytes.subarray(0, bytes.lastIndexOf(LF) + 1);
  const damaged = decode('iso-2022-jp', lines).split(REPLACEMENT_CHARACTER).length - 1;
  return damaged <= (letters > 1 ? Math.max(1, letters * DAMAGED_SHARE) : 0);
}

function decode(encoding: Encoding, bytes: Uint8Array): string {
  const decoder = createDecoder(encoding);
  return decoder.push(bytes) + decoder.end();
}

function read(
  encoding: Encoding,
  bytes: Uint8Array,
  hints: ReadonlySet<WrittenLanguage>,
  library: ReadonlyMap<string, number>,
): Reading[] {
  const text = decode(encoding, bytes);
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const own = languages.filter((language) => language.encodings.includes(encoding));
  const seen = words.map((word) => ({ word, isOdd: isOddWord(word) }));
  const letters = Math.max(...own.map((language) => judge(seen, language, own, hints)));
  const fromLibrary = library.get(encoding) ?? 0;
  const score = letters * LETTERS_PART + fromLibrary * LIBRARY_PART - (rare.has(encoding) ? RARE : 0);
  return [{ encoding, text, score }];
}

/** Words with a character beyond ASCII, each once. */
function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const word of text.split(/[\s,;|\t"@.0-9]+/)) {
    if (!/[^\0-\x7f]/.test(word)) continue;
    words.add(word.slice(0, MAX_WORD_LENGTH));
    if (words.size >= MAX_WORDS) break;
  }
  return [...words];
}

/** From about 0, where the reading is no text, to 1; a little more where the file hints at the language. */
function judge(
  words: readonly { readonly word: string; readonly isOdd: boolean }[],
  language: WrittenLanguage,
  siblings: readonly WrittenLanguage[],
  hints: ReadonlySet<WrittenLanguage>,
): number {
  const own = new Set(language.letters);
  const related = new Set(siblings.flatMap(({ letters }) => [...letters]));
  const isPaired = language.encodings.some((encoding) => paired.has(encoding));
  let sum = 0;
  let count = 0;
  for (const { word, isOdd } of words) {
    for (const character of word) {
      if (character <= '\x7f') continue;
      count += 1;
      const value = isPaired ? judgePaired(character, own) : judgeLetter(character, own, related);
      sum += isOdd ? Math.min(value, 0) - 0.5 : value;
    }
  }
  const hint = hints.size === 0 ? 0 : hints.has(language) ? HINT_PART : -HINT_PART / 3;
  return sum / count + hint;
}

const SIGNS = '’‘“”„–—…«»°€£\u00a0№´·©®™';

function judgeLetter(character: string, own: ReadonlySet<string>, related: ReadonlySet<string>): number {
  const small = character.toLowerCase();
  if (own.has(small)) return 1;
  if (related.has(small)) return 0.55;
  if (SIGNS.includes(character)) return 0.4;
  return /\p{L}/u.test(character) ? 0 : -1;
}

/** Most characters of names are in no list of a hundred; kana and Hangul show their language at once. */
function judgePaired(character: string, common: ReadonlySet<string>): number {
  if (common.has(character)) return 1;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x3040 && code <= 0x30ff) return common.has('佐') ? 1 : -0.2;
  if (code >= 0xac00 && code <= 0xd7a3) return common.has('김') ? 0.85 : 0;
  if (code >= 0x4e00 && code <= 0x9fff) return common.has('김') ? -0.3 : 0.45;
  if (code >= 0x3000 && code <= 0x303f) return 0.5;
  if (code >= 0xff01 && code <= 0xff5e) return 0.3;
  return -0.7;
}

/** Beside letters of another script; a mark with no consonant below it; two vowels, or two marks of tone, above one letter. */
const ODD_THAI =
  /\p{Script=Latin}|(?:^|[\u0e40-\u0e46])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[\u0e31\u0e34-\u0e3a]{2}|[\u0e47-\u0e4e]{2}|[\u0e40-\u0e44](?:$|[\u0e40-\u0e45])/u;

/** Whether a word is written as no word is: scripts mixed, capitals behind small letters, signs between letters. */
export function isOddWord(word: string): boolean {
  if (word.includes(REPLACEMENT_CHARACTER) || /[\x80-\x9f]/.test(word)) return true;
  if (/^[^\0-\x7f\p{L}\p{M}«„“‘]\p{Ll}/u.test(word)) return true;
  if (/\p{Script=Thai}/u.test(word)) return ODD_THAI.test(word);
  if (/[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Hebrew}\p{Script=Arabic}]/u.test(word))
    return /\p{Script=Latin}|\p{Ll}\p{Lu}|ς\p{L}/u.test(word);
  if (/[^\0-\x7f\p{L}\p{M}]/u.test(word) && /\p{L}[^\p{L}\p{M}'’‘\-–.&/()\u00a0·´]\p{L}/u.test(word))
    return true;
  return (
    /[^\0-\x7f]/.test(word) &&
    /(?!Mc|Mac)\p{Ll}{2}\p{Lu}|\p{Lu}\p{Ll}\p{Lu}\p{Ll}?$/u.test(word) &&
    /\p{Ll}[À-ÖØ-ÞĀ-Ž]/u.test(word)
  );
}

function hintsOf(bytes: Uint8Array): ReadonlySet<WrittenLanguage> {
  const text = decode('windows-1252', bytes);
  const domains = new Map<string, number>();
  for (const [, domain = ''] of text.matchAll(/@[\w.-]+\.([a-z]{2,3})\b/gi))
    domains.set(domain.toLowerCase(), (domains.get(domain.toLowerCase()) ?? 0) + 1);
  const first = text.slice(0, 1_000);
  return new Set(
    languages.filter(({ domains: own, words }) => {
      const found = own.split(' ').reduce((sum, domain) => sum + (domains.get(domain) ?? 0), 0);
      return found >= 2 || (found > 0 && domains.size === 1) || words?.test(first.split(/[\r\n]/)[0] ?? '');
    }),
  );
}

/** 0 to 1, by our names of encodings. */
function libraryScores(bytes: Uint8Array): ReadonlyMap<string, number> {
  const scores = new Map<string, number>();
  for (const { name, confidence } of analyse(bytes)) {
    const label = name.toLowerCase();
    const encoding = alike.get(label) ?? [label];
    for (const one of encoding) scores.set(one, Math.max(scores.get(one) ?? 0, confidence / 100));
  }
  return scores;
}

/** What the library means by a name, where an office's encoding stands beside the standard's. */
const alike: ReadonlyMap<string, readonly Encoding[]> = new Map([
  ['iso-8859-1', ['windows-1252', 'iso-8859-15', 'macintosh']],
  ['iso-8859-2', ['windows-1250', 'iso-8859-2']],
  ['iso-8859-7', ['windows-1253', 'iso-8859-7']],
  ['iso-8859-8', ['windows-1255', 'iso-8859-8']],
  ['iso-8859-9', ['windows-1254']],
  ['koi8-r', ['koi8-r', 'koi8-u']],
]);
