import fc from 'fast-check';
import examples from 'libphonenumber-js/examples.mobile.json';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { readAnyPhone, readPhone } from './phone.ts';
import { readCommonShape } from './phone-plans.ts';

const countries = getCountries();

/** A number near a real one of some country, as people write it, read with the country, another one, or none. */
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
  it('answers what the library answers, or leaves it to the library', () => {
    fc.assert(
      fc.property(written, ({ text, home }) => {
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
