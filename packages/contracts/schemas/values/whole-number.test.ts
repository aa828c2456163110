import { expect, test } from 'vitest';
import { uploadFieldsSchema } from '../files/upload.ts';
import { pageQuerySchema } from '../http.ts';

test.each([
  ['7', 7],
  [7, 7],
  ['500', 500],
  [undefined, 50],
])('limit=%j is %j', (limit, expected) => {
  expect(pageQuerySchema.parse({ limit })).toEqual({ limit: expected });
});

// Each of them was a number, and another one than its reader may have meant.
test.each([
  '',
  ' ',
  '02',
  '2.0',
  '2e1',
  '+2',
  '-2',
  '0x2',
  ' 2',
  '2 ',
  '２',
  '0',
  '501',
  '9'.repeat(400),
  ['2'],
  true,
])('limit=%j is refused', (limit) => {
  expect(pageQuerySchema.safeParse({ limit }).error?.issues).toMatchObject([{ path: ['limit'] }]);
});

test('a header line may be 0, and not nothing', () => {
  expect(uploadFieldsSchema.parse({ headerLine: '0' })).toEqual({ headerLine: 0 });
  expect(uploadFieldsSchema.safeParse({ headerLine: '' }).success).toBe(false);
});
