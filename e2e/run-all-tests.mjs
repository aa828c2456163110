// `npm test`, also in a fresh clone: provisions what the tests need, then runs types, lint and every suite, and counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, ensurePagesBuilt } from '../all-in-one/install.mjs';
import { findChromium } from './chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const binary = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);

ensureInstalled();
ensureChromium();
ensurePagesBuilt();
/** @type {string[]} */
const failures = [];
step('services: Kafka, Redis, PostgreSQL and nginx', process.execPath, [
  'packages/testing/engines/main.mjs',
  'provision',
]);
step('types', 'npm', ['run', '--silent', 'types']);
step('lint', binary('biome'), ['check', '.']);
const counts = runSuites();
for (const { test, error } of counts.secondTry)
  console.log(`passed at its second try: ${test}\n    ${error}`);
for (const failure of failures) console.error(`failed: ${failure}`);
const failed = counts.failed + failures.length;
console.log(
  `${counts.passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
);
// A suite that was skipped proves nothing: it counts as a failure of the run.
process.exit(failed > 0 || counts.skipped > 0 || counts.passed === 0 ? 1 : 0);

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} commandArguments
 */
function step(name, command, commandArguments) {
  console.log(`── ${name}`);
  const { status } = spawnSync(command, commandArguments, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) failures.push(name);
}

function runSuites() {
  console.log('── unit, property, conformance and browser suites');
  const directory = mkdtempSync(join(tmpdir(), 'tidings-tests-'));
  const report = join(directory, 'report.json');
  try {
    const { status } = spawnSync(
      binary('vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0, secondTry: [] };
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const failed = result.numFailedTests;
    // A file that does not load fails no test, but fails the run.
    if (status !== 0 && failed === 0) failures.push('a suite could not be run, or left an error unhandled');
    return {
      passed: result.numPassedTests,
      failed,
      skipped: result.numPendingTests + result.numTodoTests,
      secondTry: findSecondTries(result),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Tests that failed first, by the first line of that failure: a test that passed carries the failures before it.
 * @param {import('vitest/reporters').JsonTestResults} results
 */
function findSecondTries({ testResults }) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && (failureMessages?.length ?? 0) > 0)
      .map(({ fullName, failureMessages }) => ({
        test: `${relative(root, name)} > ${fullName}`,
        error: failureMessages?.[0]?.split('\n', 1)[0],
      })),
  );
}

/** Installs Chromium for the browser suites on Debian and Ubuntu; elsewhere it says what to install. */
function ensureChromium() {
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
