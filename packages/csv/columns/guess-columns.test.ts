import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { guessColumns } from './guess-columns.ts';
import { fieldsOf } from './test/fields-of.ts';

describe('the columns of a file', () => {
  it('are known in any case, with accents or without, with blanks and signs around and invisible characters within', () => {
    expect(fieldsOf('\u200be\u2011MAIL: ,First\u00a0Name*,TELEPHONE,SOCIETE,Ｃｏｕｎｔｒｙ')).toEqual({
      email: '\u200be\u2011MAIL: ',
      firstName: 'First\u00a0Name*',
      phone: 'TELEPHONE',
      company: 'SOCIETE',
      country: 'Ｃｏｕｎｔｒｙ',
    });
  });

  it('are known by the letters of windows-1256, which lacks two Persian ones, and without marks in Vietnamese', () => {
    expect(fieldsOf('نام,نام خانوادگي,پست الکترونيکي,شماره تلفن,كشور')).toEqual({
      firstName: 'نام',
      lastName: 'نام خانوادگي',
      email: 'پست الکترونيکي',
      phone: 'شماره تلفن',
      country: 'كشور',
    });
    expect(fieldsOf('Email,So dien thoai')).toEqual({ email: 'Email', phone: 'So dien thoai' });
  });

  it('are the country’s in each language, also beside a column of the town', () => {
    expect(fieldsOf('E-pošta,Kraj,Država', 'a@a.test,Ljubljana,Slovenija')).toMatchObject({
      country: 'Država',
    });
    expect(fieldsOf('E-mail,Kraj,Země', 'a@a.test,Vysočina,Česko')).toMatchObject({ country: 'Země' });
    expect(fieldsOf('E-mail,Kraj', 'a@a.test,Polska')).toMatchObject({ country: 'Kraj' });
    expect(fieldsOf('E-post,Perenimi,Riik')).toMatchObject({ lastName: 'Perenimi', country: 'Riik' });
  });

  it('are one for each field: the one with the better name, else the first', () => {
    expect(fieldsOf('Work Phone,Mobile,Phone,phone')).toEqual({ phone: 'Phone' });
    expect(fieldsOf('Account,Company')).toEqual({ company: 'Company' });
    expect(fieldsOf('CC,email')).toEqual({ email: 'email' });
  });

  it('are none for names without letters, and for the names of inherited properties', () => {
    expect(fieldsOf('#,*,,__proto__,constructor,toString')).toEqual({});
  });

  it('with very long names are not compared; combining marks are not ordered, which would take quadratic time', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize');
    onTestFinished(() => normalize.mockRestore());
    expect(fieldsOf('émail')).toEqual({ email: 'émail' });
    expect(normalize).toHaveBeenCalled();
    normalize.mockClear();
    expect(fieldsOf(`email${'\u0301\u0316'.repeat(16_000)}`)).toEqual({});
    expect(normalize).not.toHaveBeenCalled();
  });
});

describe('columns without a known name', () => {
  it.each([
    [
      'by a word in it',
      'Ihre E-Mail (Pflicht),Wunsch',
      ['ada@a.test,x', 'bob@a.test,y'],
      'email',
      'Ihre E-Mail (Pflicht)',
    ],
    ['by a letter that is wrong', 'Emial,Notes', ['ada@a.test,x'], 'email', 'Emial'],
    ['by their cells alone', 'Login,Notes', ['ada@a.test,x', 'bob@a.test,y'], 'email', 'Login'],
    ['by a word in it', 'email,Rückruf-Telefon', ['a@a.test,030 23125000'], 'phone', 'Rückruf-Telefon'],
    ['by a number with its country', 'email,', ['a@a.test,+49 30 23125000'], 'phone', ''],
    ['by a word in it', 'email,Land der Firma', ['a@a.test,Österreich'], 'country', 'Land der Firma'],
    ['by a letter that is wrong', 'email,Coutry', ['a@a.test,Poland'], 'country', 'Coutry'],
    ['by a word in it', 'email,Țara de reședință', ['a@a.test,România'], 'country', 'Țara de reședință'],
    [
      'by names of countries',
      'email,Column 2',
      ['a@a.test,Poland', 'b@a.test,Italia'],
      'country',
      'Column 2',
    ],
    [
      'by their end',
      'email,Guest First Name,Guest Last Name',
      ['a@a.test,Ada,L'],
      'firstName',
      'Guest First Name',
    ],
    [
      'without brackets and numbers',
      'email,Telefon 1 (privat)',
      ['a@a.test,030 23125000'],
      'phone',
      'Telefon 1 (privat)',
    ],
  ] as const)('are found %s: %s', (_, header, rows, target, name) => {
    expect(fieldsOf(header, ...rows)[target]).toBe(name);
  });

  it.each([
    ['County', 'Kent'],
    ['Fax', '+49 30 23125000'],
    ['Sprache', 'de'],
    ['E-Mail-Typ', 'SMTP'],
    ['Company Main Phone', ''],
    ['Emergency Contact First Name', 'Bob'],
    ['Order', '4711471147'],
    ['Middle Name', 'King'],
    // A Brazilian postcode, and the weight of a parcel.
    ['CEP', '01310-100'],
    ['Tara', '12'],
    // The town, in Slovenian, which cost all rows.
    ['Kraj', 'Ljubljana'],
    // Lithuanian for a login, and for the father's name.
    ['Vartotojo vardas', 'jonas7'],
    // Numbers of fax machines, in Thai, Greek and Turkish.
    ['โทรสาร', '02 123 4567'],
    ['Τηλεομοιοτυπία', '+30 210 1234567'],
    ['Faks telefon', '+90 212 1234567'],
  ])('are not guessed without a reason: %s', (name, cell) => {
    expect(fieldsOf(`email,${name}`, `a@a.test,${cell}`)).toEqual({ email: 'email' });
  });

  it('are none in a file without a header', () => {
    expect(fieldsOf('ada@a.test,Ada', 'bob@a.test,Bob')).toEqual({});
  });
});

describe('of several columns for one field', () => {
  it('the one whose cells hold something comes first, and the others are told', () => {
    const header = ['E-mail', 'Primary Phone', 'Mobile Phone'];
    expect(guessColumns(header, [['a@a.test', '', '+49 171 1234567']])).toEqual([
      { target: 'email', by: 'alias', confidence: 1, isTaken: false },
      { target: 'phone', by: 'alias', confidence: 1, isTaken: true },
      { target: 'phone', by: 'alias', confidence: 1, isTaken: false },
    ]);
    expect(guessColumns(header).map((guess) => guess?.isTaken)).toEqual([false, false, true]);
  });

  // Rows that came back for want of an address were once imported, when they were dropped again, as their colleague's.
  it('addresses of somebody else come last, though no cell of the others holds one', () => {
    const header = ['Email', 'Contact Owner Email'];
    const [own, owner] = guessColumns(header, [['', 'office@a.test']]);
    expect([own, owner]).toMatchObject([{ isTaken: false }, { target: 'email', isTaken: true }]);
    const [only] = guessColumns(['Owner Email'], [['office@a.test']]);
    expect(only).toMatchObject({ target: 'email', isTaken: false });
  });
});

describe('a whole name', () => {
  it('is that of whom the addresses are, and no name of something else', () => {
    expect(fieldsOf('Order,Attendee Name,Attendee Email,Buyer Name', '1,Ann Lee,a@a.test,Bob Ray')).toEqual({
      fullName: 'Attendee Name',
      email: 'Attendee Email',
    });
    expect(fieldsOf('Event Name,Email', 'Gala,a@a.test')).toEqual({ email: 'Email' });
    // What is no person was split into a first and a last name.
    expect(fieldsOf('Store Name,Store Email', 'Acme Ltd,a@a.test')).toEqual({ email: 'Store Email' });
    expect(fieldsOf('User Name,User Email', 'jdoe42,a@a.test')).toEqual({ email: 'User Email' });
    expect(fieldsOf('Business Name,Business Email', 'Acme Ltd,a@a.test')).toEqual({
      company: 'Business Name',
      email: 'Business Email',
    });
  });

  it.each([
    [
      'is split where no other column has a part of it',
      'Name,email',
      'Ada Lovelace,a@a.test',
      { fullName: 'Name' },
    ],
    [
      'is split where one column has a part of it',
      'Name,First name,email',
      'Ada Lovelace,Ada,a@a.test',
      { fullName: 'Name', firstName: 'First name' },
    ],
    [
      'is the last name beside the first',
      'Name,First name,email',
      'Lovelace,Ada,a@a.test',
      { lastName: 'Name', firstName: 'First name' },
    ],
    [
      'stands with the family first',
      'ФИО,Notes,email',
      'Шевченко Тарас,x,a@a.test',
      { 'fullName.familyFirst': 'ФИО' },
    ],
    ['stands under the name of a part', 'Nombre,email', 'Ada Lovelace,a@a.test', { fullName: 'Nombre' }],
    ['is no whole name under the name of a part', 'Nombre,email', 'Ada,a@a.test', { firstName: 'Nombre' }],
    ['is no address', 'Contact,email', 'ada@b.test,a@a.test', {}],
  ] as const)('%s', (_, header, row, names) => {
    expect(fieldsOf(header, row)).toEqual({ ...names, email: 'email' });
  });
});
