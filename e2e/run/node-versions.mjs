// Provides other versions of Node.js for the tests. Plain JavaScript, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dockerfile = fileURLToPath(new URL('../../Dockerfile', import.meta.url));

/**
 * Returns the program of a version of Node.js. It comes from npm's package of that version, and stays in the user's cache folder.
 * @param {string} wanted such as `24`, which is the version of the image where that is of 24, or `24.21.0`
 */
export function provideNode(wanted) {
  const version = wanted === majorOf(imageVersion()) ? imageVersion() : wanted;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidings-node', version);
  const program = join(
    folder,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(program)) return program;
  console.log(`tests: installing Node.js ${version} (once) …`);
  const words = [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status } = spawnSync('npm', [...words, `${name}@${version}`], { stdio: 'inherit' });
  if (status === 0 && existsSync(program)) return program;
  console.error(`Node.js ${version} cannot be installed from npm's package ${name}.`);
  process.exit(1);
}

function imageVersion() {
  const [, version = ''] = /^FROM node:([\d.]+)/m.exec(readFileSync(dockerfile, 'utf8')) ?? [];
  return version;
}

/** @param {string} version */
function majorOf(version) {
  return version.split('.', 1)[0];
}
