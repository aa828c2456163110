import fc from 'fast-check';
import examples from 'libphonenumber-js/examples.mobile.json';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';
import { describe, expect, it } from 'vitest';
import { readAnyPhone, readPhone, readPhoneList } from './phone.ts';
import { readCommonShape, shapeReaderOf } from './phone-plans.ts';

const countries = getCountries();

/** A text near a real number of a country, in some spelling, with that country, another one, or none. */
const written = fc
  .record({
    country: fc.constantFrom(...countries),
    end: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 }),
    keep: fc.nat(15),
    shape: fc.nat(11),
    home: fc.oneof(
      { weight: 6, arbitrary: fc.constant('own' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...countries) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  })
  .map(({ country, end, keep, shape, home }) => {
    const example = getExampleNumber(country, examples);
    const national = `${example?.nationalNumber.slice(0, keep) ?? ''}${end}`;
    const callingCode = example?.countryCallingCode ?? '';
    return {
      text: shapes(national, callingCode)[shape] ?? national,
      home: home === 'own' ? country : home,
    };
  });

function shapes(national: string, callingCode: string): string[] {
  const grouped = `${national.slice(0, 2)} ${national.slice(2, 5)}-${national.slice(5)}`;
  return [
    national,
    `0${national}`,
    `8${national}`,
    `1-${grouped}`,
    `(${national.slice(0, 3)}) ${national.slice(3)}`,
    `+${callingCode}${national}`,
    `+${callingCode} ${grouped}`,
    `+${callingCode} (0)${grouped}`,
    `(+${callingCode}) ${grouped}`,
    `00${callingCode}${national}`,
    `${callingCode}${national}`,
    `+${callingCode}.${national}`,
  ];
}

describe('the fast path', () => {
  it('leaves every number to the library where the metadata have a version whose places are not known', () => {
    const readShape = shapeReaderOf({ ...metadata, version: metadata.version + 1 });
    let read = 0;
    for (const country of countries) {
      const number = getExampleNumber(country, examples)?.number ?? '';
      expect(readShape(number, null)).toBeNull();
      expect(readPhone(number, null, readShape)).toEqual({ ok: true, number, extension: null });
      if (readCommonShape(number, null) === number) read += 1;
    }
    // The version that is installed is known: most numbers are read without the library.
    expect(read).toBeGreaterThan(countries.length * 0.9);
  });

  it('answers what the library answers, or leaves it to the library', () => {
    fc.assert(
      fc.property(written, ({ text, home }) => {
        // The library does not know the 8 with which Ukrainian numbers began.
        fc.pre(home !== 'UA' || !text.startsWith('8'));
        expect(readPhone(text, home)).toEqual(readAnyPhone(text, home));
      }),
      { numRuns: 5000 },
    );
  });

  it('takes the example of most countries, in both shapes', () => {
    const taken = countries.filter((country) => {
      const example = getExampleNumber(country, examples);
      if (example === undefined) return false;
      expect(readPhone(example.number, null)).toEqual(readAnyPhone(example.number, null));
      const international = readCommonShape(example.formatInternational(), null);
      const national = readCommonShape(example.formatNational(), country);
      return international === example.number && national === example.number;
    });
    expect(taken.length).toBeGreaterThan(220);
  });
});

/** A valid number of any country, without separators. */
const known = fc
  .record({
    country: fc.constantFrom(...countries),
    end: fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 3, maxLength: 3 }),
    shape: fc.nat(3),
  })
  .map(({ country, end, shape }) => {
    const example = getExampleNumber(country, examples);
    const national = `${example?.nationalNumber.slice(0, -3) ?? ''}${end}`;
    const callingCode = example?.countryCallingCode ?? '';
    const text =
      [national, `0${national}`, `${callingCode}${national}`, `+${callingCode}${national}`][shape] ?? '';
    return { country, text, callingCode };
  });

describe('what a spreadsheet makes of a number', () => {
  it.each([
    ['1711234567.0', 'DE', '+491711234567'],
    ['491711234567.0', 'DE', '+491711234567'],
    ['491711234567', 'DE', '+491711234567'],
    ['01711234567.0', 'DE', '+491711234567'],
    ['1711234567,00', 'DE', '+491711234567'],
    ['1.711.234.567,0', 'DE', '+491711234567'],
    ['1711234567 .0', 'DE', '+491711234567'],
    ['tel:+491711234567.0', null, '+491711234567'],
    ['１７１１２３４５６７．０', 'DE', '+491711234567'],
    ['6641234567.0', 'AT', '+436641234567'],
    ['3471234567.0', 'IT', '+393471234567'],
    ['412345678.0', 'FI', '+358412345678'],
    ['4157360000.0', 'US', '+14157360000'],
  ])('%s in %s is %s', (text, country, number) => {
    expect(readPhone(text, country)).toEqual({ ok: true, number, extension: null });
  });

  // Together the digits make another number, which is valid in Austria.
  it.each(['1711234567.25', '01711234567.25', '1711234567.123', '030 1234567.25', '171123456.78'])(
    'is none with the fraction of %s',
    (text) => {
      for (const country of ['AT', 'DE', 'IT', 'FI'])
        expect(readPhone(text, country)).toMatchObject({ ok: false });
    },
  );

  it.each(['0301234567.0.0', '6641234567.0.0', '9123456789.00.0', '1.711.234.567.0', '1711234567,0,0'])(
    'is none with decimals twice: %s',
    (text) => {
      for (const country of ['AT', 'DE', 'IT', 'IN'])
        expect(readPhone(text, country)).toMatchObject({ ok: false });
    },
  );

  it('keeps the extension behind decimals, and groups by dots that end in zeros', () => {
    expect(readPhone('4157360000.0 x12', 'US')).toEqual({
      ok: true,
      number: '+14157360000',
      extension: '12',
    });
    expect(readPhone('01.42.68.53.00', 'FR')).toMatchObject({ number: '+33142685300' });
    expect(readPhone('0491 711234567', 'DE')).toMatchObject({ number: '+49491711234567' });
    expect(readPhone('+49 491 711234567', 'DE')).toMatchObject({ number: '+49491711234567' });
  });

  it('is the number without its decimals, in every country', () => {
    const decimals = fc.constantFrom('.0', ',0', '.00', ',00', '.000000', ' .0');
    fc.assert(
      fc.property(known, decimals, ({ country, text }, end) => {
        expect(readPhone(`${text}${end}`, country)).toEqual(readPhone(text, country));
      }),
      { numRuns: 5000 },
    );
  });

  it('is no number where digits are lost or are none of it', () => {
    fc.assert(
      fc.property(
        known,
        fc.integer({ min: 1, max: 14 }),
        fc.constantFrom('.', ','),
        ({ country, text }, keep, sign) => {
          const digits = text.replace(/^\+|^0/, '');
          const mantissa = `${digits.slice(0, 1)}${sign}${digits.slice(1, keep + 1)}`;
          for (const exponent of [
            `E+${digits.length - 1}`,
            `E${digits.length - 1}`,
            `e+${digits.length - 1}`,
          ]) {
            expect(readPhone(`${mantissa}${exponent}`, country)).toMatchObject({ ok: false });
            expect(readPhone(`${digits}${exponent}`, country)).toMatchObject({ ok: false });
          }
          expect(readPhone(`${digits}.5`, country)).toMatchObject({ ok: false });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('never gains or loses a digit by the signs in it, in every country', () => {
    const signs = fc.array(fc.constantFrom('', '', '', ' ', '-', '.', '/', ' (', ') '), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(known, signs, ({ country, text }, between) => {
        // Zeros alone after the last dot are decimals.
        const grouped = [...text].map(
          (digit, at) => (at < text.length - 4 && at > 0 ? between[at] : '') + digit,
        );
        const read = readPhone(grouped.join(''), country);
        if (read.ok) expect(read).toEqual(readPhone(text, country));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a phone number', () => {
  it.each([
    ['030 901820', 'DE', '+4930901820'],
    ['+49 (0)30 901820', null, '+4930901820'],
    ['(+49) 30 901820', null, '+4930901820'],
    ['tel:+49-30-901820', null, '+4930901820'],
    ['0049 30 901820', null, '+4930901820'],
    ['0049 30 901820', 'US', '+4930901820'],
    ['011 49 30 901820', 'US', '+4930901820'],
    ['(202) 555-0123', 'US', '+12025550123'],
    ['1-202-555-0123', 'US', '+12025550123'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['8 (912) 345-67-89', 'RU', '+79123456789'],
    ['06 1234 5678', 'IT', '+390612345678'],
    ['٠٣٠٩٠١٨٢٠', 'DE', '+4930901820'],
  ])('%s in %s is %s', (text, country, number) => {
    expect(readPhone(text, country)).toEqual({ ok: true, number, extension: null });
  });

  it('keeps the extension apart', () => {
    expect(readPhone('+1 202-555-0123 x42', null)).toEqual({
      ok: true,
      number: '+12025550123',
      extension: '42',
    });
  });

  it.each([
    ['not a phone', 'DE'],
    ['12', 'US'],
    ['12345', 'DE'],
    ['+49', null],
    ['+999 1234567', null],
    ['00', null],
    ['call 030 901820 now', 'DE'],
    ['abc', null],
    ['1'.repeat(100_000), 'DE'],
  ])('%s in %s is none', (text, country) => {
    expect(readPhone(text, country)).toEqual({ ok: false, code: 'phone_invalid' });
  });

  it.each(['030 901820', '(202) 555-0123'])('%s needs a country', (text) => {
    expect(readPhone(text, null)).toEqual({ ok: false, code: 'phone_country_unknown' });
    expect(readPhone(text, 'AQ')).toEqual({ ok: false, code: 'phone_country_unknown' });
  });
});

describe('a phone number with something around it', () => {
  it.each([
    ['p:+919824017356', null, '+919824017356'],
    ["'+49 30 23125000", null, '+493023125000'],
    ['="+49 30 23125000"', null, '+493023125000'],
    ['＋８１ ３ １２３４ ５６７８', null, '+81312345678'],
    ['\u202a+49 30 23125000\u202c', null, '+493023125000'],
    ['Tel.: 030 23125000', 'DE', '+493023125000'],
    ['Mobil 0171 1234567', 'DE', '+491711234567'],
    ['+49 171 1234567 (privat)', null, '+491711234567'],
    ['+49 171 1234567 privat', null, '+491711234567'],
    ['8 067 123 45 67', 'UA', '+380671234567'],
    ['8 (067) 123-45-67', 'UA', '+380671234567'],
    ['+52 1 55 5283 1234', null, '+525552831234'],
    ['1-800-FLOWERS', 'US', '+18003569377'],
    ['0039 06 6982 1234', null, '+390669821234'],
    ['+49 (0)30 23125000', null, '+493023125000'],
  ])('%j in %s is read', (written, country, number) => {
    expect(readPhone(written, country)).toMatchObject({ ok: true, number });
  });

  it.each([
    ['+49 171 1234567 ::: +49 30 23125000', ['+491711234567', '+493023125000']],
    ['+49 171 1234567\n+49 30 23125000', ['+491711234567', '+493023125000']],
    ['+49 171 1234567; x', null],
    ['+49 171 1234567', null],
  ])('may be one of several: %j', (cell, numbers) => {
    expect(readPhoneList(cell, null)).toEqual(numbers);
  });

  it('answers at once whatever is tried on it', () => {
    for (const piece of ['(', 'a ', 'a.', '1-', "'", '="', 'Tel:', ' ('])
      expect(readPhone(piece.repeat(250).slice(0, 250), 'US').ok).toBe(false);
  });
});
