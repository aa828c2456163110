/** Conformance: a file is dropped as another import while the undo of its broken first one runs. What the second has confirmed stays. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ValidRow } from '../../chunk-to-apply.ts';
import { takePageBack } from '../../undo/take-page-back.ts';
import type { PageToUndo } from '../../undo-page.ts';
import type { ModelContact } from '../models/bucket-rule-model.ts';
import type { Subject } from '../subject.ts';
import { applyRows, contactsOf, newId, newImport, sumOf, sumRows, validRow } from '../test/test-imports.ts';

const ROWS_PER_CHUNK = 2;
/** Small, so that an undo has several pages, and chunks come between them. */
const CONTACTS_PER_PAGE = 2;

const address = fc.constantFrom(...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}@example.org`));
const arbitrary = fc.record({
  /** Contacts that were there before. */
  earlier: fc.uniqueArray(address, { maxLength: 4 }),
  rows: fc.array(fc.tuple(address, fc.constantFrom('x', 'y')), { minLength: 1, maxLength: 10 }),
  /** Chunks that had come when the first upload broke off, at most. */
  begun: fc.nat({ max: 5 }),
  /** What comes next: a chunk of the second import, of those that are left, or a page of the undo. */
  order: fc.array(fc.record({ isPage: fc.boolean(), chunk: fc.nat() }), { minLength: 1, maxLength: 20 }),
});
type Scenario = typeof arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** @returns the contacts at the end, and how many rows the second import has counted */
async function play({ store, database }: Subject, { earlier, rows, begun, order }: Scenario) {
  const owner = newId();
  const before = earlier.map((email, row) => validRow(row, email, { company: 'before' }));
  if (before.length > 0) await applyRows(store(), newImport(owner), 0, ...before);
  const chunks: ValidRow[][] = [];
  for (const [row, [email, company]] of rows.entries()) {
    if (row % ROWS_PER_CHUNK === 0) chunks.push([]);
    chunks.at(-1)?.push(validRow(row, email, { company }));
  }
  const [broken, again] = [newImport(owner), newImport(owner)];
  for (const [chunk, part] of chunks.slice(0, begun).entries())
    await applyRows(store(), broken, chunk, ...part);
  await store().closeGate(broken);

  let page: PageToUndo | null = { ...broken, undoId: newId(), run: 1, page: 0, after: null };
  const left = [...chunks.entries()];
  const confirmed = new Set(earlier);
  const deltas = [];
  for (let step = 0; left.length > 0 || page !== null; step += 1) {
    const { isPage = true, chunk = 0 } = order[step % order.length] ?? {};
    if (page !== null && (isPage || left.length === 0)) {
      const { next } = await takePageBack(database(), page, 'reverse', CONTACTS_PER_PAGE);
      page = next === null ? null : { ...page, page: page.page + 1, after: next };
    } else {
      const [[number, part] = [0, []]] = left.splice(chunk % left.length, 1);
      deltas.push((await applyRows(store(), again, number, ...part)).delta);
      for (const { email } of part) confirmed.add(email);
    }
    const there = await contactsOf(store(), owner);
    expect([...confirmed].filter((email) => !there.has(email))).toEqual([]);
  }
  return { contacts: await contactsOf(store(), owner), counted: sumRows(sumOf(deltas)) };
}

export function droppedAgainSuite(subject: Subject): void {
  describe('a file that is dropped again', () => {
    test('while its broken import is taken back is imported whole, whatever comes first', async () => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (scenario) => {
          const expected = new Map<string, ModelContact>();
          for (const email of scenario.earlier) expected.set(email, { company: 'before' });
          // The highest row of the file that says something wins.
          for (const [email, company] of scenario.rows) expected.set(email, { company });
          const { contacts, counted } = await play(subject, scenario);
          expect(contacts).toEqual(expected);
          expect(counted).toBe(scenario.rows.length);
        }),
        // Each case has some twenty steps.
        { numRuns: Math.ceil(subject.propertyRuns / 3) },
      );
    }, 600_000);
  });
}
