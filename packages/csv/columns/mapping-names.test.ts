import { foldColumnName } from '@tidings/contracts/contacts/fold-column-name.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mappingNames } from './mapping-names.ts';

// Why it exists: of two columns of one name a mapping could speak only together.
it('columns of one name, in any spelling, get numbers that no other column has for its name', () => {
  expect(mappingNames(['Email', 'Name', 'E-Mail', 'email'])).toEqual([
    'Email',
    'Name',
    'E-Mail 2',
    'email 3',
  ]);
  expect(mappingNames(['x', 'x', 'x 2', 'X'])).toEqual(['x', 'x 3', 'x 2', 'X 4']);
  expect(mappingNames(['', '', 'a'])).toEqual(['', '', 'a']);
  const header = fc.array(fc.constantFrom('a', 'A', 'a 2', 'a2', 'a 3', 'b'), { maxLength: 8 });
  fc.assert(
    fc.property(header, (names) => {
      expect(new Set(mappingNames(names).map(foldColumnName)).size).toBe(names.length);
    }),
  );
});
