import type { RejectedRowItem } from '@tidings/contracts/http.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { describe, expect, it } from 'vitest';
import type { RejectedAccess } from '../following/rejected-access.ts';
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

/** The services, as far as a list asks them; they merge changes as the real ones do, and late where `hold` says so. */
function services(count: number, hold: () => Promise<void> = async () => undefined) {
  const kept = new Map(Array.from({ length: count }, (_, index) => [index + 1, item(index + 1)]));
  const asked: unknown[] = [];
  let refuses = false;
  const access: RejectedAccess = {
    fetchFile: () => Promise.reject(new Error('the test downloads nothing')),
    list: async (cursor) => {
      const from = Number(cursor ?? 0);
      const items = [...kept.values()].slice(from, from + 500);
      return { items, nextCursor: from + 500 < count ? String(from + 500) : null, left: count };
    },
    mend: async (rows) => {
      asked.push(rows);
      const before = rows.map(({ row }) => kept.get(row) ?? item(row));
      await hold();
      if (refuses) throw new Error('refused');
      return rows.map(({ row, cells }, index) => {
        const known = before[index] ?? item(row);
        const next = { ...known, mended: true, faults: [], cells: { ...known.cells, ...cells } };
        kept.set(row, next);
        return next;
      });
    },
    hand: async () => ({ importId: 'second', channelId: 'c', rows: 1 }),
    menders: async () => [],
  };
  return {
    list: createFixList(async () => access),
    asked,
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

  it('keep what was typed where it could not be saved, and are not handed over before it is', async () => {
    const { list, refuse } = services(1);
    await list.reload();
    refuse(true);
    await list.change(1, 'email', 'one@fix.example');
    expect(list.unsaved.value.get(1)).toMatchObject({ code: 'internal' });
    expect(list.rows.value[0]?.cells.email).toBe('one@fix.example');
    expect(await list.hand()).toBeNull();
    refuse(false);
    expect(await list.hand()).toMatchObject({ importId: 'second' });
    await eventually(() => expect(list.unsaved.value.size).toBe(0));
  });
});
