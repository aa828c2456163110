import { ATTRIBUTE_PREFIX } from '@tidings/contracts/contacts/contact.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imageFields } from '../contact-image.ts';
import { packFieldRows, unpackFieldRows } from './field-rows.ts';

const attribute = fc
  .oneof(fc.string(), fc.constantFrom('__proto__', 'firstName', ''))
  .map((name) => ATTRIBUTE_PREFIX + name);
const fieldRows = fc.dictionary(fc.oneof(fc.constantFrom(...imageFields), attribute), fc.nat(3), {
  noNullPrototype: true,
});

test('the rows of fields and attributes come back as they were', () => {
  fc.assert(
    fc.property(fieldRows, (rows) => {
      expect(unpackFieldRows(JSON.parse(JSON.stringify(packFieldRows(rows))))).toEqual(rows);
    }),
    { numRuns: 1_000 },
  );
});

test('all fields that one row has set are packed as one group', () => {
  const rows = { ...Object.fromEntries(imageFields.map((field) => [field, 7])), 'attributes.notes': 7 };
  expect(packFieldRows(rows)).toEqual([[7, 2 ** imageFields.length - 1, 'notes']]);
});

test('the bits that a database already keeps mean the same fields', () => {
  const names = ['firstName', 'lastName', 'phone', 'company', 'country', 'timeZone'];
  for (const [bit, name] of names.entries()) expect(unpackFieldRows([[7, 1 << bit]])).toEqual({ [name]: 7 });
});
