import { spawnSync } from 'node:child_process';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@tidings/testing/eventually.ts';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildServices, compile } from './build-services.mjs';
import { programs } from './programs.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const run = (program: string, path = process.env.PATH) =>
  spawnSync(join(dist, 'run'), [program], { encoding: 'utf8', env: { PATH: path } });

beforeAll(buildServices);

test('every program is started with the memory that the table gives it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'node'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  for (const [name, { semiSpaceMiB }] of Object.entries(programs)) {
    const space = `--max-semi-space-size=${semiSpaceMiB}`;
    expect(run(name, `${folder}:${process.env.PATH}`).stdout).toBe(
      `--enable-source-maps ${space} ${join(dist, name)}.mjs\n`,
    );
  }
});

test('a program that is not known is refused with the names of those that are', () => {
  const { status, stderr } = run('everything');
  expect(status).toBe(64);
  for (const name of Object.keys(programs)) expect(stderr).toContain(name);
});

test('a program is compiled again once a source is newer than it', async () => {
  const name = 'program-of-a-test';
  const path = join(dist, `${name}.mjs`);
  onTestFinished(() =>
    Promise.all([path, `${path}.map`].map((file) => rm(file, { force: true }))).then(() => undefined),
  );
  const compileIt = () => compile({ [name]: 'packages/service-kit/programs.mjs' });
  await compileIt();
  const compiled = await readFile(path, 'utf8');
  await writeFile(path, 'not compiled');
  await compileIt();
  expect(await readFile(path, 'utf8')).toBe('not compiled');
  await utimes(path, 0, 0);
  await compileIt();
  expect(await readFile(path, 'utf8')).toBe(compiled);
});

/** The compiler was a process of its own beside `npm start` for as long as that ran, and woke forty times a second. */
test('no compiler runs on once everything is compiled, also where several compile at once', async () => {
  const names = ['program-of-a-test-1', 'program-of-a-test-2'];
  const paths = names.flatMap((name) => [join(dist, `${name}.mjs`), join(dist, `${name}.mjs.map`)]);
  onTestFinished(() => Promise.all(paths.map((path) => rm(path, { force: true }))).then(() => undefined));
  await Promise.all(names.map((name) => compile({ [name]: 'packages/service-kit/programs.mjs' })));
  await eventually(() => {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' });
    const children = stdout.split('\n').filter((line) => Number.parseInt(line, 10) === process.pid);
    // A process that has ended is listed until whoever started it looks, which may be another test in this process.
    const compilers = children.filter((line) => line.includes('esbuild') && !line.includes('<defunct>'));
    expect(compilers).toEqual([]);
  });
});
