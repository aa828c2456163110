/** From the cells of a chunk to rows that can be stored, and rows that are rejected with the reason. */
import { setImmediate } from 'node:timers/promises';
import type { RejectedRow, ValidRow } from '../contact-store/contact-store.ts';
import { type RowCode, rowCodes } from '../contracts/codes.ts';
import { ATTRIBUTE_PREFIX } from '../contracts/contact.ts';
import type { ChunkWork } from '../contracts/work.ts';
import { restoreCell } from '../csv/neutralise.ts';
import type { ParsedChunk, ParsedRow } from '../csv/records.ts';
import type { CountryLookup } from './country-directory.ts';
import { readEmail } from './email.ts';
import { readPhone } from './phone.ts';

export interface ValidatedChunk {
  /** By row, ascending. */
  readonly valid: ValidRow[];
  /** By row, ascending. */
  readonly rejected: RejectedRow[];
}

/** What of a chunk's description decides about its rows. */
export type RowRules = Pick<ChunkWork, 'header' | 'columns' | 'defaultCountry' | 'restoreCells'>;

/** Where an extension goes that a number was written with: E.164 has no place for it. */
const PHONE_EXTENSION = 'phone extension';

/** Text as it goes into the fields; what is said in a cell of a later column overrides. '' says nothing. */
interface Draft {
  email: string;
  firstName: string;
  lastName: string;
  phone: string;
  company: string;
  country: string;
}
type DraftField = keyof Draft;

const draftFields: ReadonlySet<string> = new Set<DraftField>([
  'email',
  'firstName',
  'lastName',
  'phone',
  'company',
  'country',
]);

interface Target {
  readonly index: number;
  readonly field: DraftField | null;
  /** Where `field` is null. */
  readonly attribute: string;
}

type Outcome = { readonly valid: ValidRow } | { readonly code: RowCode; readonly reason: string };

type MutableFields = { -readonly [Name in keyof ValidRow['fields']]: string };

/** Rows that are checked in one turn of the thread, a millisecond or two: the report of another chunk does not wait for a whole one. */
const ROWS_A_TURN = 400;

/** Pure but for the look-ups: the same chunk and the same tables give the same rows. */
export async function validateChunk(
  parsed: ParsedChunk,
  rules: RowRules,
  countries: CountryLookup,
): Promise<ValidatedChunk> {
  const validator = new RowValidator(rules, countries);
  const valid: ValidRow[] = [];
  const rejected: RejectedRow[] = parsed.rejected.map((row) => reject(row, row.code, rowCodes[row.code]));
  for (const [index, row] of parsed.rows.entries()) {
    if (index % ROWS_A_TURN === 0) await setImmediate();
    const outcome = validator.validate(row);
    if ('valid' in outcome) valid.push(outcome.valid);
    else rejected.push(reject(row, outcome.code, outcome.reason));
  }
  rejected.sort((a, b) => a.row - b.row);
  return { valid, rejected };
}

/** The cells are kept as they stand in the file, so that the row can be mended and dropped again. */
function reject(row: ParsedRow, code: RowCode, reason: string): RejectedRow {
  return { row: row.row, line: row.line, code, reason, cells: row.cells };
}

class RowValidator {
  readonly #width: number;
  readonly #targets: readonly Target[];
  readonly #defaultCountry: string | null;
  readonly #restoreCells: boolean;
  readonly #countries: CountryLookup;

  constructor(rules: RowRules, countries: CountryLookup) {
    this.#width = rules.header.length;
    this.#targets = rules.columns.flatMap((target, index) => readTarget(target, index));
    this.#defaultCountry = rules.defaultCountry;
    this.#restoreCells = rules.restoreCells;
    this.#countries = countries;
  }

  validate({ row, cells }: ParsedRow): Outcome {
    if (cells.length !== this.#width) return this.#wrongWidth(cells.length);
    const draft: Draft = { email: '', firstName: '', lastName: '', phone: '', company: '', country: '' };
    const attributes: Record<string, string> = {};
    for (const { index, field, attribute } of this.#targets) {
      const cell = cells[index] ?? '';
      const said = (this.#restoreCells ? restoreCell(cell) : cell).trim();
      if (said === '') continue;
      if (field === null) setAttribute(attributes, attribute, said);
      else draft[field] = said;
    }
    return this.#finish(row, draft, attributes);
  }

  #finish(row: number, draft: Draft, attributes: Record<string, string>): Outcome {
    if (draft.email === '') return rejection('email_missing');
    const email = readEmail(draft.email);
    if (email === null) return rejection('email_invalid');
    const fields: MutableFields = {};
    if (draft.firstName !== '') fields.firstName = draft.firstName;
    if (draft.lastName !== '') fields.lastName = draft.lastName;
    if (draft.company !== '') fields.company = draft.company;
    if (draft.country !== '') {
      const code = this.#countries.codeOf(draft.country);
      if (code === null) return rejection('country_unknown');
      fields.country = code;
      const timeZone = this.#countries.timeZoneOf(code);
      if (timeZone !== null) fields.timeZone = timeZone;
    }
    if (draft.phone !== '') {
      const phone = readPhone(draft.phone, fields.country ?? this.#defaultCountry);
      if (!phone.ok) return rejection(phone.code);
      fields.phone = phone.number;
      if (phone.extension !== null) attributes[PHONE_EXTENSION] ??= phone.extension;
    }
    return { valid: { row, email, fields, attributes } };
  }

  #wrongWidth(cells: number): Outcome {
    const code = cells < this.#width ? 'too_few_cells' : 'too_many_cells';
    return { code, reason: `${rowCodes[code]} It has ${cells}, the header ${this.#width}.` };
  }
}

/** An attribute may be called anything, `__proto__` too. (An object without a prototype takes any name, but is slow to fill and to read.) */
function setAttribute(attributes: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') attributes[name] = value;
  else
    Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
}

function rejection(code: RowCode): Outcome {
  return { code, reason: rowCodes[code] };
}

/** None for a column that is left out; the time zone is not read, it follows from the country. */
function readTarget(target: string, index: number): Target[] {
  if (target.startsWith(ATTRIBUTE_PREFIX)) {
    return [{ index, field: null, attribute: target.slice(ATTRIBUTE_PREFIX.length) }];
  }
  return isDraftField(target) ? [{ index, field: target, attribute: '' }] : [];
}

function isDraftField(target: string): target is DraftField {
  return draftFields.has(target);
}
