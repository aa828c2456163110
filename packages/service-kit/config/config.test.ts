import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mistakesIn } from '@tidings/testing/services/config-mistakes.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, test } from 'vitest';
import { authVariables } from './auth-variables.ts';
import { commonVariables, readConfig } from './config.ts';
import { siteVariables } from './site-variables.ts';

describe('settings from the environment', () => {
  test('have defaults, and take what is set', () => {
    expect(readConfig(commonVariables, {})).toEqual({
      PORT: 3000,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      SHUTDOWN_TIMEOUT_MS: 10_000,
    });
    expect(readConfig(commonVariables, { PORT: '0', HOST: '' })).toMatchObject({
      PORT: 0,
      HOST: '127.0.0.1',
    });
  });

  test('list every mistake at once, each naming its variable', () => {
    const environment = {
      PORT: '70000',
      LOG_LEVEL: 'loud',
      AUTH_SECRET: 'short',
      ALLOWED_ORIGINS: 'https://a.example/path',
    };
    const shape = { ...commonVariables, ...authVariables, ...siteVariables };
    const mistakes = mistakesIn(() => readConfig(shape, environment));
    expect(mistakes).toHaveLength(5);
    for (const name of ['PORT', 'LOG_LEVEL', 'AUTH_SECRET', 'SUPPORT_TOKEN', 'ALLOWED_ORIGINS']) {
      expect(mistakes.some((mistake) => mistake.startsWith(`${name} `))).toBe(true);
    }
  });

  test('take secrets from files, and refuse one that is given twice or cannot be read', async () => {
    const directory = await temporaryFolder();
    const path = join(directory, 'secret');
    writeFileSync(path, `${'s'.repeat(40)}\n`);
    const rest = { SUPPORT_TOKEN: 't'.repeat(20) };
    expect(readConfig(authVariables, { ...rest, AUTH_SECRET_FILE: path }).AUTH_SECRET).toEqual([
      's'.repeat(40),
    ]);
    expect(
      mistakesIn(() => readConfig(authVariables, { ...rest, AUTH_SECRET_FILE: path, AUTH_SECRET: 'x' })),
    ).toEqual(['AUTH_SECRET and AUTH_SECRET_FILE are both set: keep one']);
    expect(
      mistakesIn(() => readConfig(authVariables, { ...rest, AUTH_SECRET_FILE: `${path}-missing` }))[0],
    ).toMatch(/^AUTH_SECRET_FILE names a file that cannot be read/);
  });
});
