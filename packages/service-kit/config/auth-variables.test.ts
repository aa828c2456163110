import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mistakesIn } from '@tidings/testing/services/config-mistakes.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, test } from 'vitest';
import { authVariables, checkAuthVariables, tokenSettings } from './auth-variables.ts';
import { readConfig } from './config.ts';

const [first, second, support] = ['a'.repeat(32), 'b'.repeat(32), 's'.repeat(32)];
const rest = { AUTH_SECRET: first, SUPPORT_TOKEN: support };
const read = (environment: Record<string, string>) =>
  tokenSettings(readConfig(authVariables, { ...rest, ...environment }, checkAuthVariables));

const mistakesOf = (environment: Record<string, string>) => mistakesIn(() => read(environment));

describe('our own secrets', () => {
  test('two may verify, of which the first signs', () => {
    expect(read({})).toMatchObject({ authSecret: first, verifyingSecrets: [], supportToken: support });
    expect(read({ AUTH_SECRET: `${first}, ${second}` })).toMatchObject({
      authSecret: first,
      verifyingSecrets: [second],
    });
  });

  test('may stand in a file, one in a line', async () => {
    const directory = await temporaryFolder();
    const path = join(directory, 'secrets');
    writeFileSync(path, `${second}\r\n${first}\n`);
    expect(read({ AUTH_SECRET: '', AUTH_SECRET_FILE: path })).toMatchObject({
      authSecret: second,
      verifyingSecrets: [first],
    });
  });

  test.each([
    [`${first},short`, 'AUTH_SECRET must have at least 32 characters'],
    [`${first},${second},${'c'.repeat(32)}`, 'AUTH_SECRET must hold at most 2 secrets, parted by a comma'],
    [`${first},${first}`, 'AUTH_SECRET holds the same secret twice'],
  ])('that do not fit are refused: %s', (value, mistake) => {
    expect(mistakesOf({ AUTH_SECRET: value })).toEqual([mistake]);
  });

  test.each([
    [{ SUPPORT_TOKEN: first }, 'AUTH_SECRET and SUPPORT_TOKEN hold'],
    [{ AUTH_SECRET: `${second},${support}` }, 'AUTH_SECRET and SUPPORT_TOKEN hold'],
    [{ PUBLISH_API_KEY: first }, 'AUTH_SECRET and PUBLISH_API_KEY hold'],
    [{ PUBLISH_API_KEY: support }, 'SUPPORT_TOKEN and PUBLISH_API_KEY hold'],
    [{ USER_JWT_SECRET: first }, 'AUTH_SECRET and USER_JWT_SECRET hold'],
    [{ USER_JWT_SECRET: support }, 'SUPPORT_TOKEN and USER_JWT_SECRET hold'],
  ])('must differ from each other, in one line that does not tell them', (environment, mistake) => {
    const mistakes = mistakesOf(environment);
    expect(mistakes).toEqual([`${mistake} the same secret: each needs one of its own`]);
  });
});

test('an API key has 32 characters or more, and may be left out', () => {
  expect(read({}).publishApiKey).toBeUndefined();
  expect(read({ PUBLISH_API_KEY: second }).publishApiKey).toBe(second);
  expect(mistakesOf({ PUBLISH_API_KEY: 'k'.repeat(31) })).toEqual([
    'PUBLISH_API_KEY must have at least 32 characters',
  ]);
});

describe('the login', () => {
  const names = { USER_JWT_AUDIENCE: 'tidings', USER_JWT_ISSUER: 'https://login.example' };

  test('with published keys must name audience and issuer', () => {
    const USER_JWKS_URL = 'https://login.example/keys';
    expect(mistakesOf({ USER_JWKS_URL }).map((mistake) => mistake.split(' ')[0])).toEqual(Object.keys(names));
    expect(read({ USER_JWKS_URL, ...names })).toMatchObject({
      userJwksUrl: USER_JWKS_URL,
      userJwtAudience: 'tidings',
      userJwtIssuer: 'https://login.example',
    });
  });

  test.each([
    ['http://login.example/keys', 1],
    ['http://127.0.0.1.example.org/keys', 1],
    ['ftp://login.example/keys', 1],
    ['https://login.example/keys', 0],
    ['http://127.0.0.1:8080/keys', 0],
    ['http://localhost/keys', 0],
    ['http://[::1]:8080/keys', 0],
  ])('fetches keys over https but from this machine: %s', (USER_JWKS_URL, count) => {
    const mistakes = mistakesOf({ USER_JWKS_URL, ...names });
    expect(mistakes).toHaveLength(count);
    for (const mistake of mistakes) expect(mistake).toMatch(/^USER_JWKS_URL must be an https address/);
  });

  test('has a secret or published keys; both, or audience and issuer alone, are mistakes', () => {
    const USER_JWT_SECRET = 'u'.repeat(32);
    expect(mistakesOf({ USER_JWT_SECRET })).toEqual([]);
    expect(mistakesOf({ USER_JWT_SECRET, ...names })).toEqual([]);
    expect(
      mistakesOf({ USER_JWT_SECRET, USER_JWKS_URL: 'https://login.example/keys', ...names }),
    ).toHaveLength(1);
    expect(mistakesOf(names)).toHaveLength(2);
  });
});
