/** The values of a contact, with their names in JSON and in SQL. */
import type { Contact } from '@tidings/contracts/contacts/contact.ts';
import {
  blankFields,
  type EditableField,
  editableFields,
} from '@tidings/contracts/contacts/contact-fields.ts';

/** The fields of an image, in the order of the contracts' table. */
export const imageFields: readonly EditableField[] = editableFields.map(({ name }) => name);
/** Their columns, in the same order. */
export const imageColumns: readonly string[] = editableFields.map(({ column }) => column);

/** Every value of a contact that may change. */
export type ContactImage = Record<EditableField, string> & { attributes: Readonly<Record<string, string>> };

export interface StoredContact extends Omit<Contact, 'writtenEmail' | 'changedAt' | 'changedByImport'> {
  /** The address as the row has written it that the contact shows; null: as the key is. */
  spelling: string | null;
  createdByImport: string | null;
  createdByRow: number | null;
  /** null for the import's first upload. */
  createdByAttempt: number | null;
  /** The import that wrote the contact last; null where that was somebody else, or a creation that is still its import's. */
  lastImport: string | null;
}

/** The import whose write the contact shows; null where somebody else has written it last. */
export function lastWriterOf({
  version,
  createdByImport,
  lastImport,
}: Pick<StoredContact, 'version' | 'createdByImport' | 'lastImport'>): string | null {
  return lastImport ?? (version === 1 ? createdByImport : null);
}

const namedColumns = editableFields.map(({ column, name }) => `${column} AS "${name}"`).join(', ');

/** SQL: the address as it was written. */
export const writtenEmail = 'coalesce(email_spelling, email)';

/** SQL: a time with all its digits, for the places of an order. */
export function changedAtExact(column: string): string {
  return `to_char(coalesce(${column}, 'epoch') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** SQL: a time as JSON writes it. */
export function changedAtText(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** For a SELECT that yields a `Contact`. */
export const contactColumns = `id, email, ${writtenEmail} AS "writtenEmail", ${namedColumns}, attributes, version,
  ${changedAtText('changed_at')} AS "changedAt",
  coalesce(last_import, CASE WHEN version = 1 THEN created_by_import END) AS "changedByImport"`;

/** For a SELECT that yields a `StoredContact`. */
export const storedContactColumns = `id, email, email_spelling AS spelling, ${namedColumns}, attributes, version,
  created_by_import AS "createdByImport",
  created_by_row AS "createdByRow", created_by_attempt AS "createdByAttempt",
  last_import AS "lastImport"`;

/** The value of an attribute, or null. Reads own properties alone, whatever the name. */
export function attributeOf(image: ContactImage, name: string): string | null {
  return Object.hasOwn(image.attributes, name) ? (image.attributes[name] ?? null) : null;
}

export function imageOf(contact: ContactImage): ContactImage {
  return imageWith(contact, contact.attributes);
}

/** @param fields missing ones are blank in the image */
export function imageWith(
  fields: Readonly<Partial<Record<EditableField, string>>>,
  attributes: ContactImage['attributes'],
): ContactImage {
  const image = { ...blankFields, attributes };
  for (const field of imageFields) image[field] = fields[field] ?? '';
  return image;
}

export function emptyImage(): ContactImage {
  return { ...blankFields, attributes: {} };
}
