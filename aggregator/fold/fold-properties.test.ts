/** The fold against a plain model, over random lives of an import; fast-check prints the seed of one that fails. */
import { buckets, hasEnded, isAtRest, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ImportFold } from '../state/import-fold.ts';
import { decodeImportFold, encodeImportFold } from '../state/import-fold.ts';
import type { FoldResult } from './fold.ts';
import { ImportWorld } from './test/import-world.ts';

const numbers = fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 300 });

/** Gives the numbers one after another, and again from the start. */
function chooser(given: readonly number[]) {
  let used = 0;
  return (below: number) => {
    used += 1;
    // So that a second round makes other choices.
    return ((given[used % given.length] ?? 0) + Math.floor(used / given.length)) % below;
  };
}

function checkState({ state, totals, reported, failed, expected, undo }: ImportFold): void {
  const shown = buckets.map((bucket) => state.rows[bucket]);
  expect(Math.min(...shown)).toBeGreaterThanOrEqual(0);
  expect(sumRows(state.rows)).toBe(sumRows(totals));
  expect(state.chunks.completed + state.chunks.failed).toBe(reported.size);
  expect(state.chunks.failed).toBe(failed.size);
  expect(undo?.running ?? false).toBe(state.undo !== null && state.undo.endedAt === null);
  if (!hasEnded(state)) return;
  expect(sumRows(state.rows)).toBe(state.rows.total);
  expect(state.chunks.total).toBe(reported.size);
  expect(expected !== null && reported.covers(expected)).toBe(true);
  expect(state).toMatchObject({ endedAt: expect.any(String) });
  if (isAtRest(state)) expect(state.waitingFor).toBeNull();
  else expect(state.waitingFor?.reason ?? 'retry').toBe('retry');
}

function checkStep(before: ImportFold | undefined, { data }: ImportCommand, result: FoldResult): void {
  const { next, ignored, notifications } = result;
  if (ignored) {
    expect(next).toBe(before);
    return;
  }
  if (next == null) return;
  checkState(next);
  expect(decodeImportFold(encodeImportFold(next))).toEqual(next);
  if (before !== undefined) expect(next.state.version).toBeGreaterThan(before.state.version);
  const carried = 'folded' in data ? data.folded : undefined;
  const previous = before ?? carried ?? null;
  const wasEnded = previous !== null && hasEnded(previous.state);
  const ends = notifications.filter(({ type }) => type === `import.${next.state.status}`);
  if (hasEnded(next.state) && !wasEnded) expect(ends).toHaveLength(1);
  for (const { final } of notifications) if (final) expect(isAtRest(next.state)).toBe(true);
}

/** What the log has forgotten is what the store has. */
function checkAgainstModel({ live, projected, model, undos }: ImportWorld): void {
  const known = live ?? projected;
  if (known === null) throw new Error('the import is lost');
  expect({ status: known.state.status, totals: known.totals }).toEqual({
    status: model.status,
    totals: model.totals,
  });
  const { undo } = known;
  expect(known.state.undo?.reversed).toBe(model.undo?.reversed);
  expect(known.state.undo?.failed).toBe(model.undo?.failed);
  expect(undo?.running).toBe(model.undo?.isRunning);
  // While an undo runs, its page is asked for once, or is a dead one that is on the log again.
  const asked = undos.asked.length + Number(undos.hasLostPage);
  const isBack = undos.requeued.some(({ undoId, page }) => undoId === undo?.undoId && page === undo.page);
  if (!undo?.running) expect(asked).toBe(0);
  else expect(isBack ? [0, 1] : [1]).toContain(asked);
  if (model.hasEnded) expect(known.state.rows.total).toBe(model.total);
}

test('whatever happens to an import, in whatever order and however often, it is what the model says, and it ends', () => {
  fc.assert(
    fc.property(numbers, fc.boolean(), fc.integer({ min: 1, max: 120 }), (given, autoUndo, steps) => {
      const choose = chooser(given);
      const world = new ImportWorld(checkStep, autoUndo);
      for (let step = 0; step < steps; step += 1) {
        world.step(choose);
        checkAgainstModel(world);
      }
      for (const goOn of [world.drain, world.findAll]) {
        goOn.call(world, choose);
        checkAgainstModel(world);
        expect(world.model.hasEnded).toBe(true);
        expect(world.isAtRest).toBe(true);
      }
      world.takeAllBack(choose);
      checkAgainstModel(world);
      if (world.model.undo !== null) expect(world.model.undo.failed).toBe(0);
      expect(world.model.undo?.reversed ?? 0).toBe(world.undos.reversed);
    }),
    { numRuns: 200 },
  );
});
