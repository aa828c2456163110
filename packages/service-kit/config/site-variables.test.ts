import { mistakesIn } from '@tidings/testing/services/config-mistakes.ts';
import { describe, expect, test } from 'vitest';
import { commonVariables, readConfig } from './config.ts';
import { checkSite, siteOf, siteVariables } from './site-variables.ts';

type Environment = Readonly<Record<string, string>>;

const read = (environment: Environment) => readConfig({ ...commonVariables, ...siteVariables }, environment);

const mistakesOf = (environment: Environment) => mistakesIn(() => read(environment));

describe('the names of a server', () => {
  const loopback = ['localhost', '127.0.0.1', '[::1]'];
  test.each<[Environment, string[]]>([
    [{}, []],
    [{ HOST: '0.0.0.0' }, []],
    [{ HOST: '::' }, []],
    [{ HOST: '::1' }, []],
    [{ HOST: '192.0.2.7' }, ['192.0.2.7']],
    [{ HOST: '2001:db8::7' }, ['[2001:db8::7]']],
    [{ HOST: 'Inside' }, ['inside']],
    [{ PUBLIC_URL: 'https://Tidings.example:8443/here' }, ['tidings.example']],
    [{ ALLOWED_ORIGINS: 'https://a.example, http://b.example:81' }, ['a.example', 'b.example']],
    [
      { ALLOWED_HOSTS: 'A.example, bücher.example,[2001:DB8::7],' },
      ['a.example', 'xn--bcher-kva.example', '[2001:db8::7]'],
    ],
  ])('%j: those of loopback, and %j', (environment, names) => {
    expect([...siteOf(read(environment)).hosts]).toEqual([...loopback, ...names]);
  });

  test.each(['https://a.example', 'a.example:80', 'a.example/x', '*.example', 'a b', 'x@a.example'])(
    'are no %s',
    (ALLOWED_HOSTS) => {
      expect(mistakesOf({ ALLOWED_HOSTS })).toEqual([
        'ALLOWED_HOSTS must hold host names such as tidings.example.org, parted by commas',
      ]);
    },
  );
});

test('what a listed page is, and whether people come by https', () => {
  const site = siteOf(
    read({ PUBLIC_URL: 'https://tidings.example/', ALLOWED_ORIGINS: 'http://shop.example' }),
  );
  expect([...site.origins]).toEqual(['http://shop.example', 'https://tidings.example']);
  expect(site.isHttps).toBe(true);
  expect(siteOf(read({ PUBLIC_URL: 'http://tidings.example' })).isHttps).toBe(false);
});

describe('a network, without a login', () => {
  const refusal = (host: string) =>
    `HOST ${host} is open to a network, and nobody has to sign in: set USER_JWT_SECRET or USER_JWKS_URL, ` +
    'or ALLOW_ANYONE=true if whoever reaches it may see and change everything';

  test.each(['0.0.0.0', '::', '192.0.2.7', 'tidings.example', '127.0.0.1.evil.example', '::ffff:127.0.0.1'])(
    'on %s is refused, unless it is meant',
    (HOST) => {
      expect(checkSite({ HOST })).toEqual([refusal(HOST)]);
      expect(checkSite({ HOST, ALLOW_ANYONE: 'false' })).toEqual([refusal(HOST)]);
      expect(checkSite({ HOST, ALLOW_ANYONE: 'true' })).toEqual([]);
      expect(checkSite({ HOST, USER_JWT_SECRET: 's' })).toEqual([]);
      expect(checkSite({ HOST, USER_JWKS_URL: 'u' })).toEqual([]);
    },
  );

  test.each([undefined, '127.0.0.1', '127.1.2.3', 'localhost', '::1', '0:0:0:0:0:0:0:1'])(
    'is none on %s',
    (HOST) => {
      expect(checkSite(HOST === undefined ? {} : { HOST })).toEqual([]);
    },
  );
});
