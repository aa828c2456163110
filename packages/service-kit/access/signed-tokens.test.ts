import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { readSignedToken, signingKey, signToken } from './signed-tokens.ts';

const secret = 's'.repeat(32);
const key = signingKey(secret);
const bytes = new TextEncoder().encode(secret);
const claims = { owner: 'mira', exp: 4_000_000_000 };

/** Signed by our secret, whatever it is. */
function signText(header: string, payload: string): string {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

test('a library of JWTs reads what we sign, and we read what it signs', async () => {
  const { payload, protectedHeader } = await jwtVerify(signToken('a+jwt', claims, key), bytes);
  expect([protectedHeader, payload]).toEqual([{ alg: 'HS256', typ: 'a+jwt' }, claims]);
  const theirs = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'a+jwt' }).sign(bytes);
  expect(readSignedToken(theirs, [key])).toEqual({ typ: 'a+jwt', claims });
});

test('each of the keys may have signed it', () => {
  const other = signingKey('o'.repeat(32));
  const token = signToken('a', claims, other);
  expect(readSignedToken(token, [key, other])?.claims).toEqual(claims);
  expect(readSignedToken(token, [key])).toBeNull();
});

test('one changed, added or missing character makes it nobody’s', () => {
  const token = signToken('a+jwt', claims, key);
  const at = fc.nat({ max: token.length });
  const character = fc.constantFrom(...'aZ09-_.=+/ \n€');
  fc.assert(
    fc.property(at, fc.boolean(), fc.option(character, { nil: '' }), (place, replaces, put) => {
      const changed = token.slice(0, place) + put + token.slice(place + (replaces ? 1 : 0));
      fc.pre(changed !== token);
      expect(readSignedToken(changed, [key])).toBeNull();
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['of another algorithm', signText('{"alg":"none","typ":"a"}', '{}')],
  ['that demands what we do not know', signText('{"alg":"HS256","crit":["b64"],"b64":false}', '{}')],
  ['whose claims are no object', signText('{"alg":"HS256"}', '[]')],
  ['whose header is no JSON', signText('alg', '{}')],
  ['without a signature', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
  ['that is no token', 'nonsense'],
  ['that is empty', ''],
])('a token %s is refused', (_name, token) => {
  expect(readSignedToken(token, [key])).toBeNull();
});
