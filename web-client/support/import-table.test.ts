import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedState, importState } from '../test/sample-states.ts';
import { MAX_SHOWN, matchesFilter, mergeStates, sortImports, supportTotals } from './import-table.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('the table of imports', () => {
  it('holds the newest version of each, in whatever order and batches they arrive', () => {
    const arrival = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      version: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(arrival)), (batches) => {
        const table = batches.reduce(
          (known, batch) =>
            mergeStates(
              known,
              batch.map(({ id, version }) => importState({ importId: id, version })),
            ),
          mergeStates(new Map(), []),
        );
        const newest = new Map<string, number>();
        for (const { id, version } of batches.flat()) newest.set(id, Math.max(version, newest.get(id) ?? 0));
        expect(new Map([...table].map(([id, state]) => [id, state.version]))).toEqual(newest);
      }),
    );
  });

  it('is the same table when nothing is new, so that nothing is drawn', () => {
    const table = mergeStates(new Map(), [importState({ version: 5 })]);
    expect(mergeStates(table, [importState({ version: 5 }), importState({ version: 4 })])).toBe(table);
  });

  it('prefers an end to progress of the same version', () => {
    const table = mergeStates(new Map(), [importState({ version: 5 })]);
    expect([...mergeStates(table, [endedState({ version: 5 })]).values()][0]?.status).toBe(
      'completed_with_errors',
    );
  });

  it('shows those whose sums differ first, then running imports, then the newest', () => {
    const table = mergeStates(new Map(), [
      endedState({ importId: 'old', acceptedAt: at(1) }),
      endedState({ importId: 'new', acceptedAt: at(9) }),
      importState({ importId: 'running', acceptedAt: at(0) }),
    ]);
    expect(sortImports(table).map((state) => state.importId)).toEqual(['running', 'new', 'old']);
    const alarmed = mergeStates(table, [
      endedState({ importId: 'alarm', acceptedAt: at(0), reconciled: false }),
    ]);
    expect(sortImports(alarmed).map((state) => state.importId)).toEqual(['alarm', 'running', 'new', 'old']);
  });

  it('is bounded, and keeps running imports', () => {
    const many = Array.from({ length: MAX_SHOWN + 5 }, (_, index) =>
      endedState({ importId: `ended-${index}`, acceptedAt: at(index) }),
    );
    const table = mergeStates(new Map(), [importState({ importId: 'running', acceptedAt: at(0) }), ...many]);
    expect(table.size).toBe(MAX_SHOWN);
    expect(table.has('running')).toBe(true);
    expect(table.has('ended-0')).toBe(false);
  });
});

describe('the filter and the totals', () => {
  const table = mergeStates(new Map(), [
    importState({ importId: '1', rowsPerSecond: 100 }),
    importState({ importId: '2', rowsPerSecond: 50, status: 'accepted' }),
    endedState({ importId: '3', status: 'completed' }),
    endedState({ importId: '4' }),
    endedState({ importId: '5', status: 'failed' }),
    endedState({ importId: '6', status: 'completed', reconciled: false }),
  ]);

  it.each([
    ['all', ['1', '2', '3', '4', '5', '6']],
    ['running', ['1', '2']],
    ['completed', ['3', '6']],
    ['sums_differ', ['6']],
    ['completed_with_errors', ['4']],
    ['failed', ['5']],
  ] as const)('%s', (filter, ids) => {
    const shown = [...table.values()].filter((state) => matchesFilter(state, filter));
    expect(shown.map((state) => state.importId)).toEqual(ids);
  });

  it('count running imports, their rate, those that ended with errors, and those whose sums differ', () => {
    expect(supportTotals(table)).toEqual({ running: 2, rowsPerSecond: 150, troubled: 2, differing: 1 });
  });
});
