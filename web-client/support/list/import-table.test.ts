import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedState, importState } from '../../test/sample-states.ts';
import {
  isStuck,
  MAX_KEPT,
  matchesQuery,
  mergeStates,
  rateOf,
  STUCK_MS,
  sortImports,
  supportTotals,
} from './import-table.ts';
import { readQuery } from './list-query.ts';

const NOW = Date.UTC(2026, 5, 1);
const waitingFor = { reason: 'turn', text: 'its turn (1 chunk of others before it)' } as const;
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
              NOW,
            ),
          mergeStates(new Map(), [], NOW),
        );
        const newest = new Map<string, number>();
        for (const { id, version } of batches.flat()) newest.set(id, Math.max(version, newest.get(id) ?? 0));
        expect(new Map([...table].map(([id, { state }]) => [id, state.version]))).toEqual(newest);
      }),
    );
  });

  it('is the same table when nothing is new, so that nothing is drawn', () => {
    const table = mergeStates(new Map(), [importState({ version: 5 })], NOW);
    expect(mergeStates(table, [importState({ version: 5 }), importState({ version: 4 })], NOW + 1)).toBe(
      table,
    );
  });

  it('takes whether rows are ignored without a newer version, and keeps it where a state does not tell it', () => {
    const ended = endedState({ version: 5 });
    const restOf = (table: ReturnType<typeof mergeStates>) =>
      table.get(ended.importId)?.state.restIgnored ?? null;
    const known = mergeStates(new Map(), [ended], NOW);
    const ignored = mergeStates(known, [{ ...ended, restIgnored: true }], NOW);
    expect([restOf(known), restOf(ignored)]).toEqual([null, true]);
    expect(mergeStates(ignored, [ended], NOW)).toBe(ignored);
    expect(restOf(mergeStates(ignored, [endedState({ version: 6 })], NOW))).toBe(true);
    expect(restOf(mergeStates(ignored, [{ ...ended, restIgnored: false }], NOW))).toBe(false);
    // The list may have been asked before the notification came.
    const again = mergeStates(ignored, [{ ...ended, restIgnored: true, restChanges: 3 }], NOW);
    expect(mergeStates(again, [{ ...ended, restIgnored: false, restChanges: 2 }], NOW)).toBe(again);
    expect(restOf(mergeStates(again, [{ ...ended, restIgnored: false, restChanges: 4 }], NOW))).toBe(false);
  });

  it('tells anew how many rejected rows are left to mend, which changes without a version', () => {
    const ended = endedState({ version: 5 });
    const known = mergeStates(new Map(), [{ ...ended, leftToMend: 2 }], NOW);
    expect(mergeStates(known, [ended], NOW)).toBe(known);
    const mended = mergeStates(known, [{ ...ended, leftToMend: 0 }], NOW);
    expect(mended.get(ended.importId)?.state.leftToMend).toBe(0);
  });

  it('prefers an end to progress of the same version', () => {
    const table = mergeStates(new Map(), [importState({ version: 5 })], NOW);
    const [listed] = mergeStates(table, [endedState({ version: 5 })], NOW).values();
    expect(listed?.state.status).toBe('completed_with_errors');
  });

  it('shows those whose sums differ first, then running imports, then the newest', () => {
    const table = mergeStates(
      new Map(),
      [
        endedState({ importId: 'old', acceptedAt: at(1) }),
        endedState({ importId: 'new', acceptedAt: at(9) }),
        importState({ importId: 'running', acceptedAt: at(0) }),
      ],
      NOW,
    );
    expect(sortImports(table).map(({ state }) => state.importId)).toEqual(['running', 'new', 'old']);
    const alarmed = mergeStates(
      table,
      [endedState({ importId: 'alarm', acceptedAt: at(0), reconciled: false })],
      NOW,
    );
    expect(sortImports(alarmed).map(({ state }) => state.importId)).toEqual([
      'alarm',
      'running',
      'new',
      'old',
    ]);
  });

  it('is bounded, and keeps running imports', () => {
    const many = Array.from({ length: MAX_KEPT + 5 }, (_, index) =>
      endedState({ importId: `ended-${index}`, acceptedAt: at(index) }),
    );
    const table = mergeStates(
      new Map(),
      [importState({ importId: 'running', acceptedAt: at(0) }), ...many],
      NOW,
    );
    expect(table.size).toBe(MAX_KEPT);
    expect(table.has('running')).toBe(true);
    expect(table.has('ended-0')).toBe(false);
  });
});

describe('an import that does not move', () => {
  it('has stood since the server says so, which is not in the future, else since the page saw it move', () => {
    const movedOf = (movedAt: string) =>
      [...mergeStates(new Map(), [importState({ movedAt })], NOW).values()][0]?.movedAt;
    expect(movedOf(at(0))).toBe(Date.parse(at(0)));
    expect(movedOf(new Date(NOW + 5_000).toISOString())).toBe(NOW);
    const known = mergeStates(new Map(), [importState({ version: 1 })], NOW);
    const waits = mergeStates(known, [importState({ version: 2, waitingFor })], NOW + 1_000);
    expect([...waits.values()][0]?.movedAt).toBe(NOW);
    const moved = mergeStates(waits, [importState({ version: 3, bytes: 1 })], NOW + 2_000);
    expect([...moved.values()][0]?.movedAt).toBe(NOW + 2_000);
  });

  it('is stuck after a minute, unless it has ended or is known to wait', () => {
    const state = importState({ importId: 'still' });
    expect(isStuck({ state, movedAt: NOW - STUCK_MS + 1 }, NOW)).toBe(false);
    expect(isStuck({ state, movedAt: NOW - STUCK_MS }, NOW)).toBe(true);
    expect(isStuck({ state: { ...state, waitingFor }, movedAt: 0 }, NOW)).toBe(false);
    expect(isStuck({ state: endedState(), movedAt: 0 }, NOW)).toBe(false);
    const table = new Map([['still', { state, movedAt: 0 }]]);
    expect(supportTotals(table, NOW).troubled).toBe(1);
  });

  it('keeps the owner that an earlier release’s notification does not name', () => {
    const listed = mergeStates(new Map(), [importState({ version: 1, owner: 'mira' })], NOW);
    const told = mergeStates(listed, [importState({ version: 2 })], NOW);
    expect([...told.values()][0]?.state).toMatchObject({ version: 2, owner: 'mira' });
  });
});

describe('the query and the totals', () => {
  const table = mergeStates(
    new Map(),
    [
      importState({ importId: '1', rowsPerSecond: 100, owner: 'mira', fileName: 'Harvest.csv' }),
      importState({ importId: '2', rowsPerSecond: 50, status: 'accepted' }),
      endedState({ importId: '3', status: 'completed', owner: 'mira' }),
      endedState({ importId: '4' }),
      endedState({ importId: '5', status: 'failed' }),
      endedState({ importId: '6', status: 'completed', reconciled: false }),
      importState({ importId: '7', rowsPerSecond: 9, waitingFor }),
      endedState({ importId: '8', restIgnored: true }),
      endedState({ importId: '9', leftToMend: 0 }),
    ],
    NOW,
  );

  it.each([
    ['', ['1', '2', '3', '4', '5', '6', '7', '8', '9']],
    ['?status=nonsense', ['1', '2', '3', '4', '5', '6', '7', '8', '9']],
    ['?status=running', ['1', '2', '7']],
    ['?status=waiting', ['7']],
    ['?status=look', ['4', '5', '6']],
    ['?status=completed', ['3', '6']],
    ['?status=sums_differ', ['6']],
    ['?status=completed_with_errors', ['4', '8', '9']],
    ['?status=failed', ['5']],
    ['?owner=mira', ['1', '3']],
    ['?q=HARVEST', ['1']],
    ['?q=harvest&owner=noor', []],
    // As in the audit, its blanks made a step of their own.
    ['?q=+harvest+&owner=mira+', ['1']],
    ['?q=6', ['6']],
  ] as const)('%s', (search, ids) => {
    const shown = [...table.values()].filter((one) => matchesQuery(one, readQuery(search), NOW));
    expect(shown.map(({ state }) => state.importId)).toEqual(ids);
  });

  it('count what runs and waits, the rate, what somebody should look at, and where sums differ', () => {
    expect(supportTotals(table, NOW)).toEqual({
      ...{ running: 3, waiting: 1, waitingSince: NOW, rowsPerSecond: 150, troubled: 3, differing: 1 },
    });
  });

  // An import without any progress for a minute was listed, and summed up, at the rate that it once had.
  it('count no rate of what stands still or is taken back', () => {
    const later = NOW + STUCK_MS;
    expect(supportTotals(table, later)).toMatchObject({ rowsPerSecond: 0, troubled: 5 });
    const undo = { reversed: 0, kept: 0, failed: 0, endedAt: null };
    const rates = [importState(), importState({ waitingFor }), endedState({ status: 'undoing', undo })].map(
      (state) => rateOf({ state, movedAt: NOW }, NOW),
    );
    expect(rates).toEqual([21_400, null, null]);
  });
});
