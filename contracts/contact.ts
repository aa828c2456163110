/** Contacts, as stored and as shown. */
import { z } from 'zod';

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

/** Text that a database takes: no NUL, no half of a surrogate pair; trimmed. */
function storable(length: number) {
  return z
    .string()
    .trim()
    .max(length)
    .regex(/^[^\0]*$/, { error: 'must not hold NUL' })
    .regex(/^\P{Surrogate}*$/u, { error: 'must be well-formed Unicode' });
}

/**
 * What `PATCH /contacts/{id}` may change, in stored form; '' empties a field. An attribute set to null is removed; the
 * e-mail address is the key and stays.
 */
export const contactPatchSchema = z.strictObject({
  firstName: storable(1_000).optional(),
  lastName: storable(1_000).optional(),
  phone: z
    .string()
    .regex(/^(\+[1-9]\d{5,14})?$/, { error: 'must be E.164, such as +4915112345678, or empty' })
    .optional(),
  company: storable(1_000).optional(),
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
  attributes: z.record(storable(200).toLowerCase().min(1), storable(10_000).nullable()).optional(),
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
