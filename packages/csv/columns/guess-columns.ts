/**
 * Guesses what the columns of a file are for: by their names, by names that are nearly right, by words in them, and by what their cells
 * look like, in this order. Each of the later ways needs cells that confirm it.
 */
import { type NamedTarget, slotOf } from '@tidings/contracts/contacts/column-targets.ts';
import { foldColumnName, wordsOfColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';
import { type ColumnLook, isAddress, type Look, lookAtColumn } from './cell-looks.ts';
import { isOfOthers } from './further-emails.ts';
import {
  exactMeaning,
  isDoubtfulName,
  isLooseName,
  type Meaning,
  meaningWithin,
  similarMeaning,
} from './name-meanings.ts';

/** What tells a column's target: a name that is known, one that is like it or holds a word of it, or nothing but its cells. */
export type GuessedBy = 'alias' | 'similarity' | 'cells';

export interface GuessedColumn {
  readonly target: NamedTarget;
  readonly by: GuessedBy;
  /** 0 to 1. */
  readonly confidence: number;
  /** Another column is the better one for the target. */
  readonly isTaken: boolean;
}

export interface GuessOptions {
  /** The rows were rejected elsewhere: that cells are wrong says nothing of their column, nor that addresses are blank. */
  readonly areRejected: boolean;
}

interface Candidate extends Meaning {
  readonly index: number;
  readonly by: GuessedBy;
  readonly confidence: number;
  /** Cells of the sample that hold something. */
  readonly filled: number;
  /** Whether the addresses of the column are those of somebody else. */
  readonly isOfOthers?: boolean;
}

const CERTAIN = 1;
const BY_WITHIN = 0.8;
const BY_WORD = 0.7;
const BY_SIMILAR = 0.7;
const BY_CELLS = 0.5;
const RANK_WORD = 4_000;
const RANK_CELLS = 5_000;

/** The share of filled cells that must look like it, at least. */
const CONFIRMED = 0.5;
const ALMOST_ALL = 0.8;

interface Word {
  readonly look: Look;
  readonly says: RegExp;
  readonly but: RegExp;
}

/** Words that names of columns share, in the languages of people's files, and words that speak against them. */
const words: readonly Word[] = [
  {
    look: 'email',
    says: /mail(?!ing)|courriel|correo|correio|po[sšș]t[aă]|poczt|пошт|почт|поща|имейл|имејл|ταχυδρ|email|メール|邮|郵|電子|电子|메일/iu,
    but: /type|\btyp\b|label|name|opt|consent|status|subject|invalid|bounced/iu,
  },
  {
    look: 'phone',
    says: /phone|fon|tel\b|tel[.:]|mobil|handy|cell|gsm|whatsapp|sms|móvil|celular|portable|puhelin|sími|тел|моб|τηλ(?!εομοι)|κινητ|هاتف|جوال|موب|טלפון|נייד|โทร(?!สาร)|điện thoại|電話|电话|手机|手機|携帯|전화|휴대/iu,
    but: /fax|faks|факс|φαξ|فاكس|פקס|แฟกซ์|pager|type|\btyp\b|label|opt|consent|status|ext\b|extension/iu,
  },
  {
    look: 'country',
    says: /country|land\b|pays|país|pais\b|paese|kraj|zem[eě]|stát|štát|ország|[tțţ]ar[aă]|ülke|država|šalis|valsts|χώρα|الدولة|البلد|[کك]شور|מדינה|देश|ประเทศ|quốc gia|држав|краін|країн|стран|държава|国|國|국가/iu,
    but: /birth|born|calling|phone|origin|citizen|national/iu,
  },
];

/** Characters of a name in which words are looked for, at most. */
const MAX_SEARCHED = 200;

/** A name that says nothing about the cells: none, a number, `Column 3`. */
const NO_NAME = /^(?:(?:column|col|field|spalte|feld|columna|colonne|колонка|поле|unnamed)?\p{Nd}*|\p{L})$/u;

/**
 * What each column is for, or null where nothing is guessed. No two columns fill the same field. Of several columns with names for it the one whose
 * sample holds something fills it; of several of those the one with the better name, and then the first. Addresses of somebody else come last. The
 * field of the other columns is taken (`isTaken`).
 *
 * @param header null for a column that is not to be guessed
 * @param sample the cells of the first rows, of which `SAMPLE_ROWS` count; without them only names are looked at
 */
export function guessColumns(
  header: readonly (string | null)[],
  sample: readonly (readonly string[])[] = [],
  { areRejected }: GuessOptions = { areRejected: false },
): (GuessedColumn | null)[] {
  const looks = header.map((_, index) => lookAtColumn(sample, index));
  const folded = header.map((name) => foldColumnName(name ?? ''));
  const best = new Map<string, Candidate>();
  const candidates = candidatesOf(header, folded, looks, areRejected);
  for (const candidate of candidates) {
    const slot = slotOf(candidate.target);
    const known = best.get(slot);
    if (known === undefined || isBetter(candidate, known, areRejected)) best.set(slot, candidate);
  }
  if (!hasHeaderBelow(sample)) addColumnOfAddresses(best, header, looks);
  settleNames(best, folded, looks, sample);
  addNameBesideAddress(best, header, looks);
  const guessed = header.map((): GuessedColumn | null => null);
  for (const { index, target, by, confidence } of candidates) {
    if (best.has(slotOf(target))) guessed[index] = { target, by, confidence, isTaken: true };
  }
  for (const { index, target, by, confidence } of best.values())
    guessed[index] = { target, by, confidence, isTaken: false };
  return guessed;
}

function candidatesOf(
  header: readonly (string | null)[],
  folded: readonly string[],
  looks: readonly ColumnLook[],
  areRejected: boolean,
): Candidate[] {
  const present = new Set(folded);
  return header.flatMap((name, index) => {
    const look = looks[index];
    if (look === undefined || name === null) return [];
    const found = candidateOf(name, folded[index] ?? '', present, look, areRejected);
    if (found === null) return [];
    const isOthers = found.target === 'email' && isOfOthers(name);
    return [{ ...found, index, filled: look.filled, isOfOthers: isOthers }];
  });
}

type Found = Pick<Candidate, 'target' | 'rank' | 'by' | 'confidence'>;

const isFullName = ({ target }: Pick<Found, 'target'>) => target.startsWith('fullName');

function candidateOf(
  name: string,
  folded: string,
  present: ReadonlySet<string>,
  look: ColumnLook,
  areRejected: boolean,
): Found | null {
  const exact = exactMeaning(folded, present);
  if (exact !== null) {
    const isConfirmed = isDoubtfulName(folded)
      ? confirms('country', look)
      : !isFullName(exact) || mayBeText(look);
    const isContradicted = look.filled > 0 && !isConfirmed;
    return isContradicted ? byLook(name, look) : { ...exact, by: 'alias', confidence: CERTAIN };
  }
  const within = meaningWithin(name);
  if (within !== null && (areRejected || !contradicts(within.target, look)))
    return { ...within, by: 'similarity', confidence: BY_WITHIN };
  const byWord = byLook(name, look);
  if (byWord !== null) return byWord;
  const similar = look.filled === 0 ? null : similarMeaning(folded);
  if (similar !== null && confirms(similar.target, look))
    return { ...similar, by: 'similarity', confidence: BY_SIMILAR };
  return NO_NAME.test(folded) ? byCellsAlone(look) : null;
}

/** Whether cells speak for a field that they can show, or at least not against one that they cannot. */
function confirms(target: NamedTarget, look: ColumnLook): boolean {
  const slot = slotOf(target);
  return slot === 'email' || slot === 'phone' || slot === 'country'
    ? look.share(slot) >= CONFIRMED
    : mayBeText(look);
}

function contradicts(target: NamedTarget, look: ColumnLook): boolean {
  return look.filled > 0 && !confirms(target, look);
}

function mayBeText(look: ColumnLook): boolean {
  return look.share('email') < CONFIRMED && look.share('phone') < CONFIRMED;
}

function byLook(name: string, look: ColumnLook): Found | null {
  // A name that holds another delimiter is several names.
  if (look.filled === 0 || /[;|\t]/.test(name)) return null;
  const text = name
    .slice(0, MAX_SEARCHED)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '');
  const word = words.find(
    ({ says, but, look: as }) => says.test(text) && !but.test(text) && look.share(as) >= CONFIRMED,
  );
  return word === undefined
    ? null
    : { target: word.look, rank: RANK_WORD, by: 'similarity', confidence: BY_WORD };
}

/** Only where the name says nothing: numbers of another column may be those of a fax machine. */
function byCellsAlone(look: ColumnLook): Found | null {
  const found = { rank: RANK_CELLS, by: 'cells', confidence: BY_CELLS } as const;
  if (look.shareWithPlus() >= ALMOST_ALL) return { ...found, target: 'phone' };
  if (look.filled > 0 && look.share('country') >= ALMOST_ALL) return { ...found, target: 'country' };
  return null;
}

function isBetter(one: Candidate, other: Candidate, areRejected: boolean): boolean {
  if (one.isOfOthers !== other.isOfOthers) return other.isOfOthers === true;
  const [oneFilled, otherFilled] = [one.filled > 0, other.filled > 0];
  const isTold = !areRejected || one.target !== 'email';
  if (oneFilled !== otherFilled && isTold) return oneFilled;
  return one.rank < other.rank;
}

/** Rows that may stand above the header: a title, and what else reports begin with. */
const MAX_LINES_ABOVE = 20;

/** Whether the header is one of the first rows, and what was taken for it is a title. */
function hasHeaderBelow(sample: readonly (readonly string[])[]): boolean {
  const isEmailName = (cell: string) => exactMeaning(foldColumnName(cell), noNames)?.target === 'email';
  return sample.slice(0, MAX_LINES_ABOVE).some((row) => row.some(isEmailName));
}
const noNames: ReadonlySet<string> = new Set();

/**
 * Where no name says e-mail, the column that holds the most addresses has them: without one nothing can be imported. A header that holds an
 * address is no header.
 */
function addColumnOfAddresses(
  best: Map<string, Candidate>,
  header: readonly (string | null)[],
  looks: readonly ColumnLook[],
): void {
  if (best.has('email') || header.some((name) => name !== null && isAddress(name))) return;
  let most: { index: number; share: number } | null = null;
  for (const [index, look] of looks.entries()) {
    const share = header[index] === null ? 0 : look.shareOfLoneAddresses();
    if (share >= CONFIRMED && share > (most?.share ?? 0)) most = { index, share };
  }
  if (most === null) return;
  const { index } = most;
  for (const [slot, candidate] of best) if (candidate.index === index) best.delete(slot);
  const filled = looks[index]?.filled ?? 0;
  const found = { target: 'email', rank: RANK_CELLS, by: 'cells', confidence: BY_CELLS } as const;
  best.set('email', { ...found, index, filled });
}

/** What has addresses and names, and is no person. */
const NO_PERSON =
  /^(?:business|store|shop|school|hotel|club|site|domain|user|login|list|campaign|event|product|team|department)$/;

/** Where no column has a name, the one that is named as that of the addresses has it: `Attendee Name` beside `Attendee Email`. */
function addNameBesideAddress(
  best: Map<string, Candidate>,
  header: readonly (string | null)[],
  looks: readonly ColumnLook[],
): void {
  const email = best.get('email');
  if (email === undefined || ['firstName', 'lastName', 'fullName'].some((slot) => best.has(slot))) return;
  const ofEmail = wordsOfColumnName(header[email.index] ?? '');
  const taken = new Set([...best.values()].map(({ index }) => index));
  for (const [index, look] of looks.entries()) {
    const words = wordsOfColumnName(header[index] ?? '');
    let shared = 0;
    while (shared < words.length && words[shared] === ofEmail[shared]) shared++;
    const whose = words.slice(0, shared);
    if (taken.has(index) || shared === 0 || whose.some((word) => NO_PERSON.test(word))) continue;
    const rest = exactMeaning(words.slice(shared).join(''), noNames);
    if (rest === null || !isFullName(rest) || !mayBeText(look)) continue;
    const found = { ...rest, by: 'similarity', confidence: BY_WITHIN, filled: look.filled } as const;
    best.set('fullName', { ...found, index });
    return;
  }
}

/** A whole name is split only where a part of it has no column of its own. */
function settleNames(
  best: Map<string, Candidate>,
  folded: readonly string[],
  looks: readonly ColumnLook[],
  sample: readonly (readonly string[])[],
): void {
  const [first, last, full] = [best.get('firstName'), best.get('lastName'), best.get('fullName')];
  if (first !== undefined && last !== undefined) {
    best.delete('fullName');
    return;
  }
  if (full !== undefined) {
    // `Name` beside a first name may be the last name, or the whole one.
    if (first !== undefined && !holdsOther(sample, full.index, first.index)) {
      best.delete('fullName');
      if (folded[full.index] === 'name') best.set('lastName', { ...full, target: 'lastName' });
    }
    return;
  }
  const only = first ?? last;
  if (only === undefined || !isLooseName(folded[only.index] ?? '')) return;
  if ((looks[only.index]?.shareOfManyWords() ?? 0) <= CONFIRMED) return;
  best.delete(slotOf(only.target));
  best.set('fullName', { ...only, target: 'fullName', by: 'cells', confidence: BY_WORD });
}

/** Whether most cells of a column hold what stands in the same row of the other one. */
function holdsOther(sample: readonly (readonly string[])[], column: number, other: number): boolean {
  const both = sample.flatMap((row) => {
    const [whole, part] = [(row[column] ?? '').trim(), (row[other] ?? '').trim()];
    return whole === '' || part === '' ? [] : [whole !== part && whole.includes(part)];
  });
  return both.filter(Boolean).length > both.length * CONFIRMED;
}
