import type { ParsedChunk } from '@tidings/csv/cutting/records.ts';
import { neutraliseCell } from '@tidings/csv/writing/neutralise.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CountryLookup } from './country-directory.ts';
import { type RowRules, validateChunk } from './validate.ts';

const countries: CountryLookup = {
  codeOf: (name) => ({ germany: 'DE', de: 'DE', us: 'US' })[name.toLowerCase()] ?? null,
  timeZoneOf: (code) => (code === 'DE' ? 'Europe/Berlin' : null),
};

const columns = ['email', 'firstName', 'lastName', 'phone', 'company', 'country', 'attributes.notes'];

function rules(changes: Partial<RowRules> = {}): RowRules {
  return { header: columns, columns, defaultCountry: null, restoreCells: false, ...changes };
}

function rowsOf(...rows: string[][]): ParsedChunk {
  return { rows: rows.map((cells, row) => ({ row, line: row + 2, cells })), rejected: [] };
}

/** The one row, valid or rejected. */
async function validateRow(cells: string[], changes: Partial<RowRules> = {}) {
  const { valid, rejected } = await validateChunk(rowsOf(cells), rules(changes), countries);
  expect(valid.length + rejected.length).toBe(1);
  return valid[0] ?? rejected[0];
}

describe('a valid row', () => {
  it('is brought to the form that is stored', async () => {
    const cells = [' Ada@Example.COM ', ' Ada ', 'Lovelace', '030 901820', ' ACME ', 'Germany', ' first '];
    expect(await validateRow(cells)).toEqual({
      row: 0,
      email: 'ada@example.com',
      spelling: 'Ada@Example.COM',
      fields: {
        firstName: 'Ada',
        lastName: 'Lovelace',
        phone: '+4930901820',
        company: 'ACME',
        country: 'DE',
        timeZone: 'Europe/Berlin',
      },
      attributes: { notes: 'first' },
    });
  });

  it('leaves blank cells out', async () => {
    expect(await validateRow(['a@example.com', '', ' ', '\t', '\u00a0', '', '  '])).toEqual({
      row: 0,
      email: 'a@example.com',
      fields: {},
      attributes: {},
    });
  });

  it('has no time zone where the country has none', async () => {
    expect(await validateRow(['a@example.com', '', '', '', '', 'us', ''])).toMatchObject({
      fields: { country: 'US' },
    });
    expect(await validateRow(['a@example.com', '', '', '', '', 'us', ''])).not.toHaveProperty(
      'fields.timeZone',
    );
  });

  it('takes the country of the phone from the row, else from the import', async () => {
    const phone = (number: string, country: string, defaultCountry: string | null) =>
      validateRow(['a@example.com', '', '', number, '', country, ''], { defaultCountry });
    expect(await phone('(202) 555-0123', 'US', 'DE')).toMatchObject({ fields: { phone: '+12025550123' } });
    expect(await phone('030 901820', '', 'DE')).toMatchObject({ fields: { phone: '+4930901820' } });
    expect(await phone('030 901820', '', 'DE')).not.toHaveProperty('fields.country');
    expect(await phone('+49 30 901820', '', null)).toMatchObject({ fields: { phone: '+4930901820' } });
  });

  it('keeps a phone extension, but not over a column of that name', async () => {
    expect(await validateRow(['a@example.com', '', '', '+1 202 555 0123 ext. 7', '', '', ''])).toMatchObject({
      fields: { phone: '+12025550123' },
      attributes: { 'phone extension': '7' },
    });
    const own = { header: ['e', 'p', 'x'], columns: ['email', 'phone', 'attributes.phone extension'] };
    expect(await validateRow(['a@example.com', '+1 202 555 0123 ext. 7', '8'], own)).toMatchObject({
      attributes: { 'phone extension': '8' },
    });
  });

  it('has a whole name split where no column has its parts, and the name kept as it stands', async () => {
    const own = { header: ['E-mail', ' Name '], columns: ['email', 'fullName'] };
    expect(await validateRow(['a@example.com', 'Ludwig van Beethoven'], own)).toMatchObject({
      fields: { firstName: 'Ludwig', lastName: 'van Beethoven' },
      attributes: { name: 'Ludwig van Beethoven' },
    });
    const both = { header: ['e', 'n', 'f'], columns: ['email', 'fullName', 'firstName'] };
    expect(await validateRow(['a@example.com', 'Ada King Lovelace', 'Ada'], both)).toMatchObject({
      fields: { firstName: 'Ada', lastName: 'Lovelace' },
    });
  });

  it('has a number read with its country’s code where the column says so', async () => {
    const own = { header: ['EMAIL', 'SMS'], columns: ['email', 'phone.international'] };
    const phone = async (cell: string, defaultCountry: string | null = null) =>
      await validateRow(['a@example.com', cell], { ...own, defaultCountry });
    expect(await phone('491711234567')).toMatchObject({ fields: { phone: '+491711234567' } });
    expect(await phone('+49 171 1234567')).toMatchObject({ fields: { phone: '+491711234567' } });
    expect(await phone('0171 1234567', 'DE')).toMatchObject({ fields: { phone: '+491711234567' } });
    expect(await phone('0171 1234567')).toMatchObject({ codes: ['phone_country_unknown'] });
  });

  it('has no value where a cell holds a placeholder, and the text of ="…"', async () => {
    const cells = ['="a@example.com"', 'n/a', '="Lovelace"', '-', 'None', '#N/A', '="007"'];
    expect(await validateRow(cells)).toEqual({
      row: 0,
      email: 'a@example.com',
      fields: { lastName: 'Lovelace', company: 'None' },
      attributes: { notes: '007' },
    });
  });

  it('keeps further addresses and numbers of a cell as attributes', async () => {
    const own = { header: ['E-Mail', 'Tel'], columns: ['email', 'phone'] };
    const row = ['a@example.com; b@example.com', '+49 30 901820 ::: +49 171 1234567'];
    expect(await validateRow(row, own)).toMatchObject({
      email: 'a@example.com',
      fields: { phone: '+4930901820' },
      attributes: { 'e-mail 2': 'b@example.com', 'tel 2': '+491711234567' },
    });
  });

  it('takes from repeated columns the last one that says something', async () => {
    const repeated = ['email', 'firstName', 'email', 'firstName', 'attributes.x', 'attributes.x'];
    const row = await validateRow(['a@example.com', 'Ada', 'b@example.com', '', 'one', ' '], {
      header: repeated,
      columns: repeated,
    });
    expect(row).toMatchObject({
      email: 'b@example.com',
      fields: { firstName: 'Ada' },
      attributes: { x: 'one' },
    });
  });

  it('does not read columns that are left out, nor the time zone', async () => {
    const row = await validateRow(['a@example.com', 'x', 'Mars/Olympus', 'y'], {
      header: ['email', '_line', 'zone', 'whatever'],
      columns: ['email', '', 'timeZone', ''],
    });
    expect(row).toEqual({ row: 0, email: 'a@example.com', fields: {}, attributes: {} });
  });

  it('may have an attribute of any name', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const targets = ['email', ...names.map((name) => `attributes.${name}`)];
    const row = await validateRow(['a@example.com', 'p', 'c', 't'], { header: targets, columns: targets });
    const attributes = row !== undefined && 'attributes' in row ? row.attributes : {};
    expect(Object.keys(attributes)).toEqual(names);
    expect(JSON.stringify(attributes)).toBe('{"__proto__":"p","constructor":"c","toString":"t"}');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect('p' in {}).toBe(false);
  });

  it('is restored from a neutralised export', async () => {
    const cells = ['a@example.com', '', '', "'+49 30 901820", '', '', "'=1+1"];
    expect(await validateRow(cells, { restoreCells: true })).toMatchObject({
      fields: { phone: '+4930901820' },
      attributes: { notes: '=1+1' },
    });
    expect(await validateRow(cells)).toMatchObject({ attributes: { notes: "'=1+1" } });
  });

  it('is the same after an export', async () => {
    const cell = fc.string({ unit: fc.constantFrom(..."='+-@a1\t "), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cell, cell, async (firstName, notes) => {
        const cells = ['a@example.com', firstName, '', '', '', '', notes];
        expect(await validateRow(cells.map(neutraliseCell), { restoreCells: true })).toEqual(
          await validateRow(cells),
        );
      }),
    );
  });
});

describe('a row with a value that is left out', () => {
  const leaveOut = { invalidFields: 'leave-out' } as const;

  it('is imported without it, and keeps the cell as an attribute', async () => {
    const cells = ['a@example.com', 'Ada', '', '12', '', 'Atlantis', ''];
    const { valid, warned, rejected } = await validateChunk(rowsOf(cells), rules(leaveOut), countries);
    expect(valid).toEqual([
      {
        row: 0,
        email: 'a@example.com',
        fields: { firstName: 'Ada' },
        attributes: { phone: '12', country: 'Atlantis' },
      },
    ]);
    expect(warned).toEqual([
      {
        row: 0,
        line: 2,
        codes: ['country_unknown', 'phone_country_unknown'],
        parameters: { country_unknown: { column: 5 }, phone_country_unknown: { column: 3 } },
        cells,
      },
    ]);
    expect(rejected).toEqual([]);
  });

  it('is rejected all the same without an address', async () => {
    expect(await validateRow(['ada', '', '', '12', '', '', ''], leaveOut)).toMatchObject({
      codes: ['email_invalid', 'phone_country_unknown'],
    });
  });
});

describe('a rejected row', () => {
  it.each([
    ['email_missing', ['', 'Ada', '', '', '', '', '']],
    ['email_missing', [' ', '', '', '', '', '', '']],
    ['email_invalid', ['ada', '', '', '', '', '', '']],
    ['country_unknown', ['a@example.com', '', '', '', '', 'Atlantis', '']],
    ['phone_invalid', ['a@example.com', '', '', '12', '', 'DE', '']],
    ['phone_country_unknown', ['a@example.com', '', '', '030 901820', '', '', '']],
    ['too_few_cells', ['a@example.com', '', '', '', '', '']],
    ['too_many_cells', ['a@example.com', '', '', '', '', '', '', 'x']],
  ] as const)('%s', async (code, cells) => {
    const row = await validateRow([...cells]);
    expect(row).toMatchObject({ row: 0, line: 2, codes: [code], cells });
  });

  it('has blank cells too many, where the file has a column that the header does not name', async () => {
    const cells = ['a@example.com', '', '', '', '', '', '', ''];
    expect(await validateRow(cells)).not.toHaveProperty('codes');
    expect(await validateRow(cells, { countsSurplusCells: true })).toMatchObject({
      codes: ['too_many_cells'],
    });
  });

  it('says what its sentences need: how many cells it has, or which cell is wrong', async () => {
    expect(await validateRow(['a@example.com'])).toMatchObject({
      parameters: { too_few_cells: { cells: 1, columns: 7 } },
    });
    expect(await validateRow(['ada', '', '', '12', '', 'Atlantis', ''])).toMatchObject({
      parameters: {
        email_invalid: { column: 0 },
        country_unknown: { column: 5 },
        phone_country_unknown: { column: 3 },
      },
    });
  });

  it('names the invisible character within its address', async () => {
    expect(await validateRow(['a\u200b@example.com', '', '', '', '', '', ''])).toMatchObject({
      parameters: { email_invalid: { column: 0, character: 'U+200B' } },
    });
  });

  // Such characters were stored: no page shows them, and the form of the contact refuses them, so that nobody could mend the field.
  it.each([
    ['\x1b', 'U+001B'],
    ['\x7f', 'U+007F'],
    ['\u0085', 'U+0085'],
    ['\u0092', 'U+0092'],
  ])(
    'is rejected for a control character that a field or an attribute would hold: %j',
    async (control, name) => {
      for (const [column, target] of columns.entries()) {
        const cells = ['a@example.com', '', '', '', '', '', ''];
        cells[column] += `O${control}Brien`;
        const code = column === 0 ? 'email_invalid' : 'control_character';
        expect([target, await validateRow(cells)]).toMatchObject([
          target,
          {
            codes: expect.arrayContaining([code]),
            parameters: { [code]: { column, character: name } },
            cells,
          },
        ]);
        const leftOut = { ...rules, columns: columns.map((one) => (one === target ? '' : one)) };
        if (column > 0) expect(await validateRow(cells, leftOut)).toMatchObject({ email: 'a@example.com' });
        expect(await validateRow(cells, { ...rules, invalidFields: 'leave-out' })).toMatchObject({
          codes: expect.arrayContaining([code]),
        });
      }
    },
  );

  it('has its newlines as all programs write them: FileMaker has others', async () => {
    expect(
      await validateRow(['a@example.com', 'Ada\vB', '', '', '', '', 'High Street 1\v\fLondon\tW1']),
    ).toMatchObject({
      fields: { firstName: 'Ada\nB' },
      attributes: { notes: 'High Street 1\n\nLondon\tW1' },
    });
  });

  it('keeps its cells as they stand in the file', async () => {
    const cells = [' BAD ', "'=x", ' ', '', '', '', ''];
    expect(await validateRow(cells)).toMatchObject({ codes: ['email_invalid'], cells });
  });

  // Cells were once kept as they stood in the export: each round of mending put another apostrophe in front.
  it('of one of our exports keeps the cells that were restored', async () => {
    expect(await validateRow([' BAD ', "'=x", ' ', '', '', '', ''], { restoreCells: true })).toMatchObject({
      codes: ['email_invalid'],
      cells: [' BAD ', '=x', ' ', '', '', '', ''],
    });
  });

  it.each([
    [['ada', '', '', '+12', '', 'Atlantis', ''], 'email_invalid country_unknown phone_invalid', false],
    [['', '', '', '030 901820', '', '', ''], 'email_missing phone_country_unknown', false],
    [['ada', '', '', '12', '', 'DE', ''], 'email_invalid phone_invalid', true],
  ] as const)('tells all that is wrong at once: %j', async (cells, expected, isUnreadable) => {
    const rows = [{ row: 0, line: 2, cells: [...cells] }];
    const parsed: ParsedChunk = isUnreadable
      ? { rows: [], rejected: rows.map((row) => ({ ...row, codes: ['invalid_encoding'] })) }
      : { rows, rejected: [] };
    const codes = isUnreadable ? ['invalid_encoding', ...expected.split(' ')] : expected.split(' ');
    const { rejected } = await validateChunk(parsed, rules(), countries);
    expect(rejected.map((row) => row.codes)).toEqual([codes]);
  });

  it('whose country is not known does not lend its phone the country of the import', async () => {
    const cells = ['a@example.com', '', '', '030 901820', '', 'Atlantis', ''];
    expect(await validateRow(cells, { defaultCountry: 'DE' })).toMatchObject({
      codes: ['country_unknown', 'phone_country_unknown'],
    });
  });

  it('stands in its order with those that could not be read', async () => {
    const parsed: ParsedChunk = {
      rows: [
        { row: 10, line: 20, cells: ['bad'] },
        { row: 12, line: 22, cells: ['a@example.com'] },
        { row: 13, line: 23, cells: ['bad'] },
      ],
      rejected: [
        { row: 11, line: 21, codes: ['nul_byte'], cells: ['\0'] },
        { row: 14, line: 24, codes: ['record_too_long'], cells: [] },
      ],
    };
    const only = { header: ['email'], columns: ['email'] };
    const { valid, rejected } = await validateChunk(parsed, rules(only), countries);
    expect(valid.map(({ row }) => row)).toEqual([12]);
    expect(rejected.map(({ row, line, codes }) => [row, line, ...codes])).toEqual([
      [10, 20, 'email_invalid'],
      [11, 21, 'nul_byte', 'email_invalid'],
      [13, 23, 'email_invalid'],
      [14, 24, 'record_too_long'],
    ]);
  });
});

// Such a row was once rejected although an address stood in it.
describe('a row of a file with further columns of e-mail addresses', () => {
  const header = ['E-Mail', 'E-Mail 2', 'E-Mail Vater'];
  const further: Partial<RowRules> = {
    header,
    columns: ['email', 'furtherEmail.e-mail 2', 'furtherEmail.e-mail vater'],
  };

  it('has the first address that is there, and the others as attributes', async () => {
    expect(await validateRow(['a@a.test', 'b@b.test', ' c@c.test'], further)).toMatchObject({
      email: 'a@a.test',
      attributes: { 'e-mail 2': 'b@b.test', 'e-mail vater': 'c@c.test' },
    });
    expect(await validateRow([' ', 'Ada <B@b.test>', 'c@c.test'], further)).toEqual({
      ...{ row: 0, email: 'b@b.test', spelling: 'B@b.test', fields: {} },
      attributes: { 'e-mail vater': 'c@c.test' },
    });
    expect(await validateRow(['n/a', '-', '\u200bc@c.test'], further)).toMatchObject({
      email: 'c@c.test',
      attributes: { 'e-mail 2': '-' },
    });
    const blankFirst = await validateRow(['', '', ''], further);
    expect(blankFirst).toMatchObject({
      codes: ['email_missing'],
      parameters: { email_missing: { column: 0 } },
    });
  });

  it('has no other address where a record of the former release, or a person, says that the columns are attributes', async () => {
    const former = { header, columns: ['email', 'attributes.e-mail 2', 'attributes.e-mail vater'] };
    expect(await validateRow(['', 'b@b.test', 'c@c.test'], former)).toMatchObject({
      codes: ['email_missing'],
    });
  });

  it('keeps further addresses of the cell under the name of its column', async () => {
    expect(await validateRow(['', 'b@b.test; d@d.test', 'c@c.test'], further)).toMatchObject({
      email: 'b@b.test',
      attributes: { 'e-mail 2 2': 'd@d.test', 'e-mail vater': 'c@c.test' },
    });
  });

  it('is rejected for the cell that counts, and no other address is taken for a wrong one', async () => {
    const wrongFirst = await validateRow(['ada', 'b@b.test', ''], further);
    expect(wrongFirst).toMatchObject({
      codes: ['email_invalid'],
      parameters: { email_invalid: { column: 0 } },
    });
    expect(await validateRow(['', '', 'c@c\u200b.test'], further)).toMatchObject({
      codes: ['email_invalid'],
      parameters: { email_invalid: { column: 2, character: 'U+200B' } },
      cells: ['', '', 'c@c\u200b.test'],
    });
  });

  it('is restored with the columns that the file of rejected rows has beside it', async () => {
    const ours = {
      header: ['_line', ...header],
      columns: ['', ...(further.columns ?? [])],
      restoreCells: true,
    };
    expect(await validateRow(['2', '', '', 'ada'], ours)).toMatchObject({
      parameters: { email_invalid: { column: 2 } },
    });
    expect(await validateRow(['2', '', '', 'c@c.test'], ours)).toMatchObject({
      email: 'c@c.test',
      attributes: {},
    });
  });

  it('loses no cell: each stands in the address or in an attribute, whichever are blank', async () => {
    const cell = fc.constantFrom('', ' ', '-', 'a@a.test', 'b@b.test', 'c@c.test');
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 3, maxLength: 3 }), async (cells) => {
        const row = await validateRow(cells, further);
        const first = cells.findIndex((text) => !['', ' ', '-'].includes(text));
        if (row === undefined || !('email' in row)) {
          expect(first).toBe(-1);
          return;
        }
        expect(row.email).toBe(cells[first]);
        const attributes = ['', 'e-mail 2', 'e-mail vater'].flatMap((name, index) => {
          const text = cells[index]?.trim() ?? '';
          return name === '' || index === first || text === '' ? [] : [[name, text]];
        });
        expect(row.attributes).toEqual(Object.fromEntries(attributes));
      }),
    );
  });
});

describe('any chunk', () => {
  it('yields the thread between its rows', async () => {
    const checked = validateChunk(
      rowsOf(...Array.from({ length: 2_000 }, () => ['a@example.com'])),
      rules({ header: ['email'], columns: ['email'] }),
      countries,
    );
    let turns = 0;
    let isChecked = false;
    const takeTurn = () => {
      turns += 1;
      if (!isChecked) setImmediate(takeTurn);
    };
    setImmediate(takeTurn);
    const { valid } = await checked;
    isChecked = true;
    expect(valid).toHaveLength(2_000);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  it('has every row in exactly one of the two lists, in order', async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('', ' ', 'a@example.com', 'DE', 'Germany', '+4930901820', '030 901820', '__proto__'),
    );
    const target = fc.constantFrom(...columns, '', 'timeZone', 'attributes.__proto__');
    await fc.assert(
      fc.asyncProperty(
        fc.array(target, { minLength: 1, maxLength: 9 }),
        fc.array(fc.array(cell, { maxLength: 9 }), { maxLength: 20 }),
        fc.boolean(),
        async (targets, rows, restoreCells) => {
          const parsed = rowsOf(...rows);
          const changes = { header: targets, columns: targets, restoreCells };
          const { valid, rejected } = await validateChunk(parsed, rules(changes), countries);
          const numbers = [...valid, ...rejected].map(({ row }) => row);
          expect(numbers.toSorted((a, b) => a - b)).toEqual(rows.map((_, row) => row));
          for (const list of [valid, rejected].map((rows) => rows.map(({ row }) => row))) {
            expect(list).toEqual(list.toSorted((a, b) => a - b));
          }
          for (const row of valid) expect(Object.values(row.fields)).not.toContain('');
        },
      ),
    );
  });
});
