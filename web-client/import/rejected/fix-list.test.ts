import { ProblemError } from '@tidings/client/index.ts';
import type { RejectedRowItem } from '@tidings/contracts/imports/rejected-rows.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it } from 'vitest';
import type { RejectedAccess } from '../../following/access/rejected-access.ts';
import { createFixList } from './fix-list.ts';

const item = (row: number, changes: Partial<RejectedRowItem> = {}): RejectedRowItem => ({
  row,
  line: row + 1,
  codes: ['email_invalid'],
  faults: [{ code: 'email_invalid', reason: 'The e-mail address is not valid.', column: 'email' }],
  cells: { email: `nobody ${row}`, note: '' },
  mended: false,
  mendedBy: null,
  ...changes,
});

const refusal = (code: 'precondition_failed' | 'state_conflict', status: number) =>
  new ProblemError({ code, status, detail: 'Changed.', retriable: false });

/** The services, as far as a list asks them; they merge changes as the real ones do, and late where `hold` says so. */
function services(count: number, hold: () => Promise<void> = async () => undefined) {
  const kept = new Map(Array.from({ length: count }, (_, index) => [index + 1, item(index + 1)]));
  const asked: unknown[] = [];
  let refuses = false;
  let listsHeld: Promise<void> | undefined;
  const access: RejectedAccess = {
    fetchFile: () => Promise.reject(new Error('the test downloads nothing')),
    list: async (cursor) => {
      const from = Number(cursor ?? 0);
      const items = [...kept.values()].slice(from, from + 500);
      await listsHeld;
      return { items, nextCursor: from + 500 < count ? String(from + 500) : null, left: count };
    },
    read: async (row) => kept.get(row) ?? item(row),
    mend: async (rows) => {
      asked.push(rows);
      const before = rows.map(({ row }) => kept.get(row) ?? item(row));
      await hold();
      if (before.some(({ mendedBy }) => mendedBy !== null)) throw refusal('state_conflict', 409);
      if (refuses) throw new Error('refused');
      for (const { row, cells, former = {} } of rows)
        for (const [column, text] of Object.entries(former)) {
          const now = kept.get(row)?.cells[column];
          if (now !== text && now !== cells[column]) throw refusal('precondition_failed', 412);
        }
      return rows.map(({ row, cells }, index) => {
        const known = before[index] ?? item(row);
        const next = { ...known, mended: true, faults: [], cells: { ...known.cells, ...cells } };
        kept.set(row, next);
        return next;
      });
    },
    ignore: async () => undefined,
    hand: async () => ({ importId: 'second', channelId: 'c', rows: 1 }),
    menders: async () => [],
  };
  return {
    list: createFixList(async () => access),
    other: createFixList(async () => access),
    asked,
    /** Another tab hands the row over, as it is kept. */
    take: (row: number) => kept.set(row, item(row, { mended: true, mendedBy: 'other' })),
    /** Lists are answered with what was kept when they were asked for, and not before this. */
    holdLists: (until: Promise<void>) => {
      listsHeld = until;
    },
    refuse: (now: boolean) => {
      refuses = now;
    },
  };
}

describe('rejected rows that a person mends', () => {
  it('are grouped by what is wrong with them, the most frequent first, each with an example', async () => {
    const { list } = services(1_200);
    await list.reload();
    expect(list.groups.value).toEqual([
      expect.objectContaining({
        code: 'email_invalid',
        count: 1_200,
        example: { line: 2, cell: 'nobody 1' },
      }),
    ]);
    expect([list.loaded.value, list.hasMore.value, list.left.value]).toEqual([1_200, false, 1_200]);
  });

  it('are counted up to a bound, and more of them come when they are asked for', async () => {
    const { list } = services(2_600);
    await list.reload();
    expect([list.loaded.value, list.hasMore.value]).toEqual([2_000, true]);
    await list.loadMore();
    expect(list.loaded.value).toBe(2_500);
  });

  // The rows behind the first page went away for a moment, and with them the cell in which somebody wrote, and its focus.
  it('stay while they are loaded anew, however many there are', async () => {
    const { list } = services(2_600);
    await list.reload();
    await list.loadMore();
    const counts = new Set<number>();
    const stop = list.rows.subscribe((rows) => counts.add(rows.length));
    await list.reload();
    stop();
    expect([...counts]).toEqual([2_500]);
    expect(list.hasMore.value).toBe(true);
  });

  // A button that was pressed twice showed the same rows twice.
  it('come once where more are asked for twice', async () => {
    const { list } = services(2_600);
    await list.reload();
    await Promise.all([list.loadMore(), list.loadMore()]);
    expect(new Set(list.rows.value.map(({ row }) => row)).size).toBe(2_500);
    expect(list.loaded.value).toBe(2_500);
  });

  // What came later was older: a cell held for a while what it held before it was changed.
  it('hold what was changed while they were loaded anew', async () => {
    let answer = (): void => undefined;
    const { list, holdLists } = services(2);
    await list.reload();
    holdLists(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const loaded = list.reload();
    await list.change(1, 'email', 'one@fix.example');
    answer();
    await loaded;
    expect(list.rows.value.map(({ cells }) => cells.email)).toEqual(['one@fix.example', 'nobody 2']);
    expect(list.mended.value).toBe(1);
  });

  it('lose no cell where two of one row are changed before the first is kept', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { list, asked } = services(1, () => held);
    await list.reload();
    const changes = [list.change(1, 'email', 'one@fix.example'), list.change(1, 'note', 'seen')];
    expect(list.rows.value[0]?.cells).toEqual({ email: 'one@fix.example', note: 'seen' });
    expect(list.unsaved.value.get(1)).toBe('saving');
    release();
    await Promise.all(changes);
    expect(list.rows.value[0]?.cells).toEqual({ email: 'one@fix.example', note: 'seen' });
    expect([list.unsaved.value.size, list.ready.value]).toEqual([0, 1]);
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  // The last of two tabs won, and nobody was told.
  it('that somebody else has mended meanwhile show what was written there, and wait for a choice', async () => {
    const { list, other } = services(1);
    await Promise.all([list.reload(), other.reload()]);
    await other.change(1, 'email', 'theirs@fix.example');
    await list.change(1, 'note', 'of another cell');
    await list.change(1, 'email', 'mine@fix.example');
    expect(list.overtaken.value.size, 'the answer to the other cell has shown what was written').toBe(0);
    await other.change(1, 'email', 'later@fix.example');
    expect([...(other.overtaken.value.get(1) ?? [])]).toEqual([['email', 'mine@fix.example']]);
    expect(other.rows.value[0]?.cells).toEqual({ email: 'later@fix.example', note: 'of another cell' });
    expect(await other.hand()).toBeNull();
    await other.decide(1, 'theirs');
    expect(other.rows.value[0]?.cells.email).toBe('mine@fix.example');
    expect([other.overtaken.value.size, other.unsaved.value.size]).toEqual([0, 0]);
    await other.change(1, 'email', 'mended@fix.example');
    await list.change(1, 'email', 'again@fix.example');
    expect(list.unsaved.value.get(1)).toMatchObject({ code: 'precondition_failed' });
    await list.decide(1, 'mine');
    expect([list.overtaken.value.size, list.unsaved.value.size]).toEqual([0, 0]);
    await other.reload();
    expect(other.rows.value[0]?.cells.email).toBe('again@fix.example');
  });

  // The row went away with what was typed, and without a word no other one could be handed over any more.
  it('keep what was typed where another import has the row already, and that holds up no other row', async () => {
    const { list, take } = services(2);
    await list.reload();
    await list.change(2, 'email', 'two@fix.example');
    take(1);
    await list.change(1, 'email', 'mine@fix.example');
    expect(list.unsaved.value.get(1)).toMatchObject({ code: 'state_conflict' });
    await list.reload();
    expect(list.rows.value.map(({ cells }) => cells.email)).toEqual(['mine@fix.example', 'two@fix.example']);
    expect([list.overtaken.value.size, list.ready.value]).toEqual([0, 1]);
    expect(list.groups.value, 'it needs nobody').toEqual([]);
    expect(await list.hand()).toMatchObject({ importId: 'second' });
  });

  it('keep what was typed where it could not be saved, and are not handed over before it is', async () => {
    const { list, refuse } = services(2);
    await list.reload();
    refuse(true);
    await list.change(1, 'email', 'one@fix.example');
    expect(list.unsaved.value.get(1)).toMatchObject({ code: 'internal' });
    expect(list.rows.value[0]?.cells.email).toBe('one@fix.example');
    expect(await list.hand()).toBeNull();
    // The button spoke of one row, however many waited.
    await list.change(2, 'email', 'two@fix.example');
    expect(list.ready.value).toBe(2);
    refuse(false);
    expect(await list.hand()).toMatchObject({ importId: 'second' });
    await eventually(() => expect(list.unsaved.value.size).toBe(0));
  });
});
