/** Builds what the image holds from what its stages copy, without Docker. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs } from '@tidings/service-kit/programs.mjs';
import { temporaryFolder } from '@tidings/testing/temporary-folder.ts';
import { describe, expect, test } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name), 'utf8');

describe('Dockerfile', () => {
  const stages = readStages(read('Dockerfile'));

  test('builds the programs and the pages from what it copies, and takes what it builds', async () => {
    const folder = await temporaryFolder();
    for (const stage of ['manifests', 'build'])
      for (const { sources, target } of stages[stage]?.copies ?? []) copyIntoImage(sources, target, folder);
    linkInstalled(folder);
    const build = spawnSync('npm', ['run', 'build'], { cwd: folder, encoding: 'utf8' });
    expect(build.status, build.stdout + build.stderr).toBe(0);
    const runtime = stages.runtime?.copies.filter(({ from }) => from === 'build') ?? [];
    const taken = runtime.flatMap(({ sources }) => sources.map((source) => source.replace('/app/', '')));
    expect(taken.sort()).toEqual(['dist', 'web-client/dist']);
    const programFiles = Object.keys(programs).map((name) => `dist/${name}.mjs`);
    const pages = ['index.html', 'embed/tidings-import.js'].map((name) => `web-client/dist/${name}`);
    const built = ['dist/run', ...programFiles, ...pages];
    expect(built.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  }, 240_000);

  // Without one of them `npm ci` refuses the lock file, and packages that only it uses are not installed.
  test('copies the manifest of every workspace', () => {
    const copied = stages.manifests?.copies.flatMap(({ sources }) => sources) ?? [];
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, unknown> };
    const workspaces = Object.keys(packages).filter((name) => name !== '' && !name.includes('node_modules'));
    const manifests = workspaces.map((name) => `${name}/package.json`);
    expect(copied).toEqual(expect.arrayContaining(manifests));
    expect(manifests.filter(isLeftOut)).toEqual([]);
  });

  test('runs what was built, as a user who is not root', () => {
    expect(stages.runtime?.lines).toContain('USER node');
    expect(stages.runtime?.lines).toContain('ENTRYPOINT ["/app/dist/run"]');
  });
});

interface Stage {
  readonly lines: readonly string[];
  readonly copies: readonly { from: string | null; sources: string[]; target: string }[];
}

function readStages(dockerfile: string): Readonly<Record<string, Stage>> {
  const [, ...parts] = dockerfile.split(/^FROM \S+ AS /m);
  return Object.fromEntries(
    parts.map((part) => {
      const [name = '', ...lines] = part.split('\n');
      const copies = lines
        .filter((line) => line.startsWith('COPY '))
        .map((line) => {
          const [, from = null, rest = ''] = /^COPY (?:--from=(\S+) )?(.*)$/.exec(line) ?? [];
          const paths = rest.split(' ');
          return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
        });
      return [name, { lines, copies }];
    }),
  );
}

/** What `.dockerignore` says of a path: the last pattern that fits it, or a folder above it, decides. */
const isLeftOut = (() => {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const pattern = line.replace(/^!/, '').replaceAll('.', '\\.');
      const expression = pattern.replace(/^\*\*\//, '(.*/)?').replaceAll(/(?<![.)])\*/g, '[^/]*');
      return { isIn: line.startsWith('!'), expression: new RegExp(`^${expression}(/|$)`) };
    });
  return (name: string) =>
    rules.reduce((out, { isIn, expression }) => (expression.test(name) ? !isIn : out), false);
})();

/** COPY: a folder's contents into the target, a file into the target where that ends with a slash. */
function copyIntoImage(sources: readonly string[], target: string, folder: string): void {
  for (const source of sources) {
    const isFolder = statSync(path(source)).isDirectory();
    const to = isFolder || !target.endsWith('/') ? target : join(target, basename(source));
    cpSync(path(source), join(folder, to), {
      recursive: true,
      // A folder may be left out while something in it is not.
      filter: (file) =>
        statSync(file).isDirectory()
          ? !/node_modules$|\/dist$/.test(file)
          : !isLeftOut(relative(path(''), file)),
    });
  }
}

/** What `npm ci` would install: the packages of others as they stand here, and links to our own as they were copied. */
function linkInstalled(folder: string): void {
  const [from, to] = [path('node_modules'), join(folder, 'node_modules')];
  mkdirSync(join(to, '@tidings'), { recursive: true });
  for (const name of readdirSync(from).filter((each) => each !== '@tidings'))
    symlinkSync(join(from, name), join(to, name));
  for (const name of readdirSync(join(from, '@tidings')))
    symlinkSync(
      relative(from, realpathSync(join(from, '@tidings', name))).replace(/^/, '../'),
      join(to, '@tidings', name),
    );
}
