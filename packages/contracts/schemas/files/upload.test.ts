import { expect, test } from 'vitest';
import { uploadFieldsSchema } from './upload.ts';

// `UK` was taken as it stood, which no country has: each number without a country was rejected.
test.each([
  ['UK', 'GB'],
  ['uk', 'GB'],
  ['EL', 'GR'],
  ['de', 'DE'],
  ['XK', 'XK'],
])('the default country %s is %s', (defaultCountry, code) => {
  expect(uploadFieldsSchema.parse({ defaultCountry })).toEqual({ defaultCountry: code });
});

test.each(['XX', 'ZZ', 'EU', 'EN', 'Germany', ''])('the default country %j is refused', (defaultCountry) => {
  expect(uploadFieldsSchema.safeParse({ defaultCountry }).success).toBe(false);
});
