/**
 * The bucket rule for one contact, without a database: what the rows of a chunk make of the contact, given its present values and what
 * this import has done to it before.
 *
 * The rule keeps the highest row that set each field, also where that row changed nothing: a lower row that comes
 * later must not win.
 *
 * What the import has created is its own: every rule for duplicates lets its rows set all of it, and the address is shown as the highest of
 * them has written it. No other import changes how it is shown. Of any other contact a rule may leave
 * fields as they were before the import; a row that may set none of its fields leaves the contact `unchanged`.
 */
import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import type { EditableField } from '@tidings/contracts/contacts/contact-fields.ts';
import type { DuplicateRule } from '@tidings/contracts/owners/settings.ts';
import type { ValidRow } from '../chunk-to-apply.ts';
import {
  attributeOf,
  type ContactImage,
  emptyImage,
  imageFields,
  imageOf,
  imageWith,
  lastWriterOf,
  type StoredContact,
} from '../contact-image.ts';

export type ContactBucket = 'created' | 'updated' | 'unchanged';

/** By field (`firstName`, `attributes.notes`) the highest row of the import that set it. */
export type FieldRows = Readonly<Record<string, number>>;

/**
 * Values to compare with and to go back to, of the fields that the import has changed. All other fields are as the contact has them, as
 * long as nobody else has written it. null: there was no such attribute.
 */
export type BeforeImage = Readonly<Record<string, string | null>>;

/** What one import has done to one contact so far. */
export interface Change {
  readonly bucket: ContactBucket;
  /** The before-image; null unless the bucket is `updated`: there was no contact, or nothing differs. */
  readonly before: BeforeImage | null;
  /** The contact's version after the import's last write: a higher one now means that someone else has written the contact. */
  readonly versionAfter: number;
  readonly highestRow: number;
  readonly fieldRows: FieldRows;
  /** The upload of the import, from 0, whose rows are counted. */
  readonly attempt: number;
  /** The import that had written the contact before this one did; null where that was somebody else, or nobody. */
  readonly previous: PreviousWrite | null;
}

export interface PreviousWrite {
  readonly importId: string;
  /** The contact's version after that write. */
  readonly version: number;
}

/** The valid rows of a chunk for one contact; at least one. */
export interface ContactRows {
  readonly email: string;
  readonly rows: readonly ValidRow[];
}

export interface Creation {
  readonly image: ContactImage;
  /** As in `StoredContact`. */
  readonly spelling: string | null;
  readonly highestRow: number;
  /** null for a creation by a single row: the contact itself shows everything. */
  readonly change: Change | null;
}

export interface ContactUpdate {
  readonly image: ContactImage;
  readonly spelling: string | null;
  /** The image or the spelling differs from the contact's: it must be written, with a new version. */
  readonly written: boolean;
  readonly change: Change;
  /** The change differs from the known one: it must be kept. */
  readonly changeDiffers: boolean;
}

/** Groups valid rows by contact, ordered by e-mail address, so that all transactions take contacts in one order. */
export function groupByContact(valid: readonly ValidRow[]): ContactRows[] {
  const groups = new Map<string, ValidRow[]>();
  for (const row of valid) {
    const group = groups.get(row.email);
    if (group === undefined) groups.set(row.email, [row]);
    else group.push(row);
  }
  const sorted = [...groups].map(([email, rows]) => ({ email, rows }));
  return sorted.sort((one, other) => (one.email < other.email ? -1 : 1));
}

interface RowValue {
  readonly value: string;
  readonly row: number;
}

type VisitValue = (name: string, value: string, row: number) => void;

/** Visits every value that a row sets. */
function visitValues({ row, fields, attributes }: ValidRow, visit: VisitValue): void {
  for (const field of imageFields) {
    const value = fields[field];
    if (value !== undefined && value !== '') visit(field, value, row);
  }
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value !== undefined && value !== '') visit(ATTRIBUTE_PREFIX + name, value, row);
  }
}

/** Visits for each field the value of the highest row that sets it. */
function visitHighestValues(rows: readonly ValidRow[], visit: VisitValue): void {
  const [only, second] = rows;
  // Most groups have one row; gathering as below would be most of the work.
  if (only !== undefined && second === undefined) {
    visitValues(only, visit);
    return;
  }
  const highest = new Map<string, RowValue>();
  for (const each of rows) {
    visitValues(each, (name, value, row) => {
      const found = highest.get(name);
      if (found === undefined || found.row < row) highest.set(name, { value, row });
    });
  }
  for (const [name, { value, row }] of highest) visit(name, value, row);
}

function highestRowOf(rows: readonly ValidRow[]): number {
  return rows.reduce((highest, { row }) => Math.max(highest, row), 0);
}

/** How the highest row has written the address; null: as the key is. */
function spellingOf(rows: readonly ValidRow[]): string | null {
  const highest = highestRowOf(rows);
  return rows.find(({ row }) => row === highest)?.spelling ?? null;
}

/** undefined for an attribute. */
function imageFieldOf(name: string): EditableField | undefined {
  return imageFields.find((field) => field === name);
}

type NewValue = readonly [name: string, value: string];

/** The image with new values for some fields; `attributes` stays the same object where none of them is set. */
function withValues(image: ContactImage, values: readonly NewValue[]): ContactImage {
  const changed = imageOf(image);
  const attributes: [string, string][] = [];
  for (const [name, value] of values) {
    const field = imageFieldOf(name);
    if (field === undefined) attributes.push([name.slice(ATTRIBUTE_PREFIX.length), value]);
    else changed[field] = value;
  }
  if (attributes.length > 0) {
    changed.attributes = Object.fromEntries([...Object.entries(image.attributes), ...attributes]);
  }
  return changed;
}

/** What rows make of a contact that does not exist yet. */
export function create({ rows }: ContactRows, attempt: number): Creation {
  const [only, second] = rows;
  const highestRow = highestRowOf(rows);
  if (only !== undefined && second === undefined) {
    const image = imageWith(only.fields, withoutBlanks(only.attributes));
    return { image, spelling: only.spelling ?? null, highestRow, change: null };
  }
  const values: NewValue[] = [];
  const fieldRows: Record<string, number> = {};
  visitHighestValues(rows, (name, value, row) => {
    values.push([name, value]);
    fieldRows[name] = row;
  });
  const image = withValues(emptyImage(), values);
  return {
    image,
    spelling: spellingOf(rows),
    highestRow,
    change: {
      bucket: 'created',
      before: null,
      versionAfter: 1,
      highestRow,
      fieldRows,
      attempt,
      previous: null,
    },
  };
}

function withoutBlanks(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!Object.values(attributes).includes('')) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ''));
}

/** The change that a contact of version 1 implies: its creation by a single row. */
export function changeOfCreation(contact: StoredContact): Change {
  const highestRow = contact.createdByRow ?? 0;
  const fieldRows: Record<string, number> = {};
  for (const field of imageFields) if (contact[field] !== '') fieldRows[field] = highestRow;
  for (const name of Object.keys(contact.attributes)) fieldRows[ATTRIBUTE_PREFIX + name] = highestRow;
  const attempt = contact.createdByAttempt ?? 0;
  return { bucket: 'created', before: null, versionAfter: 1, highestRow, fieldRows, attempt, previous: null };
}

function valueOfField(image: ContactImage, name: string): string | null {
  if (name.startsWith(ATTRIBUTE_PREFIX)) return attributeOf(image, name.slice(ATTRIBUTE_PREFIX.length));
  const field = imageFieldOf(name);
  return field === undefined ? null : image[field];
}

function bucketOf(known: Change | null, ours: boolean, before: BeforeImage): ContactBucket {
  if (ours && known?.bucket === 'created') return 'created';
  return Object.keys(before).length === 0 ? 'unchanged' : 'updated';
}

/** Whose write the import's next one hides. */
function previousWrite(importId: string, current: StoredContact, known: Change | null): PreviousWrite | null {
  const writer = lastWriterOf(current);
  if (writer === importId) return known?.previous ?? null;
  return writer === null ? null : { importId: writer, version: current.version };
}

export interface ApplyingImport {
  readonly importId: string;
  readonly attempt: number;
  readonly duplicates: DuplicateRule;
}

/** Fields whose value is derived from another one: filled alone, they would contradict it. */
const derivedFrom: Readonly<Record<string, string>> = { timeZone: 'country' };

/** Whether a row may set the field. @param valueBefore what the field held before the import */
function maySet(
  name: string,
  duplicates: DuplicateRule,
  valueBefore: (name: string) => string | null,
): boolean {
  if (duplicates !== 'fill-blanks') return duplicates === 'update';
  const source = derivedFrom[name];
  return isBlank(valueBefore(name)) && (source === undefined || isBlank(valueBefore(source)));
}

function isBlank(value: string | null): boolean {
  return value === null || value === '';
}

/**
 * What rows make of a contact that exists.
 * @param known what this import has done to it before; null if nothing. Rows of an earlier upload count no more: those of
 *   this one win over them, whatever their numbers
 */
export function apply(
  current: StoredContact,
  known: Change | null,
  { rows }: ContactRows,
  { importId, attempt, duplicates }: ApplyingImport,
): ContactUpdate {
  /** Whether the contact is as this import left it. If not, its present values are the new ones to compare with. */
  const ours = known?.versionAfter === current.version;
  const before: Record<string, string | null> = ours ? { ...known?.before } : {};
  const counted = known?.attempt === attempt ? known : null;
  const fieldRows: Record<string, number> = { ...counted?.fieldRows };
  const values: NewValue[] = [];
  const isOwn = ours && known?.bucket === 'created';
  const valueBefore = (name: string) =>
    Object.hasOwn(before, name) ? (before[name] ?? null) : valueOfField(current, name);
  let raisesRow = false;
  visitHighestValues(rows, (name, value, row) => {
    if (row <= (fieldRows[name] ?? -1)) return;
    if (!isOwn && !maySet(name, duplicates, valueBefore)) return;
    fieldRows[name] = row;
    raisesRow = true;
    const present = valueOfField(current, name);
    if (present === value) return;
    values.push([name, value]);
    if (!Object.hasOwn(before, name)) before[name] = present;
    else if (before[name] === value) delete before[name];
  });
  const highestRow = highestRowOf(rows);
  const isHighest = counted === null || highestRow > counted.highestRow;
  const spelling = isOwn && isHighest ? spellingOf(rows) : current.spelling;
  const written = values.length > 0 || spelling !== current.spelling;
  const bucket = bucketOf(known, ours, before);
  const change: Change = {
    bucket,
    before: bucket === 'updated' ? before : null,
    versionAfter: written ? current.version + 1 : current.version,
    highestRow: Math.max(counted?.highestRow ?? 0, highestRow),
    fieldRows,
    attempt,
    previous: written ? previousWrite(importId, current, known) : ours ? (known?.previous ?? null) : null,
  };
  const changeDiffers = raisesRow || !ours || change.highestRow !== counted?.highestRow;
  const image = written ? withValues(current, values) : current;
  return { image, spelling, written, change, changeDiffers };
}
