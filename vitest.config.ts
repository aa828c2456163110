import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Suites on real engines of their own, and the conformance suites of the embedded engines, which take as long. */
const engines = [
  'packages/contact-store/databases/pglite.test.ts',
  'packages/event-log/embedded/embedded.test.ts',
  'packages/service-kit/threads/log-behind-port.test.ts',
  'importer/{postgres,kafka}-*.test.ts',
  'jobs-service/requests/kafka-*.test.ts',
  'webhooks/kafka-*.test.ts',
  'packages/contact-store/databases/postgres*.test.ts',
  'packages/event-log/kafka/**/*.test.ts',
  'packages/testing/engines/*.test.ts',
  'packages/testing/libraries/{kafkajs,redis}.test.ts',
  'hub/redis/*.test.ts',
  'hub/*/redis-*.test.ts',
  'hub/cluster/{between-hubs,fault-schedule}.test.ts',
];

/** Suites on whole processes, or in a browser. What stands in `e2e/run` needs none. */
const browser = ['e2e/{deployment,faults,flows,prove}/**/*.test.ts', 'web-client/states/*.test.ts'];

/** The longest files of each project. They are short of lines, and Vitest begins with the files that have most. */
const longest = [
  ...['databases/pglite.test.ts', 'embedded/embedded.test.ts', 'threads/log-behind-port.test.ts'],
  ...['kafka/kafka.test.ts', 'kafka/faults.test.ts', 'redis/failover.test.ts'],
  ...[
    'prove/prove.test.ts',
    'faults/distributed.test.ts',
    'faults/lost-chunks.test.ts',
    'faults/delivery.test.ts',
  ],
  ...['processes/start.test.ts', 'faults/uploads.test.ts', 'processes/two-of-everything.test.ts'],
];

/** Files that run at once. With two, suites on engines leave a processor idle, while they wait for the clock of an outage. */
const ENGINE_FILES_AT_ONCE = 3;
/** Three whole systems at once exceed what two processors do within the time-outs of their tests. */
const BROWSER_FILES_AT_ONCE = 2;

/** Begins with the longest files, so that the run does not wait for one of them at its end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longest.some((end) => moduleId.endsWith(end));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * Three projects, one after another: `unit` (unit and property suites, many at once), `engines` (the conformance suite on every
 * engine, and what else runs on real Kafka, Redis and PostgreSQL) and `browser` (real processes and a real Chromium). The last two run few files at a time, because
 * engines and browsers compete for the machine, and the time-outs of an outage run by the clock. There a failed test runs once more,
 * and the report says so: on a busy machine a time-out of an engine may pass first.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', ...browser, '**/dist/**', ...engines],
          // Many files share a process, and what they import: loading it for each file took a quarter of the run. So what a file starts,
          // stubs or listens to ends with its tests.
          isolate: false,
          // Without `Date`: ids of version 7 never go back, so in a process that has once seen a later time they come from the future.
          fakeTimers: {
            toFake: [
              'setTimeout',
              'clearTimeout',
              'setInterval',
              'clearInterval',
              'setImmediate',
              'clearImmediate',
              'performance',
            ],
          },
          // More than processors, because many suites wait. The default leaves one processor idle.
          maxWorkers: availableParallelism() + 2,
          // For what hangs. What computes takes ten times as long on a busy machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'engines',
          include: engines,
          maxWorkers: ENGINE_FILES_AT_ONCE,
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: browser,
          maxWorkers: BROWSER_FILES_AT_ONCE,
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
