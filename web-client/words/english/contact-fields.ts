/** How the fields of a contact are called. */
import { type ContactField, contactFields } from '@tidings/contracts/contacts/contact-fields.ts';

/** The table of fields has the English labels. */
export const contactFieldLabels = Object.fromEntries(
  contactFields.map(({ name, label }) => [name, label]),
) as Readonly<Record<ContactField, string>>;
