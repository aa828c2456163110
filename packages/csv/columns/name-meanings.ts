/** Finds what a column may be for by its name: as people and programs write it, or nearly so. */
import {
  columnNames,
  doubtfulCountryNames,
  familyFirstNames,
  fullNameNames,
  internationalPhoneNames,
  looseNames,
  namesBesideOthers,
} from '@tidings/contracts/contacts/column-names.ts';
import type { NamedTarget } from '@tidings/contracts/contacts/column-targets.ts';
import { columnFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { foldColumnName, wordsOfColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';

/** What a name means. Of two columns for one target the one with the lower rank is the better one. */
export interface Meaning {
  readonly target: NamedTarget;
  readonly rank: number;
}

const RANK_BEST_BESIDE = -1;
const RANK_BESIDE = 1_000;
/** A name that holds a known one ranks behind all known ones. */
const RANK_WITHIN = 2_000;
const RANK_SIMILAR = 3_000;

/** Letters of a known name that are looked for within a longer name, or may be misspelt, at least. */
const MIN_WITHIN = 6;
const MIN_SIMILAR = 5;

const meanings = new Map<string, Meaning>();
for (const { name } of columnFields) addMeanings(name, columnNames[name]);
addMeanings('phone.international', internationalPhoneNames);
addMeanings('fullName', fullNameNames);
addMeanings('fullName.familyFirst', familyFirstNames);

/** Where two names fold to the same text, the better one counts. */
function addMeanings(target: NamedTarget, names: readonly string[]): void {
  for (const [rank, name] of names.entries()) {
    const folded = foldColumnName(name);
    if (!meanings.has(folded)) meanings.set(folded, { target, rank });
  }
}

const meaningsBesideOthers = namesBesideOthers.map(({ name, beside, field, ...more }) => ({
  name: foldColumnName(name),
  beside: foldColumnName(beside),
  meaning: { target: field, rank: 'isBest' in more ? RANK_BEST_BESIDE : RANK_BESIDE },
}));
const loose = new Set(looseNames.map(foldColumnName));
const doubtful = new Set(doubtfulCountryNames.map(foldColumnName));

/** Fields whose cells cannot show what they are, so that a name must be nearly right. */
const textTargets: ReadonlySet<string> = new Set<NamedTarget>(['firstName', 'lastName', 'company']);
/** Somebody else than the contact. */
const OTHERS =
  /^(?:spouse|partner|emergency|manager|assistant|child|parent|father|mother|referrer|referred|owner|agent)/;

/** @param present the folded names of all columns */
export function exactMeaning(folded: string, present: ReadonlySet<string>): Meaning | null {
  const beside = meaningsBesideOthers.find((one) => one.name === folded && present.has(one.beside));
  return beside?.meaning ?? meanings.get(folded) ?? null;
}

/**
 * What a known name within this one means. What stands in brackets is left out, and a number at the end (`Telefon 2`). Names of people and companies
 * are also found at the end of a longer one (`Guest First Name`).
 */
export function meaningWithin(name: string): Meaning | null {
  const words = wordsOfColumnName(name.replace(/\([^()]*\)|\[[^[\]]*\]/g, ' '));
  const whole = meanings.get(words.join('')) ?? meanings.get(words.join('').replace(/\p{Nd}+$/u, ''));
  if (whole !== undefined) return { ...whole, rank: RANK_WITHIN + whole.rank };
  if (OTHERS.test(words[0] ?? '')) return null;
  for (let from = 1; from < words.length; from++) {
    const end = words.slice(from).join('');
    const meaning = end.length < MIN_WITHIN ? undefined : meanings.get(end);
    if (meaning !== undefined && textTargets.has(meaning.target) && !loose.has(end))
      return { ...meaning, rank: RANK_WITHIN + meaning.rank };
  }
  return null;
}

/** The known name that differs from this one by one letter, or by two letters that changed places. Cells must confirm what it means. */
export function similarMeaning(folded: string): Meaning | null {
  if (folded.length < MIN_SIMILAR) return null;
  for (const [known, meaning] of meanings) {
    const isShortText = textTargets.has(meaning.target) && known.length < MIN_WITHIN;
    if (isShortText || known.length < MIN_SIMILAR || meaning.target.startsWith('fullName')) continue;
    if (differByOne(known, folded)) return { ...meaning, rank: RANK_SIMILAR + meaning.rank };
  }
  return null;
}

/** Whether the name means one part of a name, and may stand above whole names. */
export function isLooseName(folded: string): boolean {
  return loose.has(folded);
}

/** Whether the name means a country in one language, and something else in another. */
export function isDoubtfulName(folded: string): boolean {
  return doubtful.has(folded);
}

function differByOne(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1 || one[0] !== other[0]) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const [a, b] = [one.slice(start), other.slice(start)];
  if (a === '' || b === '') return true;
  const isSwapped = a.length === b.length && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return isSwapped || a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1);
}
