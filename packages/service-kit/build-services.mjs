// Compiles programs into one file each, `dist/<program>.mjs`. A process that compiles its own TypeScript takes some 80 MB more and
// starts more slowly. This file is plain JavaScript, because nothing is compiled before it runs.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { programs, runScript, serviceNames } from './programs.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles every program that runs as a process of its own, and writes `dist/run`, which starts each. */
export async function buildServices() {
  await compile(Object.fromEntries(Object.entries(programs).map(([name, { entry }]) => [name, entry])));
  replaceFile(join(root, 'dist', 'run'), Buffer.from(runScript()), 0o755);
}

/**
 * Compiles in a fraction of a second, so each start does it anew. A file is replaced as a whole, and only where its
 * content differs: other processes may be starting from it. The files stand one level below the root, like their sources, so that
 * paths relative to them stay true.
 * @param {Readonly<Record<string, string>>} entryPoints paths from the root, by the names of the files in `dist/` without `.mjs`
 */
export async function compile(entryPoints) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: join(root, 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    alias: ownPackages(),
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: 'error',
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
}

/** Packages of ours are bundled; packages of others are not. */
function ownPackages() {
  const folders = [
    ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
    ...serviceNames,
  ];
  return Object.fromEntries(folders.map((folder) => [`@tidings/${basename(folder)}`, join(root, folder)]));
}

/**
 * @param {string} path
 * @param {Uint8Array} contents
 * @param {number} mode
 */
function replaceFile(path, contents, mode = 0o644) {
  if (readIfThere(path)?.equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const written = join(dirname(path), `.${process.pid}.${basename(path)}`);
  writeFileSync(written, contents, { mode });
  renameSync(written, path);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildServices();
