import { z } from 'zod';
import { type ContactPatch, MAX_ATTRIBUTE_NAME } from '../../contacts/contact.ts';
import {
  type ContactFieldFormat,
  type EditableField,
  editableFields,
} from '../../contacts/contact-fields.ts';
import { namedValues } from '../values/named-values.ts';
import { schemaOf } from '../values/schema-of.ts';
import { storedTextSchema } from '../values/text.ts';

/** How each format may be sent in a patch. */
const formatSchemas: Record<Exclude<ContactFieldFormat, 'email'>, z.ZodType<string, string>> = {
  text: storedTextSchema(1_000),
  // Both are read as an import reads them: see contact-values.ts of the jobs service.
  phone: storedTextSchema(200),
  country: storedTextSchema(200),
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
    attributes: namedValues(
      storedTextSchema(MAX_ATTRIBUTE_NAME).toLowerCase().min(1),
      storedTextSchema(10_000).nullable(),
    ).optional(),
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
