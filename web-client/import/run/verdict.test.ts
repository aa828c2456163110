import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { verdictOf } from './verdict.ts';

const rowsOf = (rows: Partial<ReturnType<typeof noRows>>) => ({
  ...noRows(),
  ...rows,
  total: Object.values(rows).reduce((sum, count) => sum + count, 0),
});

describe('the heading of an import that has ended', () => {
  it.each([
    [{ created: 18_600, rejected: 1_200 }, '18,600 contacts added. 1,200 rows need you.'],
    [{ created: 18_600, updated: 1, rejected: 1 }, '18,600 contacts added, 1 changed. 1 row needs you.'],
    [{ updated: 1 }, '1 contact changed.'],
    [{ unchanged: 20_000 }, 'All 20,000 rows were already there.'],
    [{ unchanged: 3, duplicate: 1, rejected: 2 }, 'Nothing new: 4 rows were already there. 2 rows need you.'],
    [{ rejected: 40 }, 'None of the 40 rows could be imported.'],
    [{ created: 5, failed: 30 }, '5 contacts added. 30 rows could not be saved.'],
  ])('says what came of %j', (rows, heading) => {
    expect(verdictOf(endedState({ rows: rowsOf(rows) }))).toBe(heading);
  });

  it('counts the rows that are left to mend, where that is known', () => {
    const state = endedState({ rows: rowsOf({ created: 5, rejected: 2 }) });
    expect(verdictOf(state, 1)).toBe('5 contacts added. 1 row needs you.');
    expect(verdictOf(state, 0)).toBe('5 contacts added.');
  });

  it('claims nothing where nothing was written, or the sums differ, or it was taken back', () => {
    const rows = rowsOf({ created: 3 });
    expect(verdictOf(endedState({ status: 'completed', rows, dryRun: true }))).toBe(
      'The file was only checked. Nothing was written.',
    );
    expect(verdictOf(endedState({ rows, reconciled: false }))).toBe(
      'The contacts do not match these numbers',
    );
    const undo = { reversed: 3, kept: 0, failed: 0, endedAt: '2026-03-14T09:26:53.000Z' };
    expect(verdictOf(endedState({ status: 'undone', rows, undo }))).toBe('Taken back: 3 contacts');
  });
});
