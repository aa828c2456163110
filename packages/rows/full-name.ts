/**
 * Splits a whole name into first and last name. docs/columns.md states the rule for people; it is the same for every file:
 *
 * A comma parts the family name, which stands first, from the rest. In the scripts of China, Japan and Korea the family name is the first
 * of two words. Else the last word is the family name, with the particles before it (`van der`), and a suffix after it (`Jr.`). Titles in
 * front go. A name of one word is a first name.
 */

export interface SplitName {
  /** Either may be ''. */
  readonly firstName: string;
  readonly lastName: string;
}

/** Characters of a name, at most; a longer text is no name, and is a first name as it stands. */
const MAX_LENGTH = 200;
const EAST_ASIAN = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー・々\s]+$/u;
const TITLES = wordSet(
  'mr mrs ms miss mx dr prof sir dame herr frau dipl.-ing ing mag m mme mlle sr sra srta don doña sig sig.ra dott dott.ssa pan pani пан пані г-н г-жа',
);
const PARTICLES = wordSet(
  'von vom van vander de del della dello der den di da das do dos du des d’ la le les lo los las ten ter te zu zum zur af av bin ibn ben al el st st. san y',
);
const SUFFIXES = wordSet('jr sr ii iii iv phd ph.d md esq mba');

/** @param familyFirst whether the family name stands first, also where nothing but the column's name says so */
export function splitFullName(cell: string, familyFirst: boolean): SplitName {
  const name = cell.trim();
  if (name.length > MAX_LENGTH) return { firstName: name, lastName: '' };
  const comma = name.indexOf(',');
  if (comma > 0) return splitAtComma(name, comma);
  const words = withoutTitles(name.split(/\s+/));
  const [first = '', ...rest] = words;
  if (rest.length === 0) return { firstName: first, lastName: '' };
  if (EAST_ASIAN.test(name) || familyFirst) return splitFamilyFirst(words);
  const suffixes = trailing(words, (word) => SUFFIXES.has(keyOf(word)), 2);
  const named = words.slice(0, words.length - suffixes);
  if (named.length < 2) return { firstName: first, lastName: rest.join(' ') };
  let from = named.length - 1;
  while (from > 1 && PARTICLES.has(keyOf(named[from - 1] ?? ''))) from--;
  return { firstName: named.slice(0, from).join(' '), lastName: words.slice(from).join(' ') };
}

function splitAtComma(name: string, comma: number): SplitName {
  const [before, after] = [name.slice(0, comma).trim(), name.slice(comma + 1).trim()];
  // `Ada Lovelace, PhD` holds a suffix behind the comma, and not the first name.
  if (after === '' || SUFFIXES.has(keyOf(after))) {
    const { firstName, lastName } = splitFullName(before, false);
    return { firstName, lastName: [lastName, after].filter((part) => part !== '').join(', ') };
  }
  return { firstName: withoutTitles(after.split(/\s+/)).join(' '), lastName: before };
}

/** The family name is the first word, with the particles before it. */
function splitFamilyFirst(words: readonly string[]): SplitName {
  let to = 1;
  while (to < words.length - 1 && PARTICLES.has(keyOf(words[to - 1] ?? ''))) to++;
  return { firstName: words.slice(to).join(' '), lastName: words.slice(0, to).join(' ') };
}

function withoutTitles(words: readonly string[]): readonly string[] {
  let from = 0;
  while (from < words.length - 1 && TITLES.has(keyOf(words[from] ?? ''))) from++;
  return words.slice(from);
}

/** How many words at the end pass the test, so that `kept` words stay before them. */
function trailing(words: readonly string[], test: (word: string) => boolean, kept: number): number {
  let count = 0;
  while (words.length - count > kept && test(words[words.length - 1 - count] ?? '')) count++;
  return count;
}

function keyOf(word: string): string {
  return word.toLowerCase().replace(/\.$/, '').replaceAll("'", '’');
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
