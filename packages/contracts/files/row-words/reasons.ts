/** Makes sentences of the codes of a row: the only place where codes become the words of a file or of an answer. */
import type { RowCode } from '../../codes.ts';
import { MAX_CONTACT_ATTRIBUTES, MAX_CONTACT_BYTES } from '../../contacts/contact.ts';
import type { Language } from '../../language.ts';
import { MAX_RECORD_BYTES } from '../../limits.ts';
import type { FaultParameters, ParametersByCode } from '../row-faults.ts';
import { chineseRowReasons } from './chinese.ts';
import { englishRowReasons } from './english.ts';
import { germanRowReasons } from './german.ts';
import type { RowReasonWords } from './row-words.ts';
import { spanishRowReasons } from './spanish.ts';
import { ukrainianRowReasons } from './ukrainian.ts';

/** With the limits in their sentences. */
export const rowReasons: Readonly<Record<Language, RowReasonWords>> = {
  en: withLimits('en', englishRowReasons),
  de: withLimits('de', germanRowReasons),
  uk: withLimits('uk', ukrainianRowReasons),
  es: withLimits('es', spanishRowReasons),
  zh: withLimits('zh', chineseRowReasons),
};

/** The words themselves hold no number, so that a page that needs none of them takes none along. */
function withLimits(language: Language, words: RowReasonWords): RowReasonWords {
  const { contact_too_large: large, record_too_long: long } = words.sentences;
  const sentences = {
    ...words.sentences,
    contact_too_large: large
      .replace('{contactBytes}', `${MAX_CONTACT_BYTES / 1024} KiB`)
      .replace('{attributes}', MAX_CONTACT_ATTRIBUTES.toLocaleString(language)),
    record_too_long: long.replace('{recordBytes}', `${MAX_RECORD_BYTES / 1024} KiB`),
  };
  return { ...words, sentences };
}

/** The sentence for one code. */
export function sentenceOf(
  code: RowCode,
  { cells, columns, character }: FaultParameters = {},
  words: RowReasonWords = rowReasons.en,
): string {
  const sentence = words.sentences[code];
  if (character !== undefined) return words.joined([sentence, words.holds(character)]);
  if (cells === undefined || columns === undefined) return sentence;
  return words.joined([sentence, words.counted(cells, columns)]);
}

/** A sentence for each code, and behind them what else is to be said. */
export function reasonOf(
  codes: readonly RowCode[],
  parameters: ParametersByCode,
  words: RowReasonWords = rowReasons.en,
  hints: readonly string[] = [],
): string {
  return words.joined([...codes.map((code) => sentenceOf(code, parameters[code], words)), ...hints]);
}
