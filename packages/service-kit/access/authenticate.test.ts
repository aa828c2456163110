import { createServer } from 'node:http';
import { startTestServer } from '@tidings/testing/connections/test-server.ts';
import { signUserToken } from '@tidings/testing/connections/user-token.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express, { type Request } from 'express';
import { expect, test } from 'vitest';
import { answerProblems } from '../http/problem.ts';
import { authenticate, preferredWait, prefersStrict } from './authenticate.ts';
import { RequestRates } from './rates.ts';
import { createTokenAuthority } from './tokens.ts';

// What is no whole number was read up to its first other character: `wait=1e1` as one second.
test.each([
  ['wait=10', 10],
  ['handling=strict, Wait = "5"', 5],
  ['wait=7;foo=bar, wait=30', 7],
  ['wait=99999999999999999999', 60],
  ['wait=0', 0],
  ['wait=1e1', null],
  ['wait=1.5', null],
  ['wait=-5', null],
  ['wait="5', null],
  ['wait=', null],
  ['await=5', null],
])('Prefer: %s is a wait of %s seconds', (prefer, seconds) => {
  const request = { get: () => prefer } as unknown as Request;
  expect(preferredWait(request)).toBe(seconds);
});

// The last one counted, where RFC 7240 takes the first.
test.each([
  ['handling=strict', true],
  ['wait=0, Handling = "Strict"', true],
  ['handling=lenient, handling=strict', false],
  ['handling=strictly', false],
  ['mishandling=strict', false],
])('Prefer: %s is strict: %s', (prefer, isStrict) => {
  expect(prefersStrict({ get: () => prefer } as unknown as Request)).toBe(isStrict);
});

// A user token was answered 401 `token_invalid`, after which a client forgets its token, and counted as a failed authentication.
test('a person’s own token fits no route of bearers, and is no failed authentication; an altered one is', async () => {
  const userJwtSecret = 'the-secret-of-the-login-0123456789';
  const tokens = createTokenAuthority({
    ...{
      authSecret: 'the-secret-of-the-tests-0123456789',
      supportToken: 'support-token-of-the-tests',
      userJwtSecret,
    },
  });
  const rates = new RequestRates({ failuresPerMinute: 2, freeFailuresPerMinute: 2 });
  const app = express()
    .get('/', authenticate(tokens, rates), (_request, response) => void response.json('in'))
    .use(answerProblems(silentLogger));
  const { url } = await startTestServer(createServer(app));
  const ask = async (token: string) =>
    (await fetch(`${url}/`, { headers: { Authorization: `Bearer ${token}` } })).status;
  const person = signUserToken('mira', userJwtSecret);
  const statuses = [await ask(person), await ask(person), await ask(person)];
  expect(statuses).toEqual([404, 404, 404]);
  const altered = signUserToken('mira', `${userJwtSecret}x`);
  expect([await ask(altered), await ask(altered), await ask(altered)]).toEqual([401, 401, 429]);
  expect(await ask(person)).toBe(404);
});
