// Reads the JSON report of Vitest.

/** @typedef {import('vitest/reporters').JsonTestResults} TestReport */

/** @param {TestReport | null} report */
export function countTests(report) {
  if (report === null) return { passed: 0, failed: 0, skipped: 0 };
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests, numTodoTests } = report;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

/**
 * Tests that failed first, with the first line of that failure: a test that passed carries the failures before it.
 * @param {TestReport | null} report
 */
export function findSecondTries(report) {
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && (failureMessages?.length ?? 0) > 0)
      .map(({ fullName, failureMessages }) => ({
        file: name,
        test: fullName,
        error: failureMessages?.[0]?.split('\n', 1)[0] ?? '',
      })),
  );
}

/**
 * The files in which most of the time goes, the slowest first.
 * @param {TestReport | null} report
 */
export function slowestFiles(report, count = 12) {
  return (report?.testResults ?? [])
    .map(({ name, startTime, endTime }) => ({ file: name, seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count);
}
