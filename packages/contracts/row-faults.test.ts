import { expect, test } from 'vitest';
import { parametersOf, reasonOf } from './row-faults.ts';

test('a reason has a sentence for each code, with what is counted', () => {
  const columns = ['email', 'phone', 'attributes.notes'];
  const few = parametersOf(['too_few_cells'], 1, columns);
  expect(reasonOf(['too_few_cells'], few)).toBe(
    'The row has fewer cells than the header. It has 1, the header 3.',
  );
  const codes = ['email_missing', 'phone_invalid'] as const;
  const parameters = parametersOf(codes, 3, columns);
  expect(parameters).toEqual({ email_missing: { column: 0 }, phone_invalid: { column: 1 } });
  expect(reasonOf(codes, parameters)).toBe('The e-mail address is missing. The phone number is not valid.');
});

test('a damaged record whose number of cells is right is not counted', () => {
  expect(parametersOf(['too_few_cells', 'too_many_cells'], 2, ['email', ''])).toEqual({});
});

test('rows that earlier releases kept have sentences without parameters', () => {
  expect(reasonOf(['too_many_cells', 'email_invalid'], {})).toBe(
    'The row has more cells than the header. The e-mail address is not valid.',
  );
});
