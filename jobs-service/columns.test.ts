import { describe, expect, test } from 'vitest';
import { isRejectedExport } from '../csv/rejected-export.ts';
import { planColumns } from './columns.ts';

describe('columns', () => {
  test('are found by their usual names, in any case and spelling; the others become attributes', () => {
    const header = [
      'E-Mail',
      'First Name',
      'SURNAME',
      'phone_number',
      'Société',
      'Land',
      ' Favourite Colour ',
      '',
    ];
    expect(planColumns(header)).toEqual([
      'email',
      'firstName',
      'lastName',
      'phone',
      'company',
      'country',
      'attributes.favourite colour',
      '',
    ]);
  });

  test('follow an explicit mapping first', () => {
    const mapping = { Kontakt: 'email', Email: 'attributes.Old Address', Notes: '' };
    expect(planColumns(['Kontakt', 'Email', 'Notes'], mapping)).toEqual([
      'email',
      'attributes.old address',
      '',
    ]);
    expect(() => planColumns(['email'], { email: 'shoeSize' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', place: { field: 'mapping' } }),
    );
  });

  test('without e-mail addresses are refused, naming what was seen', () => {
    expect(() => planColumns(['name', 'phone'])).toThrow(
      expect.objectContaining({
        code: 'no_email_column',
        message: expect.stringContaining('“name”, “phone”'),
      }),
    );
  });

  test('of our own exports never become attributes, and a column named like an object’s insides is one like any other', () => {
    const header = ['email', '__proto__', 'constructor', '_line', '_code', '_reason', '_extra', '_check'];
    expect(isRejectedExport(header)).toBe(true);
    expect(isRejectedExport(['email', '_line'])).toBe(false);
    expect(planColumns(header)).toEqual([
      'email',
      'attributes.__proto__',
      'attributes.constructor',
      '',
      '',
      '',
      '',
      '',
    ]);
  });
});
