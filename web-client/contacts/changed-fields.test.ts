import { editableFields } from '@tidings/contracts/contacts/contact-fields.ts';
import { describe, expect, it } from 'vitest';
import { contact } from '../test/sample-states.ts';
import { changedFields, differingFields } from './changed-fields.ts';

function formOf(values: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const { name } of editableFields) form.append(name, values[name] ?? contact(1)[name]);
  return form;
}

describe('the fields that a person has changed', () => {
  it('are none in a form as it was opened, blanks around a value aside', () => {
    expect(changedFields(contact(1), formOf({}))).toEqual({});
    expect(changedFields(contact(1), formOf({ firstName: ` ${contact(1).firstName} ` }))).toEqual({});
  });

  // A browser drops newlines in a field, so that opening a contact was a change, which made one word of two when it was saved.
  it('are none where a value has several lines, which no field of a form holds', () => {
    const stored = contact(1, { company: 'Nordwind\r\nShipping\n' });
    expect(changedFields(stored, formOf({ company: 'Nordwind Shipping' }))).toEqual({});
    expect(differingFields({ company: 'Nordwind Shipping' }, stored)).toEqual({});
  });

  it.each(editableFields.map(({ name }) => name))('are sent without the others: %s', (name) => {
    expect(changedFields(contact(1), formOf({ [name]: ' CHANGED ' }))).toEqual({ [name]: 'CHANGED' });
  });

  it('are sent as they are written: the server reads them as an import does', () => {
    const written = { phone: '0151 / 123.456-78', country: 'Germany' };
    expect(changedFields(contact(1), formOf(written))).toEqual(written);
  });

  it('differ from what somebody else has stored meanwhile where that is not the same', () => {
    const now = { ...contact(1), company: 'Nordwind', phone: '+4915112345678' };
    const mine = { company: 'Westwind', phone: '+4915112345678', firstName: '' };
    expect(differingFields(mine, now)).toEqual({ company: 'Westwind', firstName: '' });
    expect(differingFields({}, now)).toEqual({});
  });

  it('may be emptied', () => {
    expect(changedFields(contact(1), formOf({ company: '' }))).toEqual({ company: '' });
  });
});
