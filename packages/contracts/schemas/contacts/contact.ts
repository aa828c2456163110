import { z } from 'zod';
import {
  type Contact,
  type ContactPatch,
  MAX_ATTRIBUTE_NAME,
  MAX_CONTACT_ATTRIBUTES,
} from '../../contacts/contact.ts';
import {
  type ContactField,
  type ContactFieldFormat,
  contactFields,
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

const fieldShape = Object.fromEntries(contactFields.map(({ name }) => [name, z.string()])) as Record<
  ContactField,
  z.ZodString
>;

export const contactSchema = schemaOf<Contact>()(
  z.object({
    ...fieldShape,
    id: z.uuid(),
    email: z
      .string()
      .describe('The form in which all spellings of the address are one: the key of the contact.'),
    writtenEmail: z.string().describe('The address as a file has written it, to be shown.'),
    attributes: z
      .record(z.string(), z.string())
      .describe(`At most ${MAX_CONTACT_ATTRIBUTES.toLocaleString('en')}.`),
    version: z.int().min(1),
    changedAt: z.iso.datetime().nullable(),
    changedByImport: z.uuid().nullable(),
  }),
);
