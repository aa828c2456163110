/** Contacts, as stored and as shown. */
import type { ContactField, EditableField } from './contact-fields.ts';

export const ATTRIBUTE_PREFIX = 'attributes.';

/** Characters of an attribute's name, at most. */
export const MAX_ATTRIBUTE_NAME = 1_000;
/** Attributes of a contact, at most. */
export const MAX_CONTACT_ATTRIBUTES = 1_000;
/** Bytes of a contact's address, fields and attributes as JSON, at most. */
export const MAX_CONTACT_BYTES = 256 * 1024;

/** The fields are those of `contact-fields.ts`. */
export interface Contact extends Record<ContactField, string> {
  id: string;
  /** The address as a file has written it. `email` is the form in which all spellings of it are one: the contact's key for its owner. */
  writtenEmail: string;
  attributes: Record<string, string>;
  /** From 1; every write raises it. */
  version: number;
  /** When it was written last, as ISO 8601 in UTC; null where an earlier release has written it. */
  changedAt: string | null;
  /** The import that has written it last; null where that was a person. */
  changedByImport: string | null;
}

/** The orders in which contacts are listed; with `-`, backwards. `name`: of the whole name, without regard to case and accents. */
export const contactOrders = ['email', '-email', 'name', '-name', 'changed', '-changed'] as const;
export type ContactOrder = (typeof contactOrders)[number];

/**
 * What `PATCH /contacts/{id}` may change; '' empties a field. Phone number and country as people write them, in a patch that is asked for, and in
 * stored form in one that is stored. An attribute set to null is removed; the
 * e-mail address is the key and stays.
 */
export interface ContactPatch extends Partial<Record<EditableField, string>> {
  attributes?: Record<string, string | null>;
}
