import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState, importState } from '../../test/sample-states.ts';
import { isWorthSendingAgain, mayBeRetried, mayBeTakenBack, nothingImported } from './import-outcome.ts';

const allRejected = { ...noRows(), total: 40, rejected: 40 };

describe('an import of which no row could be imported', () => {
  it.each([
    ['all rejected', { rows: allRejected }, true],
    ['all failed', { rows: { ...noRows(), total: 2, failed: 2 } }, true],
    ['one of forty unchanged', { rows: { ...allRejected, rejected: 39, unchanged: 1 } }, false],
    ['no rows', { rows: { ...noRows(), total: 0 }, status: 'completed' }, false],
    ['cancelled', { rows: allRejected, status: 'cancelled' }, false],
    ['taken back', { rows: allRejected, status: 'undone' }, false],
    ['broken off', { rows: allRejected, status: 'failed', upload: 'aborted' }, false],
  ] as const)('is told by its rows: %s', (_what, changes, expected) => {
    expect(nothingImported(endedState(changes))).toBe(expected);
  });

  it('is none while it runs', () => {
    expect(nothingImported(importState({ rows: allRejected }))).toBe(false);
  });
});

describe('an import that may be taken back', () => {
  const undo = { reversed: 1, kept: 0, failed: 0, endedAt: null };
  const ended = { ...undo, endedAt: '2026-01-01T00:00:00.000Z' };
  it.each([
    ['completed', { status: 'completed' }, true],
    ['cancelled', { status: 'cancelled' }, true],
    ['broken off, and kept', { status: 'failed', upload: 'aborted' }, true],
    ['broken off, and taken back by itself', { status: 'failed', upload: 'aborted', undo }, false],
    ['taken back already', { status: 'undone', undo: ended }, false],
    ['taken back, but for contacts that failed', { status: 'undone', undo: { ...ended, failed: 2 } }, true],
    [
      'broken off, and taken back but for some',
      { status: 'failed', upload: 'aborted', undo: { ...ended, failed: 2 } },
      true,
    ],
    ['being taken back again', { status: 'undoing', undo: { ...undo, failed: 2 } }, false],
    ['without anything written', { rows: allRejected }, false],
    ['running', { status: 'importing' }, false],
  ] as const)('has ended, and has written: %s', (_what, changes, expected) => {
    expect(mayBeTakenBack(endedState(changes))).toBe(expected);
  });
});

// The button was shown where the server refuses the request, and a click did nothing.
describe('rows that have failed', () => {
  const rows = { ...noRows(), total: 9, failed: 9 };
  const undo = { reversed: 0, kept: 0, failed: 0, endedAt: '2026-01-01T00:00:00.000Z' };
  it.each([
    ['of an import that has ended with errors', { status: 'completed_with_errors', rows }, true],
    ['of an upload that broke off and stays', { status: 'failed', rows }, true],
    ['of one that was taken back by itself', { status: 'failed', rows, undo }, false],
    ['of a cancelled import', { status: 'cancelled', rows }, false],
    ['of one that was taken back', { status: 'undone', rows, undo }, false],
  ] as const)('%s can be tried again or not', (_name, changes, expected) => {
    expect(mayBeRetried(endedState(changes))).toBe(expected);
  });
});

describe('the same file again', () => {
  it.each([
    ['connection_broken', true],
    ['receiver_restarted', true],
    ['log_unavailable', true],
    ['expired', true],
    ['cancelled', false],
    ['file_too_large', false],
    ['too_many_rows', false],
    ['invalid_file', false],
  ] as const)('may help after %s: %s', (uploadError, expected) => {
    expect(isWorthSendingAgain(endedState({ status: 'failed', upload: 'aborted', uploadError }))).toBe(
      expected,
    );
  });
});
