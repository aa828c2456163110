import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { provision } from './provision.ts';

async function bareMachine(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tidings-provision-test-'));
  vi.stubEnv('PATH', directory);
  vi.stubEnv('JAVA_HOME', '');
  vi.stubEnv('XDG_CACHE_HOME', directory);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

test('where nothing can be installed, all that is missing is named at once, with the way to get it', async () => {
  const directory = await bareMachine();
  const lines: string[] = [];
  const failure = await provision({ kafka: '4.1.1', redis: true, postgres: false }, (line) =>
    lines.push(line),
  ).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'not_installed', retriable: false });
  const message = failure instanceof Error ? failure.message : '';
  for (const words of ['Java 17', 'Maven', 'Redis', 'default-jre-headless maven redis-server'])
    expect(message).toContain(words);
  expect(lines).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});

test('what is not asked for is not looked for', async () => {
  await bareMachine();
  expect(await provision({ kafka: undefined, redis: false, postgres: false }, () => undefined)).toEqual({
    kafka: undefined,
    redis: undefined,
    postgres: undefined,
    nginx: undefined,
  });
});
