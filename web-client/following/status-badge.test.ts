import { expect, it } from 'vitest';
import { endedState } from '../test/sample-states.ts';
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
      text: 'Sums differ',
      tone: 'bad',
    });
});

it('an import whose rejected rows are ignored needs nobody, unless something else is wrong with it', () => {
  const rows = { ...endedState().rows, failed: 0 };
  const ended = { status: 'completed_with_errors', restIgnored: true, rows } as const;
  expect(badgeOfState(endedState(ended))).toEqual({ text: 'Rows ignored', tone: 'quiet' });
  expect(badgeOfState(endedState({ ...ended, rows: { ...rows, failed: 1 } })).text).toBe('Rows to fix');
  expect(badgeOfState(endedState({ ...ended, reconciled: false })).text).toBe('Sums differ');
});
