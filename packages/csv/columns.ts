/** Finds the field of a contact that each column of a file is for, by the column's name. */
import { namesBesideOthers } from '@tidings/contracts/column-names.ts';
import { type ColumnField, columnFields } from '@tidings/contracts/contact-fields.ts';
import { CsvError } from './errors.ts';

/** Characters of a name that is compared with others, at most: ordering the marks of a longer name may take quadratic time. */
const MAX_COMPARED_LENGTH = 200;

/** Names that a refusal shows, and characters of each, at most. */
const SHOWN_NAMES = 20;
const SHOWN_LENGTH = 40;

const ACCENTS = /[\u0300-\u036f]/g;
const NOT_COMPARED = /[^\p{L}\p{M}\p{N}]+/gu;

interface Meaning {
  readonly field: ColumnField;
  /** The better of two names has the lower one. */
  readonly rank: number;
}

const meanings = new Map<string, Meaning>();
for (const { name: field, aliases } of columnFields) {
  for (const [rank, name] of aliases.entries()) {
    const folded = foldColumnName(name);
    // Where two aliases fold to the same text, the better one counts.
    if (!meanings.has(folded)) meanings.set(folded, { field, rank });
  }
}

const meaningsBesideOthers = namesBesideOthers.map(({ name, beside, field }) => ({
  name: foldColumnName(name),
  beside: foldColumnName(beside),
  meaning: { field, rank: Number.MAX_SAFE_INTEGER },
}));

/**
 * What is compared of a column's name: letters and digits, without case, accents and typographic forms. A name without any
 * letter or digit, or longer than that of any field, is compared as it stands.
 */
export function foldColumnName(name: string): string {
  if (name.length > MAX_COMPARED_LENGTH) return name;
  const folded = name.normalize('NFKD').replace(ACCENTS, '').toLowerCase().replace(NOT_COMPARED, '');
  return folded === '' ? name.trim() : folded;
}

/**
 * The field that each column is for, or null. A field has one column: of several columns with names for it, the one with the
 * better name, or else the first.
 */
export function fieldsOfHeader(header: readonly string[]): (ColumnField | null)[] {
  const folded = header.map(foldColumnName);
  const present = new Set(folded);
  const best = new Map<ColumnField, { index: number; rank: number }>();
  for (const [index, name] of folded.entries()) {
    const meaning = meaningOf(name, present);
    if (meaning === null) continue;
    const { field, rank } = meaning;
    const known = best.get(field);
    if (known === undefined || rank < known.rank) best.set(field, { index, rank });
  }
  const fields = header.map((): ColumnField | null => null);
  for (const [field, { index }] of best) fields[index] = field;
  return fields;
}

function meaningOf(name: string, present: ReadonlySet<string>): Meaning | null {
  const meaning = meanings.get(name);
  if (meaning !== undefined) return meaning;
  const other = meaningsBesideOthers.find((one) => one.name === name && present.has(one.beside));
  return other?.meaning ?? null;
}

/**
 * @param targets what each column is for: one must be `email`
 * @param line on which the header starts
 * @throws CsvError `no_email_column`
 */
export function requireEmailColumn(
  header: readonly string[],
  targets: readonly (string | null)[],
  line: number,
): void {
  if (targets.includes('email')) return;
  const shown = header.slice(0, SHOWN_NAMES).map((name) => `“${shorten(name)}”`);
  const more = header.length - shown.length;
  throw new CsvError(
    'no_email_column',
    `No column holds e-mail addresses. The header reads ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}. ` +
      'Name one column “email”, and drop the file again.',
    line,
  );
}

/** The text, without half of a surrogate pair at its end. */
function shorten(name: string): string {
  return name.slice(0, SHOWN_LENGTH).replace(/[\ud800-\udbff]$/, '');
}
