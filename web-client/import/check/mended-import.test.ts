import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { likelyMended, mendable } from './mended-import.ts';

const importOf = (importId: string, fileName: string, rejected: number, more: Partial<ImportState> = {}) =>
  endedState({ importId, fileName, rows: { ...noRows(), created: 1, rejected, total: null }, ...more });

describe('the import that a file of rejected rows mends', () => {
  it('is one with rows that nobody has mended, was not taken back, and wrote contacts', () => {
    const imports = [
      importOf('mender', 'a-rejected.csv', 1, { mends: 'first' }),
      importOf('first', 'a.csv', 3),
      importOf('all fine', 'b.csv', 0),
      importOf('taken back', 'c.csv', 2, { status: 'undone' }),
      importOf('only checked', 'd.csv', 2, { dryRun: true }),
    ];
    const found = mendable(imports).map(({ state, left }) => [state.importId, left]);
    expect(found).toEqual([
      ['mender', 1],
      ['first', 2],
    ]);
  });

  it.each([
    'fair.v2-rejected.csv',
    'fair.v2-rejected.xlsx',
    'fair.v2-rejected (2).csv',
    'fair.v2-rejected(1).CSV',
  ])('is found by the name %s, the newest first', (fileName) => {
    const imports = [
      importOf('x', 'x.csv', 1),
      importOf('new', 'fair.v2.csv', 1),
      importOf('old', 'fair.v2.csv', 1),
    ];
    expect(likelyMended(mendable(imports), fileName)).toBe('new');
  });

  it('is not guessed by another name', () => {
    expect(likelyMended(mendable([importOf('a', 'fair.csv', 1)]), 'other-rejected.csv')).toBeNull();
  });
});
