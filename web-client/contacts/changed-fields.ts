import type { Contact, ContactPatch } from '@tidings/contracts/contact.ts';
import { editableFields } from '@tidings/contracts/contact-fields.ts';

/** The fields of the form that differ from the contact, without blanks around them. Empty where nothing was changed. */
export function changedFields(contact: Contact, form: Pick<FormData, 'get'>): ContactPatch {
  const patch: ContactPatch = {};
  for (const { name } of editableFields) {
    const value = form.get(name);
    if (typeof value === 'string' && value.trim() !== contact[name]) patch[name] = value.trim();
  }
  return patch;
}
