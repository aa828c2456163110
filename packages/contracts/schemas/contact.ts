import { z } from 'zod';
import { type ContactPatch, MAX_ATTRIBUTE_NAME } from '../contact.ts';
import { type ContactFieldFormat, type EditableField, editableFields } from '../contact-fields.ts';
import { schemaOf } from './schema-of.ts';
import { textSchema } from './text.ts';

const storedText = (length: number) => textSchema(length).trim();

/** How each format may be sent in a patch. */
const formatSchemas: Record<Exclude<ContactFieldFormat, 'email'>, z.ZodType<string, string>> = {
  text: storedText(1_000),
  phone: z
    .string()
    .regex(/^(\+[1-9]\d{5,14})?$/, { error: 'must be E.164, such as +4915112345678, or empty' }),
  country: z
    .string()
    .regex(/^([A-Z]{2})?$/, { error: 'must be a two-letter code of ISO 3166-1, such as DE, or empty' }),
  timeZone: z.string().refine((name) => name === '' || isTimeZone(name), {
    error: 'must be an IANA time zone, such as Europe/Berlin',
  }),
};

const fieldSchemas = Object.fromEntries(
  editableFields.map(({ name, format }) => [name, formatSchemas[format].optional()]),
) as Record<EditableField, z.ZodOptional<z.ZodType<string, string>>>;

export const contactPatchSchema = schemaOf<ContactPatch>()(
  z.strictObject({
    ...fieldSchemas,
    attributes: z
      .record(storedText(MAX_ATTRIBUTE_NAME).toLowerCase().min(1), storedText(10_000).nullable())
      .optional(),
  }),
);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
