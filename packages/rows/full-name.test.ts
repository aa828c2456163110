import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitFullName } from './full-name.ts';

describe('a whole name', () => {
  it.each([
    ['Ada Lovelace', 'Ada', 'Lovelace'],
    ['  Ada   King  Lovelace ', 'Ada King', 'Lovelace'],
    ['Lovelace, Ada', 'Ada', 'Lovelace'],
    ['van Beethoven, Ludwig', 'Ludwig', 'van Beethoven'],
    ['Ludwig van Beethoven', 'Ludwig', 'van Beethoven'],
    ['Jan van der Berg', 'Jan', 'van der Berg'],
    ['Van Morrison', 'Van', 'Morrison'],
    ['Prof. Dr. Ada Lovelace', 'Ada', 'Lovelace'],
    ['Frau Lovelace', 'Lovelace', ''],
    ['Martin Luther King Jr.', 'Martin Luther', 'King Jr.'],
    ['Ada Lovelace, PhD', 'Ada', 'Lovelace, PhD'],
    ['Ada', 'Ada', ''],
    ['山田 太郎', '太郎', '山田'],
    ['김 민준', '민준', '김'],
    ['山田太郎', '山田太郎', ''],
    ['Тарас Шевченко', 'Тарас', 'Шевченко'],
    ['', '', ''],
  ])('“%s” is split', (cell, firstName, lastName) => {
    expect(splitFullName(cell, false)).toEqual({ firstName, lastName });
  });

  it.each([
    ['Шевченко Тарас Григорович', 'Тарас Григорович', 'Шевченко'],
    ['de la Cruz Juan', 'Juan', 'de la Cruz'],
    ['Lovelace', 'Lovelace', ''],
  ])('“%s” is split where the column says that the family comes first', (cell, firstName, lastName) => {
    expect(splitFullName(cell, true)).toEqual({ firstName, lastName });
  });

  it('loses no word but titles', () => {
    const word = fc.constantFrom('Ada', 'van', 'de', 'King', 'Jr.', '山田', 'Lovelace');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), fc.boolean(), (words, familyFirst) => {
        const { firstName, lastName } = splitFullName(words.join(' '), familyFirst);
        const found = `${firstName} ${lastName}`.split(' ').filter((part) => part !== '');
        expect(found.toSorted()).toEqual(words.toSorted());
      }),
    );
  });
});
