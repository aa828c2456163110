// Finds Chromium for the tests and for the command that installs it.
import { existsSync } from 'node:fs';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser's path; undefined where there is none. */
export function findChromium() {
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
}
