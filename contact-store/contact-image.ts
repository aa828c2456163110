/** The values of a contact, and how they are named and kept. */
import type { Contact, ContactField } from '../contracts/contact.ts';

export type ImageField = Exclude<ContactField, 'email'>;

export const imageFields = [
  'firstName',
  'lastName',
  'phone',
  'company',
  'country',
  'timeZone',
] as const satisfies readonly ImageField[];

/** All of a contact that may change; as before-image what an undo puts back. */
export type ContactImage = Record<ImageField, string> & { attributes: Readonly<Record<string, string>> };

export interface StoredContact extends Contact {
  createdByImport: string | null;
  createdByRow: number | null;
}

/** For a SELECT that yields a `Contact`. */
export const contactColumns = `id, email, first_name AS "firstName", last_name AS "lastName", phone, company, country,
  time_zone AS "timeZone", attributes, version`;

/** For a SELECT that yields a `StoredContact`. */
export const storedContactColumns = `${contactColumns}, created_by_import AS "createdByImport",
  created_by_row AS "createdByRow"`;

/** Does not touch the prototype, whatever the attribute is called. */
export function attributeOf(image: ContactImage, name: string): string | undefined {
  return Object.hasOwn(image.attributes, name) ? image.attributes[name] : undefined;
}

export function imageOf(contact: ContactImage): ContactImage {
  const { firstName, lastName, phone, company, country, timeZone, attributes } = contact;
  return { firstName, lastName, phone, company, country, timeZone, attributes };
}

export function emptyImage(): ContactImage {
  return {
    firstName: '',
    lastName: '',
    phone: '',
    company: '',
    country: '',
    timeZone: '',
    attributes: {},
  };
}

export function imagesEqual(one: ContactImage, other: ContactImage): boolean {
  if (imageFields.some((field) => one[field] !== other[field])) return false;
  if (one.attributes === other.attributes) return true;
  const names = Object.keys(one.attributes);
  if (names.length !== Object.keys(other.attributes).length) return false;
  return names.every((name) => attributeOf(one, name) === attributeOf(other, name));
}
