import type { CsvError } from '@tidings/csv/errors.ts';
import { isRejectedExport } from '@tidings/csv/writing/rejected-export.ts';
import { describe, expect, test } from 'vitest';
import { planColumns } from './plan-columns.ts';

function columnsOf(header: readonly string[], mapping: Record<string, string> = {}, line = 1): string[] {
  return planColumns({ header, mapping, line }).columns;
}

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
    expect(columnsOf(header)).toEqual([
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

  test('of contacts.csv are found, and those that are there to be read are left out', () => {
    expect(columnsOf(['E-mail', 'Company', 'Time zone', 'Further columns', 'Notes'])).toEqual([
      'email',
      'company',
      '',
      '',
      'attributes.notes',
    ]);
    expect(columnsOf(['E-mail', 'Time zone'])).toEqual(['email', 'attributes.time zone']);
    const mapping = { 'Time zone': 'attributes.zone' };
    expect(columnsOf(['E-mail', 'Time zone', 'Further columns'], mapping)[1]).toBe('attributes.zone');
  });

  test('follow an explicit mapping first', () => {
    const mapping = { Kontakt: 'email', Email: 'attributes.Old Address', Notes: '' };
    expect(columnsOf(['Kontakt', 'Email', 'Notes'], mapping)).toEqual([
      'email',
      'attributes.old address',
      '',
    ]);
    expect(() => columnsOf(['email'], { email: 'shoeSize' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', place: { field: 'mapping' } }),
    );
  });

  test('are all kept where several are for one field: the others become attributes of their own names', () => {
    expect(columnsOf(['Email', 'Phone', 'Work Phone', 'Company', 'Account', 'email', 'Email'])).toEqual([
      'email',
      'phone',
      'attributes.work phone',
      'company',
      'attributes.account',
      'furtherEmail.email',
      'furtherEmail.email 2',
    ]);
    expect(columnsOf(['email', 'x', 'X ', 'x 2', 'x'])).toEqual([
      'email',
      'attributes.x',
      'attributes.x 2',
      'attributes.x 2 2',
      'attributes.x 3',
    ]);
  });

  test('of one name are told apart by a number behind it', () => {
    const header = ['Email', 'Name', 'E-Mail', 'Name'];
    const mapping = { 'Email 2': 'email', Email: 'attributes.old', 'name 2': 'company' };
    expect(columnsOf(header, mapping)).toEqual(['attributes.old', 'fullName', 'email', 'company']);
    expect(columnsOf(['email', 'x', 'x', 'x 2'], { 'x 2': '' })).toEqual([
      ...['email', 'attributes.x', 'attributes.x 2', ''],
    ]);
  });

  test('that a mapping takes leave their field to others, and are never two for one target', () => {
    const mapping = { Email: 'attributes.notes', Mobile: 'phone' };
    expect(columnsOf(['Email', 'Mail', 'Phone', 'Mobile', 'mobile', 'Notes'], mapping)).toEqual([
      'attributes.notes',
      'email',
      'attributes.phone',
      'phone',
      'attributes.mobile',
      'attributes.notes 2',
    ]);
    expect(() => columnsOf(['email', 'a', 'b'], { a: 'phone', b: 'phone' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', place: { field: 'mapping' } }),
    );
    expect(columnsOf(['email', 'a', 'b'], { a: '', b: '' })).toEqual(['email', '', '']);
  });

  test('are what their cells show, and tell how sure that is, and which of them were passed over', () => {
    const header = ['Login', 'Phone', 'Mobile', 'Notes', '_line'];
    const sample = [['ada@a.test', '+49 30 23125000', '', 'x', '2']];
    expect(planColumns({ header, sample })).toEqual({
      columns: ['email', 'phone', 'attributes.mobile', 'attributes.notes', ''],
      confidence: [0.5, 1, 1, 1, 1],
      by: ['cells', 'alias', null, null, null],
      passedOver: [null, null, 'phone', null, null],
    });
  });

  test('of further e-mail addresses may give a row its address, unless the person has chosen what they are for', () => {
    const header = ['E-Mail', 'E-Mail 2', 'Owner Email', 'E-Mail Vater'];
    const sample = [['', 'b@b.test', 'x@x.test', 'c@c.test'], ['a@a.test']];
    const plan = (mapping = {}) => planColumns({ header, sample, mapping });
    expect(plan()).toMatchObject({
      columns: ['email', 'furtherEmail.e-mail 2', 'attributes.owner email', 'furtherEmail.e-mail vater'],
      by: ['alias', null, null, null],
      passedOver: [null, 'email', 'email', 'email'],
    });
    expect(plan({ 'E-Mail 2': 'attributes.e-mail 2', 'E-Mail Vater': '' }).columns).toEqual([
      ...['email', 'attributes.e-mail 2', 'attributes.owner email', ''],
    ]);
    expect(plan({ 'E-Mail Vater': 'email' }).columns).toEqual([
      ...['furtherEmail.e-mail', 'furtherEmail.e-mail 2', 'attributes.owner email', 'email'],
    ]);
    expect(() => plan({ 'E-Mail 2': 'furtherEmail.x' })).toThrow(/leads nowhere/);
  });

  // Few rows are rejected, and those that lack an address leave its column blank: a column of somebody else's got its place.
  test('of rejected rows are planned by their names, and not by what their few cells lack', () => {
    const header = ['Name', 'Email', 'Work Email', 'Telefon (privat)', '_line', '_code', '_reason'];
    const sample = [
      ['Q1', '', 'boss@a.test', 'x', '22', 'email_missing phone_invalid', ''],
      ['Q2', '', 'boss@a.test', 'y', '23', 'email_missing phone_invalid', ''],
    ];
    expect(planColumns({ header, sample }).columns).toEqual([
      ...['fullName', 'email', 'attributes.work email', 'phone', '', '', ''],
    ]);
    expect(planColumns({ header: header.slice(0, 3), sample }).columns).toEqual([
      ...['fullName', 'furtherEmail.email', 'email'],
    ]);
  });

  // The mobile numbers of all rejected rows became attributes, because the column of telephone numbers, blank in each, has the better name.
  test.each([
    ['Phone,Mobile', ',+49 1', 'attributes.phone,phone'],
    [
      'Business Phone,Mobile Phone,Primary Phone',
      ',,+49 1',
      'attributes.business phone,attributes.mobile phone,phone',
    ],
    ['Company,Organization', ',Ada Ltd', 'attributes.company,company'],
    ['Country,Home Country', ',Atlantis', 'attributes.country,country'],
  ])('of rejected rows that hold nothing leave their field to others: %s', (names, cells, columns) => {
    const header = ['Email', ...names.split(','), '_line', '_code', '_reason'];
    const sample = [['a@a.test', ...cells.split(','), '22', 'phone_invalid', '']];
    expect(planColumns({ header, sample }).columns).toEqual(['email', ...columns.split(','), '', '', '']);
  });

  test('of rejected rows without their codes give addresses by the rules of any file', () => {
    const header = ['Name', 'Email', 'Work Email', '_line', '_reason'];
    const sample = Array.from({ length: 4 }, (_, row) => [
      `Q${row}`,
      row === 0 ? 'q@a.test' : '',
      'boss@a.test',
      '2',
      '',
    ]);
    expect(planColumns({ header, sample }).columns[2]).toBe('attributes.work email');
  });

  // Whoever filled in the address where the import had found the others got the row back, as often as it was dropped.
  test('of rejected rows that have given other rows their address give one that was filled in', () => {
    const header = ['Name', 'Email', 'Work Email', '_line', '_code', '_reason'];
    const sample = [
      ['Q', '', 'q@a.test', '22', 'email_missing', ''],
      ['R', '', 'r@a.test', '23', 'phone_invalid', ''],
    ];
    expect(planColumns({ header, sample }).columns.slice(0, 3)).toEqual([
      ...['fullName', 'email', 'furtherEmail.work email'],
    ]);
  });

  test('of a file that mends an import are what they were there, wherever they stand, unless the mapping says otherwise', () => {
    const read = ['Name', 'Email', 'Work Email', 'Mail 3', 'Notes', 'Notes', 'Gone'];
    const mended = {
      header: read,
      columns: [
        ...['fullName.familyFirst', 'attributes.email', 'email', 'furtherEmail.mail 3', 'attributes.notes'],
        ...['', 'phone'],
      ],
    };
    const header = [
      '_line',
      'Email',
      'work email ',
      'Mail 3',
      'Notes',
      'Notes',
      'New',
      'Name',
      '_code',
      '_reason',
    ];
    const plan = (mapping = {}) => planColumns({ header, mended, mapping });
    expect(plan()).toMatchObject({
      columns: [
        ...['', 'attributes.email', 'email', 'furtherEmail.mail 3', 'attributes.notes', '', 'attributes.new'],
        ...['fullName.familyFirst', '', ''],
      ],
      by: [null, ...Array(5).fill('mended'), null, 'mended', null, null],
      passedOver: [null, null, null, 'email', ...Array(6).fill(null)],
    });
    expect(plan({ Email: 'email', 'Mail 3': '' }).columns.slice(1, 4)).toEqual([
      ...['email', 'furtherEmail.work email', ''],
    ]);
  });

  // The column that had the addresses was dropped or renamed, and no other one was allowed to have them: the file was refused.
  test('of a file that mends have the addresses where the column that had them is gone', () => {
    const mended = {
      header: ['Name', 'Email', 'Email 2', 'Mobile', 'Mail'],
      columns: ['fullName', 'email', 'furtherEmail.email 2', 'attributes.mobile', 'attributes.mail'],
    };
    const plan = (header: string[], sample: string[][] = []) => planColumns({ header, sample, mended });
    expect(plan(['Name', 'Email 2', 'Mobile', '_line', '_code', '_reason'])).toMatchObject({
      columns: ['fullName', 'email', 'attributes.mobile', '', '', ''],
      by: ['mended', 'similarity', 'mended', null, null, null],
    });
    expect(plan(['Name', 'Mail', 'Phone']).columns).toEqual(['fullName', 'email', 'phone']);
    expect(plan(['Mail', 'E-Mail-Adresse']).columns).toEqual(['attributes.mail', 'email']);
    const boss = Array.from({ length: 4 }, (_, row) => [`Q${row}`, 'boss@a.test']);
    expect(() => plan(['Name', 'Mail'], boss)).toThrow(expect.objectContaining({ code: 'no_email_column' }));
  });

  // An attribute was stored under such a name, and no form could send it back.
  test('give attributes no control characters in their names', () => {
    expect(columnsOf(['Email', 'No\x1btes', 'Street\vCity', '\x07'])).toEqual([
      ...['email', 'attributes.notes', 'attributes.street\ncity', ''],
    ]);
  });

  test('of whole names keep their own name for the cell as it stands', () => {
    expect(columnsOf(['Name', 'email', 'name'])).toEqual(['fullName', 'email', 'attributes.name 2']);
    expect(columnsOf(['Name', 'email'], { Name: 'fullName.familyFirst' })).toEqual([
      'fullName.familyFirst',
      'email',
    ]);
    expect(() => columnsOf(['a', 'b', 'email'], { a: 'fullName', b: 'fullName.familyFirst' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', place: { field: 'mapping' } }),
    );
  });

  test('that a mapping names and the file does not have are refused, with the nearest names', () => {
    expect(() => columnsOf(['email', 'Phone number', 'City', 'Zip'], { 'Phone nr': 'phone' })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        message: expect.stringContaining('The nearest names are “Phone number”, '),
        place: { field: 'mapping' },
      }),
    );
    expect(() => columnsOf(['email', 'x'], { x: 'fone' })).toThrow(/Did you mean phone\?/);
  });

  test('tell who says what they are for', () => {
    const header = ['Kontakt', 'phone', 'Guest First Name', 'notes'];
    expect(planColumns({ header, mapping: { Kontakt: 'email', Notes: '' } })).toMatchObject({
      columns: ['email', 'phone', 'firstName', ''],
      confidence: [1, 1, 0.8, 1],
      by: ['mapping', 'alias', 'similarity', 'mapping'],
    });
  });

  test('without e-mail addresses are told and planned all the same, where somebody is asked what they are', () => {
    const faults: CsvError[] = [];
    const plan = planColumns({ header: ['name', 'phone'], takeFault: (fault) => faults.push(fault) });
    expect(plan.columns).toEqual(['fullName', 'phone']);
    expect(faults.map(({ code }) => code)).toEqual(['no_email_column']);
  });

  test('without e-mail addresses are refused, naming what was seen', () => {
    expect(() => columnsOf(['name', 'phone'], {}, 3)).toThrow(
      expect.objectContaining({
        code: 'no_email_column',
        message: expect.stringContaining('“name”, “phone”'),
        line: 3,
      }),
    );
  });

  test('of our own exports never become attributes, and a column named like an object’s insides is one like any other', () => {
    const header = ['email', '__proto__', 'constructor', '_line', '_code', '_reason', '_extra', '_check'];
    expect(isRejectedExport(header)).toBe(true);
    expect(isRejectedExport(['email', '_reason'])).toBe(false);
    expect(columnsOf(header)).toEqual([
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

  test('have names of at most 1,000 characters where they become attributes', () => {
    const name = 'n'.repeat(1_000);
    expect(columnsOf(['email', name])).toEqual(['email', `attributes.${name}`]);
    const refusal = expect.objectContaining({ code: 'header_too_long', place: { line: 1, field: 'file' } });
    expect(() => columnsOf(['email', `${name}n`])).toThrow(refusal);
    expect(() => columnsOf(['email', 'notes'], { notes: `attributes.${name}n` })).toThrow(refusal);
    expect(columnsOf(['email', `${name}n`], { [`${name}n`]: '' })).toEqual(['email', '']);
  });
});
