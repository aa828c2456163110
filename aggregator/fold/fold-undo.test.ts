import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { describe, expect, test } from 'vitest';
import {
  aborted,
  accepted,
  cancel,
  completed,
  eventIdAt,
  importId,
  pageDied,
  pageDone,
  pagePassedOver,
  pageRequeued,
  run,
  sealed,
  step,
  undo,
  uploadId,
} from './test/folded-commands.ts';

describe('an undo', () => {
  const ended = () => run([accepted(), sealed(1), completed(0)]);

  test('asks for one page after another, sums them, and keeps the buckets', () => {
    const begun = run([undo()], ended().live);
    const undoId = eventIdAt(3);
    const work = { importId, uploadId, undoId, run: 1, owner: 'o' };
    expect(begun.pages).toEqual([{ ...work, page: 0, after: null }]);
    expect(begun.state).toMatchObject({ status: 'undoing', undo: { reversed: 0, endedAt: null } });
    const next = run([pageDone(undoId, 0, 'm')], begun.live);
    expect(next.pages).toEqual([{ ...work, page: 1, after: 'm' }]);
    const { state, told, pages } = run([pageDone(undoId, 1, null)], next.live);
    expect(state).toMatchObject({
      ...{ status: 'undone', rows: { total: 5, created: 5 } },
      undo: { reversed: 8, kept: 2, failed: 0, endedAt: '1970-01-01T00:16:45.000Z' },
    });
    expect(state.endedAt).toBe(ended().state.endedAt);
    expect(told).toEqual(['import.undone (final)']);
    expect(pages).toEqual([]);
  });

  test('counts each page once, and no page of another undo', () => {
    const { live } = run([undo()], ended().live);
    const undoId = eventIdAt(3);
    const { ignored, state } = run(
      [
        ...[pageDone(importId, 0, null), pageDone(undoId, 1, null), pageDone(undoId, 0, 'm')],
        ...[pageDone(undoId, 0, 'm'), pageDone(undoId, 1, null), pageDone(undoId, 1, null)],
      ],
      live,
    );
    expect(ignored).toEqual([true, true, false, true, false, true]);
    expect(state.undo).toMatchObject({ reversed: 8 });
  });

  test('begins once', () => {
    const { ignored, pages } = run([undo(), undo(), pageDone(eventIdAt(3), 0, null), undo()], ended().live);
    expect(ignored).toEqual([false, true, false, true]);
    expect(pages).toHaveLength(1);
  });

  test('does not begin while the import runs', () => {
    expect(run([accepted(), undo(), completed(0), undo(), cancel, undo()]).ignored).toEqual([
      ...[false, true, false, true, false, true],
    ]);
  });

  test('begins by itself where the upload broke off; the import stays failed, and its end is told before the undo', () => {
    const broken = run([accepted(), completed(0), aborted(1)]);
    const undoId = eventIdAt(2);
    expect(broken.pages).toEqual([{ importId, uploadId, undoId, run: 1, owner: 'o', page: 0, after: null }]);
    expect(broken.state).toMatchObject({ status: 'failed', undo: { reversed: 0, endedAt: null } });
    expect(broken.told).toEqual(['import.accepted', 'import.failed']);
    const compared: ImportCommand = { type: 'import.compared', data: { version: 2, reconciled: true } };
    const projected: ImportCommand = { type: 'import.projected', data: { version: 3 } };
    const during = run([compared, undo(), projected], broken.live);
    expect(during.ignored).toEqual([false, true, true]);
    expect(during.told).toEqual(['import.reconciled']);
    const { state, told } = run([pageDone(undoId, 0, null)], during.live);
    expect(state).toMatchObject({ status: 'failed', rows: { created: 5 }, undo: { reversed: 4, kept: 1 } });
    expect(told).toEqual(['import.undone (final)']);
  });

  test('does not begin by itself where that is not wanted, or the import was cancelled', () => {
    expect(run([accepted(false), completed(0), aborted(1)]).told).toContain('import.failed (final)');
    for (const commands of [
      [accepted(false), aborted(0)],
      [accepted(), cancel, aborted(0)],
    ]) {
      expect(run(commands)).toMatchObject({ pages: [], state: { undo: null } });
    }
  });
});

describe('an undo that has left contacts', () => {
  const ended = () => run([accepted(), sealed(1), completed(0)]);
  const first = eventIdAt(3);
  /** Page 0 is done, and page 1 passed over. */
  const partly = () => run([undo(), pageDone(first, 0, 'm'), pagePassedOver(first, 1, null)], ended().live);
  /** Page 0 is done, and page 1 is a dead letter. */
  const stopped = () => run([undo(), pageDone(first, 0, 'm'), pageDied(first, 1)], ended().live);

  test('begins again under another id, from the first page, with the sums of the one before', () => {
    const before = partly();
    expect(before.state).toMatchObject({ status: 'undone', undo: { reversed: 4, kept: 1, failed: 5 } });
    const second = eventIdAt(6);
    const again = run([undo(null, first)], before.live);
    expect(again.state).toMatchObject({
      ...{ status: 'undoing', undo: { reversed: 4, kept: 1, failed: 0, endedAt: null } },
    });
    expect(again.pages).toEqual([
      { importId, uploadId, undoId: second, run: 2, owner: 'o', page: 0, after: null },
    ]);
    const { state, told } = run([pagePassedOver(first, 1, null), pageDone(second, 0, null)], again.live);
    expect(state).toMatchObject({ status: 'undone', undo: { reversed: 8, kept: 2, failed: 0 } });
    expect(told).toEqual(['import.undone (final)']);
  });

  test('begins again once for each request, however often that comes', () => {
    const before = partly();
    const second = eventIdAt(6);
    const request = undo(null, first);
    const { ignored } = run(
      [request, request, pagePassedOver(second, 0, null), request, undo(), undo(null, second)],
      before.live,
    );
    expect(ignored).toEqual([false, true, false, true, true, false]);
  });

  test('does not begin again where nothing has failed', () => {
    const { live } = run([undo(), pageDone(first, 0, null)], ended().live);
    expect(run([undo(null, first)], live).ignored).toEqual([true]);
  });

  test('is begun again after it came by itself, and the import is undone then', () => {
    const broken = run([accepted(), completed(0), aborted(1), pageDied(eventIdAt(2), 0)]);
    expect(broken.state).toMatchObject({ status: 'failed', undo: { reversed: 0, failed: 1 } });
    expect(broken.told.at(-1)).toBe('import.undone (final)');
    const again = run([undo(null, eventIdAt(2)), pageDone(eventIdAt(4), 0, null)], broken.live);
    expect(again.state).toMatchObject({ status: 'undone', undo: { reversed: 4, kept: 1, failed: 0 } });
  });

  test('tells of the undos before it what the contact store knows, also of a page that was never reported', () => {
    const second = eventIdAt(6);
    const earlier = { reversed: 9, kept: 2 };
    const done: ImportCommand = {
      type: 'undo.page_completed',
      data: { undoId: second, page: 0, reversed: 3, kept: 0, failed: 0, next: 'm', earlier },
    };
    const { state } = run([undo(null, first), done, pageDone(second, 1, null)], stopped().live);
    expect(state.undo).toMatchObject({ reversed: 16, kept: 3, failed: 0 });
  });

  test('stops at a page that is a dead letter, and goes on there once that is requeued', () => {
    const before = stopped();
    expect(before.state).toMatchObject({ status: 'undone', undo: { reversed: 4, kept: 1, failed: 1 } });
    expect(before.told).toEqual(['import.undone (final)']);
    const back = run([pageRequeued(first, 1)], before.live);
    expect(back.state).toMatchObject({ status: 'undoing', undo: { failed: 0, endedAt: null } });
    expect(back.pages).toEqual([]);
    const next = run([pageDone(first, 1, 'q')], back.live);
    expect(next.pages).toMatchObject([{ undoId: first, page: 2, after: 'q' }]);
    const { state, told } = run([pageDone(first, 2, null)], next.live);
    expect(state).toMatchObject({ status: 'undone', undo: { reversed: 12, kept: 3, failed: 0 } });
    expect(told).toEqual(['import.undone (final)']);
  });

  test('counts a dead page once, whatever comes again and in whichever order', () => {
    const { live } = stopped();
    const orders = [
      [pageRequeued(first, 1), pageDied(first, 1), pageDone(first, 1, null)],
      [pageDone(first, 1, null), pageRequeued(first, 1), pageDied(first, 1), pageDone(first, 1, null)],
      [pageDied(first, 1), pageRequeued(first, 1), pageRequeued(first, 1), pageDone(first, 1, null)],
    ];
    for (const commands of orders) {
      const { state } = run(commands, live);
      expect(state).toMatchObject({ status: 'undone', undo: { reversed: 8, kept: 2, failed: 0 } });
    }
  });

  test('is not changed by a dead page of the undo before it', () => {
    const again = run([undo(null, first)], stopped().live);
    const late = [pageRequeued(first, 1), pageDone(first, 1, null), pageDied(first, 1)];
    expect(run(late, again.live).ignored).toEqual([true, true, true]);
  });

  test('is carried back where the log has forgotten it, to begin again or to go on', () => {
    const { live } = stopped();
    expect(step(undefined, undo(live, first), 40).undoPage).toMatchObject({ undoId: eventIdAt(40), run: 2 });
    const back = step(undefined, pageRequeued(first, 1, live), 40);
    expect(back.next?.state).toMatchObject({ status: 'undoing', undo: { reversed: 4, failed: 0 } });
    const tooLate = pageRequeued(first, 1);
    expect(step(undefined, tooLate, 40).cameTooLate).toBe(true);
  });
});
