/** Makes names of columns comparable. */

/** Characters of a name that is compared with others, at most: ordering the marks of a longer name may take quadratic time. */
const MAX_COMPARED_LENGTH = 200;

const ACCENTS = /[\u0300-\u036f]/g;
const NOT_COMPARED = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * What is compared of a column's name: letters and digits in NFKC, without case, accents, invisible characters and signs. The case does not
 * go by a language: `İ` and `ı` are `i`. A name without any letter or digit, or longer than that of any field, is compared as it stands.
 */
export function foldColumnName(name: string): string {
  if (name.length > MAX_COMPARED_LENGTH) return name;
  // Marks may stand behind their letters once the signs between them are gone.
  const folded = foldLetters(name).replace(NOT_COMPARED, '').normalize('NFKC');
  return folded === '' ? name.trim() : folded;
}

/** The words of a name, folded; none where it is too long to be compared. */
export function wordsOfColumnName(name: string): string[] {
  if (name.length > MAX_COMPARED_LENGTH) return [];
  // A capital after a small letter begins a word: `firstName`.
  const parted = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return foldLetters(parted)
    .split(NOT_COMPARED)
    .filter((word) => word !== '');
}

function foldLetters(text: string): string {
  const letters = text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(ACCENTS, '');
  // Soft hyphens and other invisible characters stand within words.
  return (
    letters
      .replace(/\p{Cf}/gu, '')
      .replaceAll('ı', 'i')
      .replaceAll('ß', 'ss')
      .replaceAll('đ', 'd')
      // Persian letters, as programs write them that have the Arabic ones alone.
      .replaceAll('\u06cc', '\u064a')
      .replaceAll('\u06a9', '\u0643')
      .normalize('NFKC')
  );
}
