import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import { type ContactFieldFormat, editableFields } from '@tidings/contracts/contact-fields.ts';

/** The fields of the form that differ from the contact, as they are stored. Empty where nothing was changed. */
export function changedFields(contact: Contact, form: Pick<FormData, 'get'>): ContactPatch {
  const patch: ContactPatch = {};
  for (const { name, format } of editableFields) {
    const value = form.get(name);
    if (typeof value !== 'string') continue;
    const stored = asStored(value.trim(), format);
    if (stored !== contact[name]) patch[name] = stored;
  }
  return patch;
}

/** Without what people write for the eye alone. The server checks what is left. */
function asStored(value: string, format: ContactFieldFormat): string {
  if (format === 'phone') return value.replaceAll(/[\s\-/.]/g, '');
  return format === 'country' ? value.toUpperCase() : value;
}
