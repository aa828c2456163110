/** The values of a contact, and how they are named and kept. */
import type { Contact, ContactField } from '@tidings/contracts/contact.ts';

export type ImageField = Exclude<ContactField, 'email'>;

export const imageFields = [
  'firstName',
  'lastName',
  'phone',
  'company',
  'country',
  'timeZone',
] as const satisfies readonly ImageField[];

/** All of a contact that may change. */
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

/** null where there is no such attribute; does not touch the prototype, whatever it is called. */
export function attributeOf(image: ContactImage, name: string): string | null {
  return Object.hasOwn(image.attributes, name) ? (image.attributes[name] ?? null) : null;
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
