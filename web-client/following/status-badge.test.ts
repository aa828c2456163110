import { expect, it } from 'vitest';
import { badgeOfStatus } from './status-badge.tsx';

it('an import of which nothing was imported has another badge than one with a few rejected rows', () => {
  expect(badgeOfStatus('completed_with_errors', true)).toEqual({ text: 'Nothing imported', tone: 'bad' });
  expect(badgeOfStatus('completed_with_errors', false)).toEqual({
    text: 'Completed with errors',
    tone: 'warn',
  });
  expect(badgeOfStatus('failed', false)).toEqual({ text: 'Broken off', tone: 'bad' });
});
