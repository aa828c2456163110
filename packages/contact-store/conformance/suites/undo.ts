/** Conformance: an import is taken back page by page, beside edits, deletions and other imports. */
import { describe, expect, test } from 'vitest';
import type { ContactStore } from '../../contact-store.ts';
import { takePageBack } from '../../undo/take-page-back.ts';
import { type PageToUndo, UNDO_PAGE_CONTACTS, type UndonePage } from '../../undo-page.ts';
import type { Subject } from '../subject.ts';
import {
  applyRows,
  contactOf,
  contactsOf,
  delta,
  newId,
  newImport,
  sumOf,
  type TestImport,
  validRow,
} from '../test/test-imports.ts';
import { undoWhole } from '../test/test-undo.ts';

const anna = 'anna@example.org';
const ben = 'ben@example.org';
const cleo = 'cleo@example.org';

function addresses(count: number, prefix = 'n'): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${prefix}${String(index).padStart(6, '0')}@example.org`,
  );
}

async function outcomesOf(store: ContactStore, importId: string): Promise<string[]> {
  const { items } = await store.listUndo({ importId, limit: 500 });
  return items.map(({ email, outcome, reason }) => `${email} ${outcome} ${reason}`).sort();
}

export function undoSuite({ database, store }: Subject): void {
  const edit = async (owner: string, email: string, company: string) => {
    const { id } = await contactOf(store(), owner, email);
    await store().patchContact(owner, id, { company });
  };
  const changesOf = async (importId: string) => {
    const { rows } = await database().query<{ count: number }>(
      `SELECT (SELECT count(*) FROM contact_changes WHERE import_id = $1)::int
            + (SELECT count(*) FROM contacts WHERE created_by_import = $1)::int AS count`,
      [importId],
    );
    return rows[0]?.count;
  };

  describe('an undo', () => {
    test('removes what the import created, restores what it changed, and leaves all else alone', async () => {
      const { owner } = newImport();
      const base = { firstName: 'Ben', 'attributes.notes': 'old', 'attributes.plan': 'basic' };
      await applyRows(
        store(),
        newImport(owner),
        0,
        validRow(0, ben, base),
        validRow(1, cleo, { company: 'C' }),
      );
      const before = await contactsOf(store(), owner);
      const run = newImport(owner);
      await applyRows(
        store(),
        run,
        0,
        validRow(0, anna, { firstName: 'Anna' }),
        validRow(1, ben, {
          firstName: 'Benno',
          'attributes.notes': 'new',
          'attributes.added': 'x',
          phone: '+49',
        }),
        validRow(2, cleo, { company: 'C' }),
        validRow(3, 'd@example.org', { firstName: 'D' }),
        validRow(4, 'd@example.org', { company: 'D' }),
      );
      expect(await undoWhole(store(), run)).toEqual({ reversed: 3, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(before);
      expect((await contactOf(store(), owner, ben)).version).toBe(3);
      expect((await contactOf(store(), owner, cleo)).version).toBe(1);
      expect(await outcomesOf(store(), run.importId)).toEqual([]);
      expect(await changesOf(run.importId)).toBe(0);
    });

    test('keeps what somebody has edited or another import has written since, and says why', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, cleo, { company: 'Old' }));
      const run = newImport(owner);
      const rows = [anna, ben, cleo].map((email, row) => validRow(row, email, { firstName: 'New' }));
      await applyRows(store(), run, 0, ...rows);
      await edit(owner, anna, 'Edited');
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Other' }));
      expect(await undoWhole(store(), run)).toEqual({ reversed: 1, kept: 2, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          [anna, { firstName: 'New', company: 'Edited' }],
          [ben, { firstName: 'New', company: 'Other' }],
          [cleo, { company: 'Old' }],
        ]),
      );
      expect(await outcomesOf(store(), run.importId)).toEqual([
        `${anna} kept edited_since`,
        `${ben} kept imported_since`,
      ]);
      const { id } = await contactOf(store(), owner, anna);
      await store().deleteContact(owner, id);
      expect(await outcomesOf(store(), run.importId)).toEqual([`${ben} kept imported_since`]);
    });

    // The same file dropped again while the first, broken import was taken back: the second one's contacts went with it.
    test('keeps what another import has found as it was, and says why', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, cleo, { company: 'Old' }));
      const rows = [anna, ben, cleo].map((email, row) => validRow(row, email, { company: 'New' }));
      const broken = newImport(owner);
      await applyRows(store(), broken, 0, ...rows);
      const again = newImport(owner);
      const [one, , three] = rows.map((row) => [row]);
      const { delta: found } = await applyRows(store(), again, 0, ...(one ?? []), ...(three ?? []));
      expect(found).toEqual(delta({ unchanged: 2 }));
      expect(await undoWhole(store(), broken)).toEqual({ reversed: 1, kept: 2, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          [anna, { company: 'New' }],
          [cleo, { company: 'New' }],
        ]),
      );
      expect(await outcomesOf(store(), broken.importId)).toEqual([
        `${anna} kept confirmed_since`,
        `${cleo} kept confirmed_since`,
      ]);
      expect(await undoWhole(store(), again)).toEqual({ reversed: 0, kept: 0, failed: 0 });
      expect((await contactsOf(store(), owner)).size).toBe(2);
    });

    test('takes back what another import has found as it was, once that one is undone', async () => {
      const { owner } = newImport();
      const [first, again] = [newImport(owner), newImport(owner)];
      for (const run of [first, again]) await applyRows(store(), run, 0, validRow(0, anna), validRow(1, ben));
      expect(await undoWhole(store(), again)).toEqual({ reversed: 0, kept: 0, failed: 0 });
      expect(await undoWhole(store(), first)).toEqual({ reversed: 2, kept: 0, failed: 0 });
      expect((await contactsOf(store(), owner)).size).toBe(0);
    });

    test('keeps what was found as it was also where a third import has written it, and was undone', async () => {
      const { owner } = newImport();
      const [first, again, third] = [newImport(owner), newImport(owner), newImport(owner)];
      for (const run of [first, again]) await applyRows(store(), run, 0, validRow(0, anna, { company: 'A' }));
      await applyRows(store(), third, 0, validRow(0, anna, { company: 'Third' }));
      expect(await undoWhole(store(), third)).toMatchObject({ reversed: 1 });
      expect(await undoWhole(store(), first)).toEqual({ reversed: 0, kept: 1, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(new Map([[anna, { company: 'A' }]]));
    });

    test('goes back to what somebody left between two chunks', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna, { firstName: 'Anna' }));
      await edit(run.owner, anna, 'Edited');
      await applyRows(store(), run, 1, validRow(1, anna, { firstName: 'Annabel', company: 'Mine' }));
      expect(await undoWhole(store(), run)).toEqual({ reversed: 1, kept: 0, failed: 0 });
      expect(await contactsOf(store(), run.owner)).toEqual(
        new Map([[anna, { firstName: 'Anna', company: 'Edited' }]]),
      );
    });

    test('never brings back what was deleted, and counts it nowhere', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }));
      const run = newImport(owner);
      await applyRows(store(), run, 0, validRow(0, anna), validRow(1, ben, { company: 'New' }));
      for (const email of [anna, ben])
        await store().deleteContact(owner, (await contactOf(store(), owner, email)).id);
      await applyRows(store(), newImport(owner), 0, validRow(0, anna, { company: 'Anew' }));
      expect(await undoWhole(store(), run)).toEqual({ reversed: 0, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(new Map([[anna, { company: 'Anew' }]]));
    });

    test('of the later import, and then of the earlier one, takes both back', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }));
      const imports = ['First', 'Second', 'Third'].map((company) => ({ ...newImport(owner), company }));
      for (const { company, ...run } of imports)
        await applyRows(store(), run, 0, validRow(0, anna, { company }), validRow(1, ben, { company }));
      for (const { company: _company, ...run } of imports.toReversed())
        expect(await undoWhole(store(), run)).toEqual({ reversed: 2, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(new Map([[ben, { company: 'Old' }]]));
    });

    test('of the earlier import keeps what the later one wrote, which can be undone all the same', async () => {
      const { owner } = newImport();
      const [first, second] = [newImport(owner), newImport(owner)];
      await applyRows(store(), first, 0, validRow(0, anna, { company: 'First' }));
      await applyRows(store(), second, 0, validRow(0, anna, { company: 'Second' }));
      expect(await undoWhole(store(), first)).toEqual({ reversed: 0, kept: 1, failed: 0 });
      expect((await contactOf(store(), owner, anna)).company).toBe('Second');
      expect(await undoWhole(store(), second)).toEqual({ reversed: 1, kept: 0, failed: 0 });
      expect((await contactOf(store(), owner, anna)).company).toBe('First');
    });

    test('of an import that has brought its own write back hands the contact on', async () => {
      const { owner } = newImport();
      const [first, second] = [newImport(owner), newImport(owner)];
      await applyRows(store(), first, 0, validRow(0, anna, { company: 'First' }));
      await applyRows(store(), second, 0, validRow(0, anna, { company: 'Second' }));
      const back = await applyRows(store(), second, 1, validRow(1, anna, { company: 'First' }));
      expect(back.delta).toEqual(delta({ updated: -1, unchanged: 1, duplicate: 1 }));
      expect(await undoWhole(store(), second)).toEqual({ reversed: 0, kept: 0, failed: 0 });
      expect(await undoWhole(store(), first)).toEqual({ reversed: 1, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(new Map());
    });

    test('of an import that still runs leaves its late chunks outside', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna));
      expect(await undoWhole(store(), run)).toEqual({ reversed: 1, kept: 0, failed: 0 });
      const late = await applyRows(store(), run, 1, validRow(1, ben));
      expect(late).toEqual({
        delta: delta({ cancelled: 1 }),
        replayed: false,
        closed: true,
        hasEnded: false,
      });
      expect(await contactsOf(store(), run.owner)).toEqual(new Map());
    });

    test('makes room for a further upload, which counts as if there had been no other', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }));
      const first = newImport(owner);
      const rows = [
        validRow(0, anna, { company: 'New' }),
        validRow(1, ben, { company: 'New' }),
        validRow(2, cleo, { company: 'New' }),
      ];
      await applyRows(store(), first, 0, ...rows);
      await edit(owner, cleo, 'Edited');
      expect(await undoWhole(store(), first)).toEqual({ reversed: 2, kept: 1, failed: 0 });
      const second = { ...first, uploadId: newId() };
      const again = await applyRows(store(), second, 0, ...rows);
      expect(again.delta).toEqual(delta({ created: 1, updated: 2 }));
      expect(await undoWhole(store(), second)).toEqual({ reversed: 3, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          [ben, { company: 'Old' }],
          [cleo, { company: 'Edited' }],
        ]),
      );
    });

    test('that comes late, after a further upload, takes nothing of that one back', async () => {
      const first = newImport();
      await applyRows(store(), first, 0, validRow(0, anna));
      const second = { ...first, uploadId: newId() };
      await applyRows(store(), second, 0, validRow(0, anna), validRow(1, ben));
      expect(await undoWhole(store(), first)).toEqual({ reversed: 0, kept: 0, failed: 0 });
      expect((await contactsOf(store(), first.owner)).size).toBe(2);
      expect((await applyRows(store(), second, 1, validRow(2, cleo))).closed).toBe(false);
    });
  });

  describe('the pages of an undo', () => {
    test('hold so many contacts, each once, and are answered from their ledger when they come again', async () => {
      const run = newImport();
      const emails = addresses(2 * UNDO_PAGE_CONTACTS + 7);
      for (let from = 0; from < emails.length; from += 2_000)
        await applyRows(
          store(),
          run,
          from / 2_000,
          ...emails.slice(from, from + 2_000).map((email, index) => validRow(from + index, email)),
        );
      await edit(run.owner, emails[0] ?? '', 'Edited');
      const undoId = newId();
      const pages: UndonePage[] = [];
      let after: string | null = null;
      do {
        const page: PageToUndo = { ...run, undoId, run: 1, page: pages.length, after };
        const [one, other] = await Promise.all([store().undoPage(page), store().undoPage(page)]);
        expect([one.replayed, other.replayed].sort()).toEqual([false, true]);
        expect({ ...one, replayed: false }).toEqual({ ...other, replayed: false });
        expect({ ...(await store().undoPage(page)), replayed: false }).toEqual({ ...one, replayed: false });
        pages.push(one);
        after = one.next;
      } while (after !== null);
      expect(pages.map(({ reversed, kept }) => reversed + kept)).toEqual([
        UNDO_PAGE_CONTACTS,
        UNDO_PAGE_CONTACTS,
        7,
      ]);
      expect(await contactsOf(store(), run.owner)).toEqual(new Map([[emails[0], { company: 'Edited' }]]));
    }, 120_000);

    test('restore large contacts as well', async () => {
      const { owner } = newImport();
      const emails = addresses(40);
      const notes = (text: string) => ({ 'attributes.notes': text.repeat(100_000) });
      await applyRows(
        store(),
        newImport(owner),
        0,
        ...emails.map((email, row) => validRow(row, email, notes('x'))),
      );
      const before = await contactsOf(store(), owner);
      const run = newImport(owner);
      await applyRows(store(), run, 0, ...emails.map((email, row) => validRow(row, email, notes('y'))));
      expect(await undoWhole(store(), run)).toEqual({ reversed: 40, kept: 0, failed: 0 });
      expect(await contactsOf(store(), owner)).toEqual(before);
    });

    test('that cannot be undone are passed over: their contacts stay, and are listed as failed', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }), validRow(1, cleo));
      const run = newImport(owner);
      await applyRows(
        store(),
        run,
        0,
        validRow(0, anna),
        validRow(1, ben, { company: 'New' }),
        validRow(2, cleo),
      );
      const page = { ...run, undoId: newId(), run: 1, page: 0, after: null };
      const failed = { reversed: 0, kept: 0, failed: 2, next: null };
      const earlier = { reversed: 0, kept: 0 };
      expect(await store().failUndoPage(page)).toEqual({ ...failed, earlier, replayed: false });
      expect(await store().undoPage(page)).toEqual({ ...failed, earlier, replayed: true });
      expect((await contactsOf(store(), owner)).get(ben)).toEqual({ company: 'New' });
      expect(await outcomesOf(store(), run.importId)).toEqual([
        `${anna} failed page_failed`,
        `${ben} failed page_failed`,
      ]);
    });

    // Passing a page over forgot its before-images, so nothing could ever take its contacts back.
    test('that were passed over are taken back when the undo begins again, and nothing is counted twice', async () => {
      const { owner } = newImport();
      await applyRows(store(), newImport(owner), 0, validRow(0, ben, { company: 'Old' }));
      const run = newImport(owner);
      const rows = [anna, ben, cleo].map((email, row) => validRow(row, email, { company: 'New' }));
      await applyRows(store(), run, 0, ...rows);
      await edit(owner, cleo, 'Edited');
      const first: PageToUndo = { ...run, undoId: newId(), run: 1, page: 0, after: null };
      const kept = await takePageBack(database(), first, 'reverse', 1);
      const next: PageToUndo = { ...first, page: 1, after: kept.next };
      expect(await store().failUndoPage(next)).toMatchObject({ failed: 3 - kept.reversed - kept.kept });
      const second: PageToUndo = { ...run, undoId: newId(), run: 2, page: 0, after: null };
      const { reversed } = await store().undoPage(second);
      expect(reversed + kept.reversed).toBe(2);
      const earlier = { reversed: kept.reversed, kept: kept.kept };
      expect(await store().undoPage(second)).toMatchObject({ reversed, failed: 0, earlier, replayed: true });
      expect(await contactsOf(store(), owner)).toEqual(
        new Map([
          [ben, { company: 'Old' }],
          [cleo, { company: 'Edited' }],
        ]),
      );
      expect(await outcomesOf(store(), run.importId)).toEqual([`${cleo} kept edited_since`]);
      expect(await changesOf(run.importId)).toBe(0);
    });

    test('that an earlier release passed over, and forgot, stay failed when the undo begins again', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna), validRow(1, ben));
      await store().failUndoPage({ ...run, undoId: newId(), run: 1, page: 0, after: null });
      await database().query('UPDATE contacts SET created_by_import = NULL WHERE owner = $1', [run.owner]);
      expect(await undoWhole(store(), run, 2)).toEqual({ reversed: 0, kept: 0, failed: 2 });
      expect(await outcomesOf(store(), run.importId)).toEqual([
        `${anna} failed page_failed`,
        `${ben} failed page_failed`,
      ]);
    });

    test('of an undo that has begun again do nothing for the one before', async () => {
      const run = newImport();
      await applyRows(store(), run, 0, validRow(0, anna), validRow(1, ben));
      const first: PageToUndo = { ...run, undoId: newId(), run: 1, page: 0, after: null };
      await store().failUndoPage({ ...run, undoId: newId(), run: 2, page: 0, after: null });
      const leftAlone = { reversed: 0, kept: 0, failed: 1, next: null, replayed: false };
      expect(await store().undoPage(first)).toEqual(leftAlone);
      expect((await contactsOf(store(), run.owner)).size).toBe(2);
      expect(await undoWhole(store(), run, 3)).toEqual({ reversed: 2, kept: 0, failed: 0 });
    });

    test('and chunks of others on the same contacts wait for each other, and nobody loses anything', async () => {
      const { owner } = newImport();
      const emails = addresses(60);
      const rowsOf = (order: readonly string[], company: string) =>
        order.map((email, row) => validRow(row, email, { company }));
      const undone = newImport(owner);
      await applyRows(store(), undone, 0, ...rowsOf(emails, 'Undone'));
      const others: TestImport[] = Array.from({ length: 4 }, () => newImport(owner));
      const [done, ...answers] = await Promise.all([
        undoWhole(store(), undone),
        ...others.map((run, index) =>
          applyRows(
            store(),
            run,
            0,
            ...rowsOf(index % 2 === 0 ? emails : emails.toReversed(), `Other ${index}`),
          ),
        ),
      ]);
      expect(done.reversed + done.kept).toBe(60);
      const totals = sumOf(answers.map((answer) => answer.delta));
      expect(totals.created).toBe(done.reversed);
      const companies = [...(await contactsOf(store(), owner)).values()].map(({ company }) => company);
      expect(companies).toHaveLength(60);
      expect(companies).not.toContain('Undone');
    });
  });

  describe('the list of an undo', () => {
    test('comes page by page, refuses a foreign cursor, and is empty where there was none', async () => {
      const run = newImport();
      const emails = addresses(7);
      await applyRows(store(), run, 0, ...emails.map((email, row) => validRow(row, email)));
      for (const email of emails) await edit(run.owner, email, 'Edited');
      expect(await store().listUndo({ importId: run.importId, limit: 3 })).toEqual({
        items: [],
        nextCursor: null,
      });
      await undoWhole(store(), run);
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page: Awaited<ReturnType<ContactStore['listUndo']>> = await store().listUndo({
          importId: run.importId,
          limit: 3,
          cursor,
        });
        expect(page.items.length).toBeLessThanOrEqual(3);
        found.push(...page.items.map(({ email }) => email));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(found.sort()).toEqual(emails);
      await expect(store().listUndo({ importId: run.importId, limit: 3, cursor: 'x' })).rejects.toMatchObject(
        {
          code: 'cursor_invalid',
        },
      );
      expect(await store().listUndo({ importId: 'no-id', limit: 3 })).toEqual({
        items: [],
        nextCursor: null,
      });
    });
  });
}
