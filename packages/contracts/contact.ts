/** Contacts, as stored and as shown. */

export const ATTRIBUTE_PREFIX = 'attributes.';

/** Characters of an attribute's name, at most. */
export const MAX_ATTRIBUTE_NAME = 1_000;
/** Attributes of a contact, at most. */
export const MAX_CONTACT_ATTRIBUTES = 1_000;
/** Bytes of a contact's address, fields and attributes as JSON, at most. */
export const MAX_CONTACT_BYTES = 256 * 1024;

export interface Contact {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  /** E.164, or ''. */
  phone: string;
  company: string;
  /** ISO 3166-1 alpha-2, or ''. */
  country: string;
  /** IANA time zone, from the country; or ''. */
  timeZone: string;
  attributes: Record<string, string>;
  /** From 1; every write raises it. */
  version: number;
}

/**
 * What `PATCH /contacts/{id}` may change, in stored form; '' empties a field. An attribute set to null is removed; the
 * e-mail address is the key and stays.
 */
export interface ContactPatch extends Partial<Omit<Contact, 'id' | 'email' | 'attributes' | 'version'>> {
  attributes?: Record<string, string | null>;
}
