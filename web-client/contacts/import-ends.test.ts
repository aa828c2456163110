import { describe, expect, it } from 'vitest';
import { endedState, importState } from '../test/sample-states.ts';
import { noticeEnds } from './import-ends.ts';

describe('the end of an import', () => {
  it('is news where it was not there before, once', () => {
    let ends = 0;
    const tell = noticeEnds(() => {
      ends += 1;
    });
    const running = importState({ importId: 'b' });
    const ended = endedState({ importId: 'a' });
    tell([ended]);
    tell([running, ended]);
    expect(ends).toBe(0);
    const second = endedState({ importId: 'b' });
    tell([second, ended]);
    tell([{ ...second, version: second.version + 1, reconciled: true }, ended]);
    expect(ends).toBe(1);
    const at = '2026-01-01T10:00:00.000Z';
    const undo = { reversed: 2, kept: 0, failed: 0 };
    tell([second, { ...ended, status: 'undoing', undo: { ...undo, endedAt: null } }]);
    expect(ends).toBe(1);
    tell([second, { ...ended, status: 'undone', undo: { ...undo, endedAt: at } }]);
    expect(ends).toBe(2);
  });

  it('is none where the import has changed no contact', () => {
    let ends = 0;
    const tell = noticeEnds(() => {
      ends += 1;
    });
    tell([]);
    tell([endedState({ importId: 'a', dryRun: true })]);
    const { rows } = endedState({});
    tell([endedState({ importId: 'b', rows: { ...rows, created: 0, updated: 0 } })]);
    expect(ends).toBe(0);
  });
});
