// `npm test`, also in a fresh clone: provisions what the tests need, then runs types, lint and every suite, and counts.
//   --quick         types, lint, and the unit and property suites: no conformance suite of an engine, no whole process, no browser
//   --node VERSION  with that version of Node.js, such as 24
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureInstalled, ensurePagesBuilt } from '../../all-in-one/install-packages.mjs';
import { ensureChromium } from '../../packages/testing/chromium.mjs';
import { provideNode } from './node-versions.mjs';
import { countTests, findSecondTries, slowestFiles } from './test-report.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);
const { quick, node } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, node: { type: 'string' } },
}).values;

ensureInstalled();
if (node !== undefined) useNode(node);
console.log(`── Node.js ${spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
/** @type {string[]} */
const failures = [];
if (!quick) {
  ensureChromium();
  ensurePagesBuilt();
  const provision = ['packages/testing/engines/main.mjs', 'provision'];
  step('engines: Kafka, Redis, PostgreSQL and nginx', 'node', provision);
}
step('types', 'npm', ['run', '--silent', 'types']);
step('lint', binary('biome'), ['check', '.']);
const report = runSuites();
for (const { file, seconds } of slowestFiles(report))
  console.log(`${seconds.toFixed(0).padStart(5)} s  ${relative(root, file)}`);
for (const { file, test, error } of findSecondTries(report))
  console.log(`passed at its second try: ${relative(root, file)} > ${test}\n    ${error}`);
for (const failure of failures) console.error(`failed: ${failure}`);
const { passed, failed, skipped } = countTests(report);
const allFailed = failed + failures.length;
console.log(`${passed} passed, ${allFailed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
// A suite that was skipped proves nothing: it counts as a failure of the run.
process.exit(allFailed > 0 || skipped > 0 || passed === 0 ? 1 : 0);

/**
 * Runs everything from here on, and what it starts, with that version.
 * @param {string} version
 */
function useNode(version) {
  process.env.PATH = [dirname(provideNode(version)), process.env.PATH].join(delimiter);
}

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

/** @returns {import('./test-report.mjs').TestReport | null} null where the run ended without a report */
function runSuites() {
  console.log(`── ${quick ? 'unit and property suites' : 'all suites'}`);
  const directory = mkdtempSync(join(tmpdir(), 'tidings-tests-'));
  const file = join(directory, 'report.json');
  const words = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  if (quick) words.push('--project', 'unit');
  try {
    const { status } = spawnSync(binary('vitest'), words, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
    // A file that does not load fails no test, but fails the run.
    if (status !== 0 && !(result?.numFailedTests > 0))
      failures.push('a suite could not be run, or left an error unhandled');
    return result;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
