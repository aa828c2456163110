// What runs as a process of its own. Plain JavaScript: the build reads it before anything is compiled.

/**
 * By the name of its file in `dist/`. Objects that live briefly get less memory than Node.js would give them; they get least in the
 * jobs service, so that the buffers of an upload are given back soon.
 */
export const programs = /** @type {const} */ ({
  hub: { entry: 'hub/main.ts', semiSpaceMiB: 16 },
  'jobs-service': { entry: 'jobs-service/main.ts', semiSpaceMiB: 2 },
  importer: { entry: 'importer/main.ts', semiSpaceMiB: 8 },
  aggregator: { entry: 'aggregator/main.ts', semiSpaceMiB: 8 },
  'reference-data': { entry: 'reference-data/main.ts', semiSpaceMiB: 8 },
  webhooks: { entry: 'webhooks/main.ts', semiSpaceMiB: 8 },
  'prepare-engines': { entry: 'jobs-service/prepare-engines.ts', semiSpaceMiB: 8 },
});

/** @typedef {Exclude<keyof typeof programs, 'prepare-engines'>} ServiceName */

/** The programs that run until they are stopped. */
export const serviceNames = /** @type {const} */ ([
  'hub',
  'jobs-service',
  'importer',
  'aggregator',
  'reference-data',
  'webhooks',
]);

/** The shell script `dist/run`: `run PROGRAM` replaces itself with the program, started as the table says. */
export function runScript() {
  const names = Object.keys(programs);
  return [
    '#!/bin/sh',
    '# `run PROGRAM` replaces itself with the program. Made from packages/service-kit/programs.mjs.',
    'case "$1" in',
    ...Object.entries(programs).map(([name, { semiSpaceMiB }]) => `  ${name}) space=${semiSpaceMiB} ;;`),
    `  *) echo "run: name one program of ${names.join(', ')}" >&2; exit 64 ;;`,
    'esac',
    'exec node --enable-source-maps "--max-semi-space-size=$space" "$(dirname "$0")/$1.mjs"',
    '',
  ].join('\n');
}
