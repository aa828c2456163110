import { defineConfig } from 'vitest/config';

/** Suites on real servers of their own. */
const engines = [
  'packages/contact-store/databases/postgres*.test.ts',
  'packages/event-log/kafka/*.test.ts',
  'packages/testing/engines/*.test.ts',
  'packages/testing/library-internals.test.ts',
  'hub/redis/*.test.ts',
  'hub/*/redis-*.test.ts',
  'hub/cluster/{between-hubs,fault-schedule}.test.ts',
];

/**
 * Three projects, one after another: `unit` (unit, property and conformance suites, many at once), `engines` (the same on real
 * Kafka, Redis and PostgreSQL) and `browser` (real processes and a real Chromium). Of the last two one file at a time, so that
 * servers and browsers do not fight for the machine: what they show of outages takes its time from the clock. There a test
 * that failed is tried once more, and the report says so: a busy machine may let a server's own time-out pass first.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'e2e/**', '**/dist/**', ...engines],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'engines',
          include: engines,
          fileParallelism: false,
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
