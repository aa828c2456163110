import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import { editableFields } from '@tidings/contracts/contacts/contact-fields.ts';

/** The fields of the form that differ from the contact, as a person has written them: the server reads them as an import does. Empty where nothing was changed. */
export function changedFields(contact: Contact, form: Pick<FormData, 'get'>): ContactPatch {
  const patch: ContactPatch = {};
  for (const { name } of editableFields) {
    const value = form.get(name);
    if (typeof value !== 'string') continue;
    const written = value.trim();
    if (written !== contact[name]) patch[name] = written;
  }
  return patch;
}

/** The changes of a person that are not what is stored now: those that somebody else has made alike are none. */
export function differingFields(changes: ContactPatch, now: Contact): ContactPatch {
  const differing: ContactPatch = {};
  for (const { name } of editableFields) {
    const written = changes[name];
    if (written !== undefined && written !== now[name]) differing[name] = written;
  }
  return differing;
}
