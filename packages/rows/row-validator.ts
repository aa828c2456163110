/** Checks one row: its cells become the fields and attributes of a contact, or the codes of what is wrong with it. */
import type { ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import type { RowCode } from '@tidings/contracts/codes.ts';
import {
  attributeNameOf,
  type NamedTarget,
  namedTargets,
  readAttributeTarget,
  slotOf,
} from '@tidings/contracts/contacts/column-targets.ts';
import { columnFields } from '@tidings/contracts/contacts/contact-fields.ts';
import type { FaultParameters, ParametersByCode } from '@tidings/contracts/files/row-faults.ts';
import type { InvalidFields } from '@tidings/contracts/files/upload.ts';
import { CONTROL_CHARACTER, withUsualNewlines } from '@tidings/contracts/text.ts';
import type { ParsedRow } from '@tidings/csv/cutting/records.ts';
import { codePointName, isPlaceholder, textOf, withoutHiddenEdges } from './cell-text.ts';
import type { CountryLookup } from './country-directory.ts';
import { type EmailResult, readCommonEmail, readEmail } from './email.ts';
import { splitFullName } from './full-name.ts';
import { readInternationalPhone, readPhone, readPhoneList } from './phone.ts';

/** The attribute for the extension of a phone number, which E.164 cannot hold. */
const PHONE_EXTENSION = 'phone extension';

/** By target, the text of each column's cell; '' means no value. Of two columns for one field the later one counts. */
type Draft = Record<NamedTarget, string>;

/** Fields that are stored as they were written. */
const textFields = columnFields.flatMap((field) => (field.format === 'text' ? [field.name] : []));
const blankDraft = Object.fromEntries(namedTargets.map((name) => [name, ''])) as Draft;
/** A company may be called `None`; in all other fields a placeholder is no value. */
const TAKES_ANY_TEXT: NamedTarget = 'company';

interface Target {
  readonly index: number;
  readonly named: NamedTarget | null;
  /** The name of the attribute that holds the cell; null where a field holds it. */
  readonly attribute: string | null;
}

/** A further column of e-mail addresses, which is an attribute where an earlier one has the row's. */
interface FurtherEmail {
  readonly index: number;
  readonly attribute: string;
}

export interface RowFaults {
  readonly codes: readonly RowCode[];
  /** What only the cells tell: the further column whose e-mail address is wrong, and invisible characters. */
  readonly found?: ParametersByCode;
}

/** `warnings`: what is wrong with values that the row is imported without. */
export type CheckedRow = { readonly valid: ValidRow; readonly warnings: readonly RowCode[] } | RowFaults;

type MutableFields = { -readonly [Name in keyof ValidRow['fields']]: string };

export interface RowSetup {
  readonly header: readonly string[];
  readonly columns: readonly string[];
  readonly defaultCountry: string | null;
  readonly invalidFields?: InvalidFields;
  /** As `ChunkWork` has it. */
  readonly cutsBlankCells?: boolean;
  readonly countsSurplusCells?: boolean;
  readonly countries: CountryLookup;
}

export class RowValidator {
  readonly #width: number;
  readonly #countsSurplus: boolean;
  /** Cells that a row has, at least: those of columns without names, behind all others, may be missing. */
  readonly #leastCells: number;
  readonly #targets: readonly Target[];
  /** In the order of the file. */
  readonly #furtherEmails: readonly FurtherEmail[];
  /** By what a target fills, the name of its column as attributes have it. */
  readonly #names: ReadonlyMap<string, string>;
  readonly #defaultCountry: string | null;
  readonly #leavesOut: boolean;
  readonly #countries: CountryLookup;

  constructor({
    header,
    columns,
    defaultCountry,
    invalidFields,
    cutsBlankCells = false,
    countsSurplusCells = false,
    countries,
  }: RowSetup) {
    this.#width = columns.length;
    this.#countsSurplus = countsSurplusCells;
    this.#leastCells = cutsBlankCells ? 0 : header.findLastIndex((name) => name.trim() !== '') + 1;
    this.#targets = columns.flatMap((target, index) => readTarget(target, index, header[index] ?? ''));
    this.#furtherEmails = columns.flatMap((target, index) => {
      const column = readAttributeTarget(target);
      return column?.isFurtherEmail ? [{ index, attribute: column.name }] : [];
    });
    this.#names = new Map(
      columns.map((target, index) => [slotOf(target), attributeNameOf(header[index] ?? '')]),
    );
    this.#defaultCountry = defaultCountry;
    this.#leavesOut = invalidFields === 'leave-out';
    this.#countries = countries;
  }

  validate({ row, cells }: ParsedRow): CheckedRow {
    if (cells.length < this.#leastCells) return { codes: ['too_few_cells'] };
    if (cells.length > this.#width && this.#hasSurplus(cells)) return { codes: ['too_many_cells'] };
    const draft: Draft = { ...blankDraft };
    const attributes: Record<string, string> = {};
    let control: FaultParameters | null = null;
    for (const { index, named, attribute } of this.#targets) {
      let text = textOf(cells[index] ?? '');
      if (text === '') continue;
      // Of an address its own check tells it.
      if (named !== 'email' && CONTROL_CHARACTER.test(text)) {
        text = withUsualNewlines(text);
        const character = CONTROL_CHARACTER.exec(text)?.[0];
        if (character !== undefined) control ??= { column: index, character: codePointName(character) };
      }
      if (attribute !== null) setAttribute(attributes, attribute, text);
      if (named === null) continue;
      const value = withoutHiddenEdges(text);
      if (named === TAKES_ANY_TEXT || !isPlaceholder(value)) draft[named] = value;
    }
    const further =
      this.#furtherEmails.length > 0 && draft.email === ''
        ? this.#takeFurtherEmail(cells, draft, attributes)
        : null;
    return this.#finish(row, draft, attributes, further, control);
  }

  #hasSurplus(cells: readonly string[]): boolean {
    return this.#countsSurplus || cells.slice(this.#width).some((cell) => cell.trim() !== '');
  }

  /** The first further address that is there becomes the row's, and is no attribute. */
  #takeFurtherEmail(
    cells: readonly string[],
    draft: Draft,
    attributes: Record<string, string>,
  ): FurtherEmail | null {
    for (const further of this.#furtherEmails) {
      const value = withoutHiddenEdges(textOf(cells[further.index] ?? ''));
      if (value === '' || isPlaceholder(value)) continue;
      draft.email = value;
      delete attributes[further.attribute];
      return further;
    }
    return null;
  }

  #finish(
    row: number,
    draft: Draft,
    attributes: Record<string, string>,
    further: FurtherEmail | null,
    control: FaultParameters | null,
  ): CheckedRow {
    const codes: RowCode[] = [];
    const common = readCommonEmail(draft.email);
    const email = common === null && draft.email !== '' ? readEmail(draft.email) : null;
    const address = common ?? (email?.ok === true ? email.address : null);
    if (address === null) codes.push(email === null ? 'email_missing' : 'email_invalid');
    const fields: MutableFields = {};
    addNameParts(draft);
    for (const field of textFields) if (draft[field] !== '') fields[field] = draft[field];
    if (draft.country !== '') this.#readCountry(draft.country, fields, codes);
    if (draft.phone !== '' || draft['phone.international'] !== '')
      this.#readPhone(draft, fields, attributes, codes);
    if (control !== null) codes.push('control_character');
    const isRejected = address === null || control !== null || (codes.length > 0 && !this.#leavesOut);
    if (isRejected) return faultsOf(codes, email, further, control);
    if (codes.length > 0) this.#keepLeftOut(codes, draft, attributes);
    if (email?.ok === true && email.others.length > 0)
      keepOthers(further?.attribute ?? this.#nameOf('email'), email.others, attributes);
    const spelling = email?.ok === true ? email.spelling : draft.email;
    const valid = { row, email: address, fields, attributes };
    return { valid: spelling === address ? valid : { ...valid, spelling }, warnings: codes };
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
    const international = draft['phone.international'];
    const phone =
      draft.phone === '' ? readInternationalPhone(international, country) : readPhone(draft.phone, country);
    if (phone.ok) {
      fields.phone = phone.number;
      if (phone.extension !== null) attributes[PHONE_EXTENSION] ??= phone.extension;
      return;
    }
    const [first, ...others] = readPhoneList(draft.phone || international, country) ?? [];
    if (first === undefined) codes.push(phone.code);
    else {
      fields.phone = first;
      keepOthers(this.#nameOf('phone'), others, attributes);
    }
  }

  /** A value that the row is imported without stands under the name of its column. */
  #keepLeftOut(codes: readonly RowCode[], draft: Draft, attributes: Record<string, string>): void {
    for (const code of codes) {
      const slot = code === 'country_unknown' ? 'country' : 'phone';
      const value = draft[slot] || draft['phone.international'];
      const name = this.#nameOf(slot);
      if (Object.hasOwn(attributes, name)) keepOthers(name, [value], attributes);
      else setAttribute(attributes, name, value);
    }
  }

  #nameOf(slot: string): string {
    return this.#names.get(slot) || slot;
  }
}

/** Further values of a cell stand under the name of its column with a number. */
function keepOthers(name: string, values: readonly string[], attributes: Record<string, string>): void {
  let number = 2;
  for (const value of values) {
    while (Object.hasOwn(attributes, `${name} ${number}`)) number++;
    attributes[`${name} ${number}`] = value;
  }
}

function faultsOf(
  codes: readonly RowCode[],
  email: EmailResult | null,
  further: FurtherEmail | null,
  control: FaultParameters | null,
): RowFaults {
  const found: { -readonly [Code in keyof ParametersByCode]: ParametersByCode[Code] } = {};
  if (email?.ok === false)
    found.email_invalid = {
      ...(further === null ? {} : { column: further.index }),
      ...(email.character === undefined ? {} : { character: email.character }),
    };
  if (control !== null) found.control_character = control;
  return { codes, found };
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
  const column = readAttributeTarget(target);
  if (column !== null) return [{ index, named: null, attribute: column.name }];
  const named = namedTargets.find((known) => known === target);
  if (named === undefined) return [];
  const attribute = slotOf(named) === 'fullName' ? attributeNameOf(name) : null;
  return [{ index, named, attribute: attribute === '' ? null : attribute }];
}
