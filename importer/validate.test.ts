import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowCodes } from '../contracts/codes.ts';
import { neutraliseCell } from '../csv/neutralise.ts';
import type { ParsedChunk } from '../csv/records.ts';
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
function validateRow(cells: string[], changes: Partial<RowRules> = {}) {
  const { valid, rejected } = validateChunk(rowsOf(cells), rules(changes), countries);
  expect(valid.length + rejected.length).toBe(1);
  return valid[0] ?? rejected[0];
}

describe('a valid row', () => {
  it('is brought to the form that is stored', () => {
    const cells = [' Ada@Example.COM ', ' Ada ', 'Lovelace', '030 901820', ' ACME ', 'Germany', ' first '];
    expect(validateRow(cells)).toEqual({
      row: 0,
      email: 'ada@example.com',
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

  it('leaves blank cells out', () => {
    expect(validateRow(['a@example.com', '', ' ', '\t', '\u00a0', '', '  '])).toEqual({
      row: 0,
      email: 'a@example.com',
      fields: {},
      attributes: {},
    });
  });

  it('has no time zone where the country has none', () => {
    expect(validateRow(['a@example.com', '', '', '', '', 'us', ''])).toMatchObject({
      fields: { country: 'US' },
    });
    expect(validateRow(['a@example.com', '', '', '', '', 'us', ''])).not.toHaveProperty('fields.timeZone');
  });

  it('takes the country of the phone from the row, else from the import', () => {
    const phone = (number: string, country: string, defaultCountry: string | null) =>
      validateRow(['a@example.com', '', '', number, '', country, ''], { defaultCountry });
    expect(phone('(202) 555-0123', 'US', 'DE')).toMatchObject({ fields: { phone: '+12025550123' } });
    expect(phone('030 901820', '', 'DE')).toMatchObject({ fields: { phone: '+4930901820' } });
    expect(phone('030 901820', '', 'DE')).not.toHaveProperty('fields.country');
    expect(phone('+49 30 901820', '', null)).toMatchObject({ fields: { phone: '+4930901820' } });
  });

  it('keeps a phone extension, but not over a column of that name', () => {
    expect(validateRow(['a@example.com', '', '', '+1 202 555 0123 ext. 7', '', '', ''])).toMatchObject({
      fields: { phone: '+12025550123' },
      attributes: { 'phone extension': '7' },
    });
    const own = { header: ['e', 'p', 'x'], columns: ['email', 'phone', 'attributes.phone extension'] };
    expect(validateRow(['a@example.com', '+1 202 555 0123 ext. 7', '8'], own)).toMatchObject({
      attributes: { 'phone extension': '8' },
    });
  });

  it('takes from repeated columns the last one that says something', () => {
    const repeated = ['email', 'firstName', 'email', 'firstName', 'attributes.x', 'attributes.x'];
    const row = validateRow(['a@example.com', 'Ada', 'b@example.com', '', 'one', ' '], {
      header: repeated,
      columns: repeated,
    });
    expect(row).toMatchObject({
      email: 'b@example.com',
      fields: { firstName: 'Ada' },
      attributes: { x: 'one' },
    });
  });

  it('does not read columns that are left out, nor the time zone', () => {
    const row = validateRow(['a@example.com', 'x', 'Mars/Olympus', 'y'], {
      header: ['email', '_line', 'zone', 'whatever'],
      columns: ['email', '', 'timeZone', ''],
    });
    expect(row).toEqual({ row: 0, email: 'a@example.com', fields: {}, attributes: {} });
  });

  it('may have an attribute of any name', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const targets = ['email', ...names.map((name) => `attributes.${name}`)];
    const row = validateRow(['a@example.com', 'p', 'c', 't'], { header: targets, columns: targets });
    const attributes = row !== undefined && 'attributes' in row ? row.attributes : {};
    expect(Object.keys(attributes)).toEqual(names);
    expect(JSON.stringify(attributes)).toBe('{"__proto__":"p","constructor":"c","toString":"t"}');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect('p' in {}).toBe(false);
  });

  it('is restored from a neutralised export', () => {
    const cells = ['a@example.com', '', '', "'+49 30 901820", '', '', "'=1+1"];
    expect(validateRow(cells, { restoreCells: true })).toMatchObject({
      fields: { phone: '+4930901820' },
      attributes: { notes: '=1+1' },
    });
    expect(validateRow(cells)).toMatchObject({ code: 'phone_invalid' });
  });

  it('is the same after an export', () => {
    const cell = fc.string({ unit: fc.constantFrom(..."='+-@a1\t "), maxLength: 6 });
    fc.assert(
      fc.property(cell, cell, (firstName, notes) => {
        const cells = ['a@example.com', firstName, '', '', '', '', notes];
        expect(validateRow(cells.map(neutraliseCell), { restoreCells: true })).toEqual(validateRow(cells));
      }),
    );
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
    ['too_many_cells', ['a@example.com', '', '', '', '', '', '', '']],
  ] as const)('%s', (code, cells) => {
    const row = validateRow([...cells]);
    expect(row).toMatchObject({ row: 0, line: 2, code, cells });
    const reason = row !== undefined && 'reason' in row ? row.reason : '';
    expect(reason.startsWith(rowCodes[code])).toBe(true);
  });

  it('says how many cells there are', () => {
    expect(validateRow(['a@example.com'])).toMatchObject({
      reason: 'The row has fewer cells than the header. It has 1, the header 7.',
    });
  });

  it('keeps its cells as they stand in the file', () => {
    const cells = [' BAD ', "'=x", ' ', '', '', '', ''];
    expect(validateRow(cells, { restoreCells: true })).toMatchObject({ code: 'email_invalid', cells });
  });

  it('stands in its order with those that could not be read', () => {
    const parsed: ParsedChunk = {
      rows: [
        { row: 10, line: 20, cells: ['bad'] },
        { row: 12, line: 22, cells: ['a@example.com'] },
        { row: 13, line: 23, cells: ['bad'] },
      ],
      rejected: [
        { row: 11, line: 21, code: 'nul_byte', cells: ['\0'] },
        { row: 14, line: 24, code: 'record_too_long', cells: [] },
      ],
    };
    const only = { header: ['email'], columns: ['email'] };
    const { valid, rejected } = validateChunk(parsed, rules(only), countries);
    expect(valid.map(({ row }) => row)).toEqual([12]);
    expect(rejected.map(({ row, line, code }) => [row, line, code])).toEqual([
      [10, 20, 'email_invalid'],
      [11, 21, 'nul_byte'],
      [13, 23, 'email_invalid'],
      [14, 24, 'record_too_long'],
    ]);
    expect(rejected[1]?.reason).toBe(rowCodes.nul_byte);
  });
});

describe('any chunk', () => {
  it('has every row in exactly one of the two lists, in order', () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom('', ' ', 'a@example.com', 'DE', 'Germany', '+4930901820', '030 901820', '__proto__'),
    );
    const target = fc.constantFrom(...columns, '', 'timeZone', 'attributes.__proto__');
    fc.assert(
      fc.property(
        fc.array(target, { minLength: 1, maxLength: 9 }),
        fc.array(fc.array(cell, { maxLength: 9 }), { maxLength: 20 }),
        fc.boolean(),
        (targets, rows, restoreCells) => {
          const parsed = rowsOf(...rows);
          const changes = { header: targets, columns: targets, restoreCells };
          const { valid, rejected } = validateChunk(parsed, rules(changes), countries);
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
