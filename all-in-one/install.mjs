// What a fresh clone lacks: the packages of the lock file, and the built pages. Plain JavaScript, since it runs before there is anything.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.tidings-lock');

/** Installs the packages when there are none, or when the lock file has changed since. */
export function ensureInstalled() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('tidings: installing packages (once) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, lock);
}

/** Builds the pages when there are none, or when one of their sources is newer. */
export function ensurePagesBuilt() {
  const built = join(root, 'web-client', 'dist', 'index.html');
  const sources = ['web-client', 'client', 'contracts', 'csv', 'package-lock.json'].map((name) =>
    join(root, name),
  );
  if (existsSync(built) && Math.max(...sources.map(newest)) <= statSync(built).mtimeMs) return;
  console.log('tidings: building the pages …');
  run(process.execPath, [
    join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
    'build',
    'web-client',
    '--logLevel',
    'warn',
  ]);
}

function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  const names = readdirSync(path).filter((name) => name !== 'dist' && !name.includes('.test.'));
  return names.reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

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
