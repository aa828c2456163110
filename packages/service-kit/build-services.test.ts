import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { beforeAll, expect, test } from 'vitest';
import { buildServices } from './build-services.mjs';
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
