/** Contacts, as stored and as shown. */
import { z } from 'zod';
import { textSchema } from './text.ts';

/** The fields that a column may be mapped to, besides `attributes.<name>`. */
export const contactFields = [
  'email',
  'firstName',
  'lastName',
  'phone',
  'company',
  'country',
  'timeZone',
] as const;
export type ContactField = (typeof contactFields)[number];

export const ATTRIBUTE_PREFIX = 'attributes.';

/** Characters of an attribute's name, at most. */
export const MAX_ATTRIBUTE_NAME = 1_000;
/** Attributes of a contact, at most. */
export const MAX_CONTACT_ATTRIBUTES = 1_000;
/** Bytes of a contact's address, fields and attributes as JSON, at most. */
export const MAX_CONTACT_BYTES = 256 * 1024;

export const contactSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  /** E.164, or ''. */
  phone: z.string(),
  company: z.string(),
  /** ISO 3166-1 alpha-2, or ''. */
  country: z.string(),
  /** IANA time zone, from the country; or ''. */
  timeZone: z.string(),
  attributes: z.record(z.string(), z.string()),
  version: z.int().min(1),
});
export type Contact = z.infer<typeof contactSchema>;

const storedText = (length: number) => textSchema(length).trim();

/**
 * What `PATCH /contacts/{id}` may change, in stored form; '' empties a field. An attribute set to null is removed; the
 * e-mail address is the key and stays.
 */
export const contactPatchSchema = z.strictObject({
  firstName: storedText(1_000).optional(),
  lastName: storedText(1_000).optional(),
  phone: z
    .string()
    .regex(/^(\+[1-9]\d{5,14})?$/, { error: 'must be E.164, such as +4915112345678, or empty' })
    .optional(),
  company: storedText(1_000).optional(),
  country: z
    .string()
    .regex(/^([A-Z]{2})?$/, { error: 'must be a two-letter code of ISO 3166-1, such as DE, or empty' })
    .optional(),
  timeZone: z
    .string()
    .refine((name) => name === '' || isTimeZone(name), {
      error: 'must be an IANA time zone, such as Europe/Berlin',
    })
    .optional(),
  attributes: z
    .record(storedText(MAX_ATTRIBUTE_NAME).toLowerCase().min(1), storedText(10_000).nullable())
    .optional(),
});
export type ContactPatch = z.infer<typeof contactPatchSchema>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
