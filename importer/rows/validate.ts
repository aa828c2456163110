/** Turns the cells of a chunk into rows that can be stored and rows that are rejected, with the reasons. */
import { setImmediate } from 'node:timers/promises';
import type { RejectedRow, ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import type { RecordCode, RowCode } from '@tidings/contracts/codes.ts';
import {
  type NamedTarget,
  namedTargets,
  type SpecialTarget,
  slotOf,
} from '@tidings/contracts/column-targets.ts';
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contact.ts';
import { type ColumnField, columnFields } from '@tidings/contracts/contact-fields.ts';
import { parametersOf } from '@tidings/contracts/row-faults.ts';
import type { ChunkWork } from '@tidings/contracts/work.ts';
import type { ParsedChunk, ParsedRow, UnreadableCode } from '@tidings/csv/records.ts';
import { RejectedExportReader } from '@tidings/csv/rejected-export.ts';
import type { CountryLookup } from './country-directory.ts';
import { readEmail } from './email.ts';
import { splitFullName } from './full-name.ts';
import { readInternationalPhone, readPhone } from './phone.ts';

export interface ValidatedChunk {
  /** The header of the file in which the rows first stood. */
  readonly header: readonly string[];
  /** By row, ascending. */
  readonly valid: ValidRow[];
  /** By row, ascending. */
  readonly rejected: RejectedRow[];
  /** Makes the rejected row of a valid one that the store refuses. */
  toRejected(row: number, code: RowCode): RejectedRow;
}

/** The parts of a chunk's description that decide about its rows. */
export type RowRules = Pick<ChunkWork, 'header' | 'columns' | 'defaultCountry' | 'restoreCells'>;

/** The attribute for the extension of a phone number, which E.164 cannot hold. */
const PHONE_EXTENSION = 'phone extension';

/** By target, the text of each column's cell; '' means no value. Of two columns for one field the later one counts. */
type Draft = Record<ColumnField | SpecialTarget, string>;

/** Fields that are stored as they were written. */
const textFields = columnFields.flatMap((field) => (field.format === 'text' ? [field.name] : []));
const blankDraft = Object.fromEntries(namedTargets.map((name) => [name, ''])) as Draft;

interface Target {
  readonly index: number;
  readonly named: NamedTarget | null;
  /** The name of the attribute that holds the cell; null where a field holds it. */
  readonly attribute: string | null;
}

type CheckedRow = { readonly valid: ValidRow } | { readonly codes: readonly RowCode[] };

type MutableFields = { -readonly [Name in keyof ValidRow['fields']]: string };

/** A row whose record is damaged, or whose cells are not text. */
type FaultyRow = ParsedRow & { readonly codes: readonly RecordCode[] };

/** Faults within cells. Each cell still stands in its column, so the values of the row are checked as well. */
const cellFaults: ReadonlySet<RowCode> = new Set<UnreadableCode>([
  'invalid_encoding',
  'replacement_character',
  'nul_byte',
]);

/** Rows that are checked in one turn of the event loop, which takes a millisecond or two, so that the report of another chunk need not wait. */
const ROWS_A_TURN = 400;

/** The same chunk and the same reference tables give the same rows. */
export async function validateChunk(
  parsed: ParsedChunk,
  rules: RowRules,
  countries: CountryLookup,
): Promise<ValidatedChunk> {
  const { rows, faulty, header, columns } = rules.restoreCells
    ? restoreRows(parsed, rules)
    : { ...rules, rows: parsed.rows, faulty: parsed.rejected };
  const validator = new RowValidator(header, columns, rules.defaultCountry, countries);
  const valid: ValidRow[] = [];
  const rejected = faulty.map((row) => reject(row, validator.allFaults(row), columns));
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_A_TURN === 0) await setImmediate();
    const outcome = validator.validate(row);
    if ('valid' in outcome) valid.push(outcome.valid);
    else rejected.push(reject(row, outcome.codes, columns));
  }
  rejected.sort((a, b) => a.row - b.row);
  return { header, valid, rejected, toRejected: rejecter(rows, columns) };
}

/** Finds a row by its number. It is rarely called, so the index is built at the first call. */
function rejecter(rows: readonly ParsedRow[], columns: readonly string[]): ValidatedChunk['toRejected'] {
  let byNumber: Map<number, ParsedRow> | null = null;
  return (number, code) => {
    byNumber ??= new Map(rows.map((row) => [row.row, row]));
    const row = byNumber.get(number);
    if (row === undefined) throw new RangeError(`The chunk has no valid row ${number}.`);
    return reject(row, [code], columns);
  };
}

/** The rows of an export of ours, as they stood in the file in which they were rejected. */
function restoreRows(parsed: ParsedChunk, rules: RowRules) {
  const reader = new RejectedExportReader(rules.header);
  const rows: ParsedRow[] = [];
  const faulty = parsed.rejected.map((unreadable): FaultyRow => {
    const { cells, codes } = reader.read(unreadable.cells);
    const isDamaged = unreadable.codes.some((code) => !cellFaults.has(code));
    // In a damaged record it is not known which cells are those of our columns.
    const all = isDamaged ? unreadable.codes : [...new Set([...unreadable.codes, ...codes])];
    return { ...unreadable, cells, codes: all };
  });
  for (const { row, line, cells: written } of parsed.rows) {
    const { cells, codes } = reader.read(written);
    if (codes.length === 0) rows.push({ row, line, cells });
    else faulty.push({ row, line, cells, codes });
  }
  const columns = reader.kept.map((index) => rules.columns[index] ?? '');
  return { rows, faulty, header: reader.header, columns };
}

/** Keeps the cells as they stand in the person's file, so that the row can be mended and dropped again. */
function reject(
  { row, line, cells }: ParsedRow,
  codes: readonly RowCode[],
  columns: readonly string[],
): RejectedRow {
  return { row, line, codes, parameters: parametersOf(codes, cells.length, columns), cells };
}

class RowValidator {
  readonly #width: number;
  readonly #targets: readonly Target[];
  readonly #defaultCountry: string | null;
  readonly #countries: CountryLookup;

  constructor(
    header: readonly string[],
    columns: readonly string[],
    defaultCountry: string | null,
    countries: CountryLookup,
  ) {
    this.#width = columns.length;
    this.#targets = columns.flatMap((target, index) => readTarget(target, index, header[index] ?? ''));
    this.#defaultCountry = defaultCountry;
    this.#countries = countries;
  }

  validate({ row, cells }: ParsedRow): CheckedRow {
    if (cells.length < this.#width) return { codes: ['too_few_cells'] };
    if (cells.length > this.#width) return { codes: ['too_many_cells'] };
    const draft: Draft = { ...blankDraft };
    const attributes: Record<string, string> = {};
    for (const { index, named, attribute } of this.#targets) {
      const text = (cells[index] ?? '').trim();
      if (text === '') continue;
      if (attribute !== null) setAttribute(attributes, attribute, text);
      if (named !== null) draft[named] = text;
    }
    return this.#finish(row, draft, attributes);
  }

  /** The codes of the record, and of its values where each cell is known to stand in its column. */
  allFaults(row: FaultyRow): readonly RowCode[] {
    if (!row.codes.every((code) => cellFaults.has(code))) return row.codes;
    const outcome = this.validate(row);
    return 'codes' in outcome ? [...row.codes, ...outcome.codes] : row.codes;
  }

  #finish(row: number, draft: Draft, attributes: Record<string, string>): CheckedRow {
    const codes: RowCode[] = [];
    const email = draft.email === '' ? null : readEmail(draft.email);
    if (email === null) codes.push(draft.email === '' ? 'email_missing' : 'email_invalid');
    const fields: MutableFields = {};
    addNameParts(draft);
    for (const field of textFields) if (draft[field] !== '') fields[field] = draft[field];
    if (draft.country !== '') this.#readCountry(draft.country, fields, codes);
    if (draft.phone !== '' || draft['phone.international'] !== '')
      this.#readPhone(draft, fields, attributes, codes);
    return email === null || codes.length > 0 ? { codes } : { valid: { row, email, fields, attributes } };
  }

  #readCountry(country: string, fields: MutableFields, codes: RowCode[]): void {
    const code = this.#countries.codeOf(country);
    if (code === null) {
      codes.push('country_unknown');
      return;
    }
    fields.country = code;
    const timeZone = this.#countries.timeZoneOf(code);
    if (timeZone !== null) fields.timeZone = timeZone;
  }

  #readPhone(
    draft: Draft,
    fields: MutableFields,
    attributes: Record<string, string>,
    codes: RowCode[],
  ): void {
    // An unknown country is null, and not the default country of the import.
    const country = draft.country === '' ? this.#defaultCountry : (fields.country ?? null);
    const phone =
      draft.phone === ''
        ? readInternationalPhone(draft['phone.international'], country)
        : readPhone(draft.phone, country);
    if (phone.ok) {
      fields.phone = phone.number;
      if (phone.extension !== null) attributes[PHONE_EXTENSION] ??= phone.extension;
    } else codes.push(phone.code);
  }
}

/** Sets an attribute of any name, `__proto__` too. (An object without a prototype takes any name, and is slow to fill and to read.) */
function setAttribute(attributes: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') attributes[name] = value;
  else
    Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A whole name fills what no column of its own does. */
function addNameParts(draft: Draft): void {
  const { fullName, 'fullName.familyFirst': familyFirst } = draft;
  if (fullName === '' && familyFirst === '') return;
  const { firstName, lastName } = splitFullName(fullName || familyFirst, fullName === '');
  if (draft.firstName === '') draft.firstName = firstName;
  if (draft.lastName === '') draft.lastName = lastName;
}

/** None for a column that is left out. A whole name is kept as an attribute of the column's own name, too. */
function readTarget(target: string, index: number, name: string): Target[] {
  if (target.startsWith(ATTRIBUTE_PREFIX)) {
    return [{ index, named: null, attribute: target.slice(ATTRIBUTE_PREFIX.length) }];
  }
  const named = namedTargets.find((known) => known === target);
  if (named === undefined) return [];
  const attribute = slotOf(named) === 'fullName' ? name.trim().toLowerCase() : null;
  return [{ index, named, attribute: attribute === '' ? null : attribute }];
}
