import { sumRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, test } from 'vitest';
import {
  aborted,
  accepted,
  cancel,
  completed,
  expired,
  failed,
  passedBy,
  requeued,
  retrying,
  run,
  sealed,
  stopped,
} from './test/folded-commands.ts';

describe('a cancel', () => {
  test('before the first chunk, while the file comes: the import ends once the receiver has cut it off', () => {
    const before = run([accepted(), cancel]);
    expect(before.state).toMatchObject({ status: 'cancelling', upload: 'receiving', endedAt: null });
    const { state, told } = run([aborted(0)], before.live);
    expect(state).toMatchObject({ status: 'cancelled', upload: 'aborted', rows: { total: 0 }, undo: null });
    expect(told).toEqual(['import.cancelled (final)']);
  });

  test.each([
    ['sealed', [cancel, sealed(2), completed(0), passedBy(1)]],
    ['sealed before', [sealed(2), cancel, completed(0), passedBy(1)]],
    ['aborted', [completed(0), cancel, passedBy(1), aborted(2)]],
    ['expired', [completed(0), cancel, expired(0, [1]), passedBy(1)]],
    ['expired before', [completed(0), expired(0, [1]), cancel, passedBy(1)]],
  ])('ends as cancelled, with every row counted: the upload %s', (_name, commands) => {
    const { state, told } = run([accepted(), ...commands]);
    expect(state).toMatchObject({ status: 'cancelled', rows: { total: 10, created: 5, cancelled: 5 } });
    expect(sumRows(state.rows)).toBe(state.rows.total);
    expect(told.at(-1)).toBe('import.cancelled (final)');
    expect(told.filter((type) => type.includes('(final)'))).toHaveLength(1);
  });

  // Nine hundred thousand rows had to be passed over, chunk by chunk, before the import ended.
  test('ends as soon as it is told that nothing runs any more, and counts the rest; what is passed over later changes nothing', () => {
    const before = run([accepted(), sealed(4), completed(0), failed(1), retrying(2, 2, '05'), cancel]);
    const { state, told, live } = run([stopped], before.live);
    expect(state).toMatchObject({
      ...{ status: 'cancelled', rows: { total: 20, created: 5, failed: 5, cancelled: 10 }, waitingFor: null },
      chunks: { total: 4, completed: 3, failed: 1 },
    });
    expect(told).toEqual(['import.cancelled (final)']);
    const after = run([passedBy(2), failed(3), stopped], live);
    expect(after.state).toEqual(state);
    // A failed chunk that is tried again finds the gate closed, and is the only one that is waited for.
    const again = run([requeued(1), stopped], live);
    expect(again.state).toMatchObject({ status: 'cancelled', rows: { failed: 0, cancelled: 15 } });
  });

  test.each([
    ['while the file comes', [cancel, completed(0)]],
    ['where its receiver died and nobody knows its rows', [cancel, completed(0), expired(0, [0, 1])]],
    ['where it is not cancelled', [sealed(2), completed(0)]],
  ])('is not ended by the same word %s', (_when, commands) => {
    const before = run([accepted(), ...commands]);
    expect(run([stopped], before.live).state).toEqual(before.state);
  });

  test('counts once, and not after the end', () => {
    expect(run([accepted(), sealed(1), cancel, cancel, passedBy(0), cancel]).ignored).toEqual([
      ...[false, false, false, true, false, true],
    ]);
    const { state } = run([accepted(), sealed(1), completed(0), cancel]);
    expect(state.status).toBe('completed');
  });
});
