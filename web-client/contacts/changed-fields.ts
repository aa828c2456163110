import type { Contact, ContactPatch } from '@tidings/contracts/contacts/contact.ts';
import { type EditableField, editableFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { inputText } from '../shell/browser/input-text.ts';

/** The fields of the form that differ from the contact, as a person has written them: the server reads them as an import does. Empty where nothing was changed. */
export function changedFields(contact: Contact, form: Pick<FormData, 'get'>): ContactPatch {
  const patch: ContactPatch = {};
  for (const { name } of editableFields) {
    const value = form.get(name);
    if (typeof value !== 'string') continue;
    const written = value.trim();
    if (written !== storedText(contact, name)) patch[name] = written;
  }
  return patch;
}

/** What a field of the form holds where nobody has changed it. */
function storedText(contact: Contact, name: EditableField): string {
  return inputText(contact[name]).trim();
}

/** The changes of a person that are not what is stored now: those that somebody else has made alike are none. */
export function differingFields(changes: ContactPatch, now: Contact): ContactPatch {
  const differing: ContactPatch = {};
  for (const { name } of editableFields) {
    const written = changes[name];
    if (written !== undefined && written !== storedText(now, name)) differing[name] = written;
  }
  return differing;
}
