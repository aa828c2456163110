import { foldCountryName } from '@tidings/contracts/reference.ts';
import { countrySchema } from '@tidings/contracts/schemas/reference.ts';
import { describe, expect, it } from 'vitest';
import { seedCountries } from './countries.ts';

const seed = seedCountries();
const byName = new Map(
  seed.flatMap(({ code, name, aliases }) =>
    [code, name, ...aliases].map((text) => [foldCountryName(text), code] as const),
  ),
);

describe('the seed', () => {
  it('holds each country once, in the shape of the contract', () => {
    expect(seed.length).toBe(250);
    expect(new Set(seed.map(({ code }) => code)).size).toBe(seed.length);
    for (const country of seed) expect(() => countrySchema.parse(country)).not.toThrow();
  });

  it('gives no name to two countries', () => {
    const owners = new Map<string, string>();
    for (const { code, name, aliases } of seed) {
      for (const folded of new Set([code, name, ...aliases].map(foldCountryName))) {
        expect([folded, owners.get(folded) ?? code]).toEqual([folded, code]);
        owners.set(folded, code);
      }
    }
  });

  it('keeps the name and the alpha-3 code of every country', () => {
    for (const { code, name } of seed) expect(byName.get(foldCountryName(name))).toBe(code);
    for (const [alpha3, code] of [
      ['DEU', 'DE'],
      ['GBR', 'GB'],
      ['NGA', 'NG'],
      ['TCD', 'TD'],
      ['XKX', 'XK'],
    ] as const) {
      expect(byName.get(foldCountryName(alpha3))).toBe(code);
    }
    expect(byName.has('unk')).toBe(false);
  });

  it.each([
    ['UK', 'GB'],
    ['u.k.', 'GB'],
    ['England', 'GB'],
    ['USA', 'US'],
    ['U.S.A.', 'US'],
    ['united states of america', 'US'],
    ['Holland', 'NL'],
    ['The Netherlands', 'NL'],
    ['Deutschland', 'DE'],
    ['Frankreich', 'FR'],
    ['Allemagne', 'DE'],
    ['ÖSTERREICH', 'AT'],
    ['Osterreich', 'AT'],
    ['Czech Republic', 'CZ'],
    ['Česko', 'CZ'],
    ['España', 'ES'],
    ['espana', 'ES'],
    ["Cote d'Ivoire", 'CI'],
    ['Côte d’Ivoire', 'CI'],
    ['Ivory Coast', 'CI'],
    ['South Korea', 'KR'],
    ['Türkiye', 'TR'],
    ['Turkey', 'TR'],
    ['Россия', 'RU'],
    ['日本', 'JP'],
    ['Bosnia & Herzegovina', 'BA'],
    ['Sudan', 'SD'],
    ['Guyana', 'GY'],
    ['Federal Republic of Germany', 'DE'],
    ['Korea (Republic of)', 'KR'],
    ['Iran (Islamic Republic of)', 'IR'],
    ['Bolivia, Plurinational State of', 'BO'],
    ['Viet Nam', 'VN'],
    ['Saint Kitts and Nevis', 'KN'],
    ['Trinidad and Tobago', 'TT'],
    ['St. Lucia', 'LC'],
    ['Saint Lucia', 'LC'],
    ['Hong Kong', 'HK'],
    ['Palestine', 'PS'],
    ['Myanmar', 'MM'],
    ['Burma', 'MM'],
    ['Vereinigte Staaten', 'US'],
    ['États-Unis', 'US'],
    ['EEUU', 'US'],
    ['EE. UU.', 'US'],
    ['D', 'DE'],
    ['A', 'AT'],
    ['Србија', 'RS'],
    ['Німеччина', 'DE'],
    ['ประเทศไทย', 'TH'],
    ['Schweiz', 'CH'],
    ['Suisse', 'CH'],
    ['Tschechien', 'CZ'],
    ['Weissrussland', 'BY'],
    ['Wielka Brytania', 'GB'],
    ['Grækenland', 'GR'],
    ['मॉरीशस', 'MU'],
    ['中国', 'CN'],
    ['대한민국', 'KR'],
    ['السعودية', 'SA'],
  ])('knows %s as %s', (text, code) => {
    expect(byName.get(foldCountryName(text))).toBe(code);
  });

  it('has no name that means two countries', () => {
    // Polish and Danish have one name for both Congos.
    expect(byName.get(foldCountryName('Kongo'))).toBeUndefined();
  });

  it.each([
    ['DE', '49'],
    ['US', '1'],
    ['GB', '44'],
    ['XK', '383'],
    ['AQ', null],
  ])('has the calling code of %s', (code, callingCode) => {
    expect(seed.find((country) => country.code === code)?.callingCode).toBe(callingCode);
  });
});
