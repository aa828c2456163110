// Compiles programs into one file each, `dist/<program>.mjs`. A process that compiles its own TypeScript takes some 80 MB more and
// starts more slowly. This file is plain JavaScript, because nothing is compiled before it runs.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs, runScript, serviceNames } from './programs.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Compilations that run now. */
let compilations = 0;

/** Compiles every program that runs as a process of its own, and writes `dist/run`, which starts each. */
export async function buildServices() {
  await compile(Object.fromEntries(Object.entries(programs).map(([name, { entry }]) => [name, entry])));
  replaceFile(join(root, 'dist', 'run'), Buffer.from(runScript()), 0o755);
}

/**
 * Compiles what has changed since the last time, so each start calls it. A file is replaced as a whole, and only where its
 * content differs: other processes may be starting from it. The files stand one level below the root, like their sources, so that
 * paths relative to them stay true.
 * @param {Readonly<Record<string, string>>} entryPoints paths from the root, by the names of the files in `dist/` without `.mjs`
 */
export async function compile(entryPoints) {
  const startedAt = new Date();
  const rooms = Object.values(entryPoints).map((entry) => entry.split('/')[0] ?? '');
  const sources = new Set(['package-lock.json', 'packages', ...serviceNames, ...rooms]);
  const changedAt = Math.max(...[...sources].map((name) => lastChange(join(root, name))));
  const programFiles = Object.keys(entryPoints).map((name) => join(root, 'dist', `${name}.mjs`));
  if (programFiles.every((path) => existsSync(path) && statSync(path).mtimeMs > changedAt)) return;
  // Most starts compile nothing, and need no compiler.
  const { build, stop } = await import('esbuild');
  compilations += 1;
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
  }).finally(() => {
    compilations -= 1;
    // The compiler is a process of its own, which would stay for as long as this one runs.
    if (compilations === 0) return stop();
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
  // What changes while it compiles is newer.
  for (const path of programFiles) utimesSync(path, startedAt, startedAt);
}

/**
 * Of inodes, because a file that is moved or unpacked may bring an old time of its content along.
 * @param {string} path
 * @returns {number} when a file at or below the path last changed: milliseconds since 1970
 */
function lastChange(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.ctimeMs;
  const names = readdirSync(path).filter(
    (name) => !['node_modules', 'dist'].includes(name) && !name.includes('.test.'),
  );
  return names.reduce((latest, name) => Math.max(latest, lastChange(join(path, name))), stats.ctimeMs);
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
