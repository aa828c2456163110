import { expect, test } from 'vitest';
import type { JsonTestResults } from 'vitest/reporters';
import { countTests, findSecondTries, slowestFiles } from './test-report.mjs';

const assertion = { ancestorTitles: [], title: '', meta: {}, tags: [], location: null };
const file = { message: '', status: 'passed' } as const;
/** A report of Vitest on four tests in two files: one passed, one passed at its second try, one failed, one was skipped. */
const report = {
  numPassedTests: 2,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 0,
  testResults: [
    {
      ...{ ...file, name: 'fast.test.ts', startTime: 1_000, endTime: 2_500 },
      assertionResults: [
        { ...assertion, fullName: 'passes', status: 'passed', failureMessages: [] },
        {
          ...assertion,
          fullName: 'flakes',
          status: 'passed',
          failureMessages: ['Error: too late\n    at x'],
        },
      ],
    },
    {
      ...{ ...file, name: 'slow.test.ts', startTime: 1_000, endTime: 9_000 },
      assertionResults: [
        { ...assertion, fullName: 'fails', status: 'failed', failureMessages: ['Error: no', 'Error: no'] },
        { ...assertion, fullName: 'is left out', status: 'skipped', failureMessages: [] },
      ],
    },
  ],
} as unknown as JsonTestResults;

test('a test that passed after a failure is listed with that failure, and counts as passed', () => {
  expect(findSecondTries(report)).toEqual([
    { file: 'fast.test.ts', test: 'flakes', error: 'Error: too late' },
  ]);
  expect(countTests(report)).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

test('the slowest files come first', () => {
  expect(slowestFiles(report, 1)).toEqual([{ file: 'slow.test.ts', seconds: 8 }]);
  expect(slowestFiles(report)).toHaveLength(2);
});

test('a run without a report has passed nothing', () => {
  expect(countTests(null)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  expect(findSecondTries(null)).toEqual([]);
});
