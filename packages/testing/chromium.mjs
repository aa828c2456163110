// Chromium for the browser suites.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Without a sandbox, which root cannot have, and without traffic of the browser's own. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser's path; undefined where there is none. */
export function findChromium() {
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** Installs Chromium for the browser suites on Debian and Ubuntu; elsewhere it says what to install. */
export function ensureChromium() {
  if (findChromium() !== undefined) return;
  if (!existsSync('/usr/bin/apt-get')) {
    console.error('The browser suites need Chromium: install it, or set CHROMIUM_PATH to it.');
    process.exit(1);
  }
  console.log('tests: installing Chromium (once) …');
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const words of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
  ]) {
    const [command = '', ...rest] = [...prefix, ...words];
    const { status } = spawnSync(command, rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) {
      console.error(
        `\`${[command, ...rest].join(' ')}\` failed: install Chromium yourself, or set CHROMIUM_PATH to it.`,
      );
      process.exit(1);
    }
  }
}
