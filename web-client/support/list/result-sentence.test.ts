import { expect, it } from 'vitest';
import { endedState, FIXTURE_TIME, importState } from '../../test/sample-states.ts';
import { mergeStates } from './import-table.ts';
import { readQuery } from './list-query.ts';
import { resultSentence } from './result-sentence.ts';

it('says how many imports a query has found', () => {
  const states = [
    endedState({ importId: 'a' }),
    endedState({ importId: 'b' }),
    importState({ importId: 'c' }),
  ];
  const table = mergeStates(new Map(), states, FIXTURE_TIME);
  const said = (search: string, hasOlder = false) =>
    resultSentence(table, readQuery(search), FIXTURE_TIME, hasOlder);
  expect(said('?status=completed_with_errors')).toBe('Imports that match: 2');
  expect(said('?q=spring', true)).toBe('Imports that match: 3+');
  expect(said('?q=nobody')).toBe('No import matches');
});
