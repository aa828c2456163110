import { noRows } from '@tidings/contracts/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState, importState } from '../test/sample-states.ts';
import { isWorthSendingAgain, nothingImported } from './import-outcome.ts';

const allRejected = { ...noRows(), total: 40, rejected: 40 };

describe('an import of which no row could be imported', () => {
  it.each([
    ['all rejected', { rows: allRejected }, true],
    ['all failed', { rows: { ...noRows(), total: 2, failed: 2 } }, true],
    ['one of forty unchanged', { rows: { ...allRejected, rejected: 39, unchanged: 1 } }, false],
    ['no rows', { rows: { ...noRows(), total: 0 }, status: 'completed' }, false],
    ['broken off', { rows: allRejected, status: 'failed', upload: 'aborted' }, false],
  ] as const)('is told by its rows: %s', (_what, changes, expected) => {
    expect(nothingImported(endedState(changes))).toBe(expected);
  });

  it('is none while it runs', () => {
    expect(nothingImported(importState({ rows: allRejected }))).toBe(false);
  });
});

describe('the same file again', () => {
  it.each([
    ['connection_broken', true],
    ['receiver_restarted', true],
    ['log_unavailable', true],
    ['file_too_large', false],
    ['too_many_rows', false],
    ['invalid_file', false],
  ] as const)('may help after %s: %s', (uploadError, expected) => {
    expect(isWorthSendingAgain(endedState({ status: 'failed', upload: 'aborted', uploadError }))).toBe(
      expected,
    );
  });
});
