import { type ImportState, noRows } from '@tidings/contracts/imports/import.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { groupImports } from './import-groups.ts';

const importOf = (importId: string, mends: string | null, rows: Partial<ImportState['rows']> = {}) =>
  endedState({ importId, mends, rows: { ...noRows(), total: null, ...rows } });

const shapeOf = (imports: readonly ImportState[]) =>
  groupImports(imports).map(({ state, left, menders }) => [
    ...[state.importId, left],
    ...menders.map((mender) => [mender.state.importId, mender.left]),
  ]);

describe('imports by the one that they mend', () => {
  it('stand under the first one, also those that mend what was rejected again', () => {
    const imports = [
      importOf('d', null),
      importOf('c', 'b', { created: 1, rejected: 1 }),
      importOf('b', 'a', { created: 3, duplicate: 1, rejected: 2 }),
      importOf('a', null, { created: 10, rejected: 6 }),
    ];
    expect(shapeOf(imports)).toEqual([
      ['d', 0],
      ['a', 1, ['c', 1], ['b', 1]],
    ]);
  });

  it('leave all rows to fix where they only check, or were taken back', () => {
    const undo = { reversed: 3, kept: 0, failed: 0, endedAt: null };
    const rows = { created: 3 };
    const imports = [
      { ...importOf('c', 'a', rows), undo },
      { ...importOf('b', 'a', rows), dryRun: true },
      importOf('a', null, { rejected: 3 }),
    ];
    expect(shapeOf(imports)).toEqual([['a', 3, ['c', 0], ['b', 0]]]);
  });

  it('stand by themselves while their first is on an older page', () => {
    expect(shapeOf([importOf('b', 'a', { rejected: 2 })])).toEqual([['b', 2]]);
  });

  it('are each shown once, in the order of the first ones', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (choices) => {
        // Each mends one that is older, or none.
        const imports = choices.map((choice, index) => {
          const mended = index + 1 + (choice % (choices.length + 1));
          return importOf(String(index), mended > choices.length ? null : String(mended));
        });
        const groups = groupImports(imports);
        const shown = groups.flatMap(({ state, menders }) => [
          state,
          ...menders.map((mender) => mender.state),
        ]);
        expect(new Set(shown)).toEqual(new Set(imports));
        expect(shown.length).toBe(imports.length);
        const places = groups.map(({ state }) => imports.indexOf(state));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        for (const { state, menders } of groups) {
          const members = [state, ...menders.map((mender) => mender.state)];
          for (const { mends } of members.slice(1))
            expect(members.some(({ importId }) => importId === mends)).toBe(true);
        }
      }),
    );
  });
});
