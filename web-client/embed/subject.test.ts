import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { expect, test } from 'vitest';
import { subjectOf } from './subject.ts';

const payload = (claims: unknown) => Buffer.from(JSON.stringify(claims)).toString('base64url');

test('is read from a token, also where it is no ASCII and base64url is no base64', async () => {
  expect(subjectOf(await signUserToken('ann', 'a login secret of 32 characters.'))).toBe('ann');
  expect(subjectOf(`h.${payload({ sub: 'Олена ÿ?>' })}.s`)).toBe('Олена ÿ?>');
});

test.each([
  '',
  'opaque',
  'a.b.c',
  `h.${payload({})}.s`,
  `h.${payload({ sub: 7 })}.s`,
  `h.${payload(null)}.s`,
])('is not known where %j does not say it', (token) => expect(subjectOf(token)).toBeNull());
