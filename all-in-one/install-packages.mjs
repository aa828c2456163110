// Installs the packages of the lock file and builds the pages where they are missing. Plain JavaScript, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs the packages of the lock file, unless exactly these are installed. */
export function ensureInstalled() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages(join('node_modules', '.package-lock.json'));
  const isThere = (/** @type {[path: string, wanted: LockedPackage]} */ [path, { version, optional }]) =>
    path === '' || optional || (installed[path] !== undefined && installed[path].version === version);
  if (Object.entries(wanted).every(isThere)) return;
  console.log('tidings: installing packages (once) …');
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** @typedef {{ readonly version?: string, readonly optional?: boolean }} LockedPackage */

/**
 * By path: what npm wrote down, of what is wanted or of what it has installed.
 * @param {string} name of the lock file
 * @returns {Record<string, LockedPackage>}
 */
function readPackages(name) {
  const path = join(root, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

/** Builds the pages, and the script of the element last of all, when that is not there, or when one of their sources is newer. */
export function ensurePagesBuilt() {
  const built = join(root, 'web-client', 'dist', 'embed', 'tidings-import.js');
  const sources = [
    'web-client',
    'packages/client',
    'packages/contracts',
    'packages/csv',
    'package-lock.json',
  ].map((name) => join(root, name));
  if (existsSync(built) && Math.max(...sources.map(newest)) <= statSync(built).mtimeMs) return;
  console.log('tidings: building the pages …');
  run(process.execPath, [join(root, 'web-client', 'build.mjs')]);
}

/**
 * @param {string} path
 * @returns {number} when a file at or below the path last changed: milliseconds since 1970
 */
function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'dist' && !name.includes('.test.'));
  return names.reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/**
 * @param {string} command
 * @param {readonly string[]} commandArguments
 */
function run(command, commandArguments) {
  const { status, error } = spawnSync(command, commandArguments, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) return;
  console.error(
    `tidings: \`${command} ${commandArguments.join(' ')}\` failed${error ? `: ${error.message}` : ''}`,
  );
  process.exit(1);
}
