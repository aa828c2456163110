import { editableFields } from '@tidings/contracts/contact-fields.ts';
import { describe, expect, it } from 'vitest';
import { contact } from '../test/sample-states.ts';
import { changedFields } from './changed-fields.ts';

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

  it.each(editableFields.map(({ name }) => name))('are sent without the others: %s', (name) => {
    expect(changedFields(contact(1), formOf({ [name]: ' CHANGED ' }))).toEqual({ [name]: 'CHANGED' });
  });

  it('are compared and sent without what people write for the eye', () => {
    const { phone, country } = contact(1);
    const written = `${phone.slice(0, 3)} ${phone.slice(3, 6)}-${phone.slice(6)}`;
    expect(changedFields(contact(1), formOf({ phone: written, country: country.toLowerCase() }))).toEqual({});
    expect(changedFields(contact(1), formOf({ phone: '+49 151 / 123.456-78', country: ' fr' }))).toEqual({
      phone: '+4915112345678',
      country: 'FR',
    });
  });

  it('keep brackets, which may hold a digit that does not belong to the number', () => {
    expect(changedFields(contact(1), formOf({ phone: '+49 (0) 151 12' }))).toEqual({ phone: '+49(0)15112' });
  });

  it('may be emptied', () => {
    expect(changedFields(contact(1), formOf({ company: '' }))).toEqual({ company: '' });
  });
});
