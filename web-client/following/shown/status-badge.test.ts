import { expect, it } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { badgeOfState, badgeOfStatus } from './status-badge.tsx';

it('an import of which nothing was imported has another badge than one with a few rejected rows', () => {
  expect(badgeOfStatus('completed_with_errors', true)).toEqual({ text: 'Nothing imported', tone: 'bad' });
  expect(badgeOfStatus('completed_with_errors', false)).toEqual({
    text: 'Rows to fix',
    tone: 'warn',
  });
  expect(badgeOfStatus('failed', false)).toEqual({ text: 'Broken off', tone: 'bad' });
});

it('an import whose sums differ is an alarm, however it has ended', () => {
  for (const status of ['completed', 'cancelled', 'undone'] as const)
    expect(badgeOfState(endedState({ status, reconciled: false }))).toEqual({
      text: 'Totals differ',
      tone: 'bad',
    });
});

// The list of imports knew it, and the page of the import and support's went on to say that rows are to be fixed.
it('an import whose rejected rows are all mended needs nobody, ignored or not, unless something else is wrong with it', () => {
  const rows = { ...endedState().rows, failed: 0 };
  const ended = { status: 'completed_with_errors', leftToMend: 0, rows } as const;
  const mended = { text: 'Rows mended', tone: 'good' };
  expect(badgeOfState(endedState(ended))).toEqual(mended);
  expect(badgeOfState(endedState({ ...ended, restIgnored: true }))).toEqual(mended);
  const allRejected = { ...rows, created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 20_000 };
  expect(badgeOfState(endedState({ ...ended, rows: allRejected }))).toEqual(mended);
  expect(badgeOfState(endedState({ ...ended, leftToMend: 1 })).text).toBe('Rows to fix');
  expect(badgeOfState(endedState({ ...ended, rows: { ...rows, failed: 1 } })).text).toBe('Rows not saved');
  expect(badgeOfState(endedState({ ...ended, reconciled: false })).text).toBe('Totals differ');
});

it('an import whose rejected rows are ignored needs nobody, unless something else is wrong with it', () => {
  const rows = { ...endedState().rows, failed: 0 };
  const ended = { status: 'completed_with_errors', restIgnored: true, rows } as const;
  expect(badgeOfState(endedState(ended))).toEqual({ text: 'Rows ignored', tone: 'quiet' });
  expect(badgeOfState(endedState({ ...ended, rows: { ...rows, failed: 1 } })).text).toBe('Rows not saved');
  expect(badgeOfState(endedState({ ...ended, reconciled: false })).text).toBe('Totals differ');
});

// Rows of an import could not be saved, which only the operator can change: “Rows to fix” sent the owner to look for mistakes.
it('an import of which rows could not be saved has rows to fix only where some were rejected, too', () => {
  const failed = endedState({ rows: { ...endedState().rows, rejected: 0, failed: 250 } });
  expect(badgeOfState(failed)).toEqual({ text: 'Rows not saved', tone: 'warn' });
  expect(badgeOfState({ ...failed, rows: { ...failed.rows, rejected: 3 } }).text).toBe('Rows to fix');
  expect(badgeOfState({ ...failed, reconciled: false }).text).toBe('Totals differ');
});
