import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { describe, expect, test } from 'vitest';
import {
  aborted,
  accepted,
  cancel,
  completed,
  expired,
  failed,
  laterUploadId,
  pageDone,
  passedBy,
  requeued,
  retrying,
  run,
  sealed,
  step,
  undo,
  uploadId,
} from './test/folded-commands.ts';

describe('a requeued chunk', () => {
  const ended = () => run([accepted(), sealed(2), completed(0), failed(1)]);

  test('takes the failed report back, and its next report corrects buckets and status', () => {
    const before = ended();
    expect(before.state).toMatchObject({ status: 'completed_with_errors', rows: { created: 5, failed: 5 } });
    const running = run(
      [{ type: 'import.compared', data: { version: 3, reconciled: true } }, requeued(1)],
      before.live,
    );
    expect(running.state).toMatchObject({
      ...{ status: 'importing', endedAt: null, reconciled: null },
      ...{ rows: { total: 10, created: 5, failed: 0 }, chunks: { total: 2, completed: 1, failed: 0 } },
    });
    const { state, told } = run([completed(1)], running.live);
    expect(state).toMatchObject({
      status: 'completed',
      rows: { created: 10, failed: 0 },
      chunks: { completed: 2 },
    });
    expect(told).toEqual(['import.completed (final)']);
  });

  test('may fail once more, and be requeued once more', () => {
    const { state, told } = run([requeued(1), failed(1), requeued(1), completed(1)], ended().live);
    expect(state).toMatchObject({ status: 'completed', rows: { total: 10, created: 10, failed: 0 } });
    expect(told).toEqual([
      ...['import.chunk_failed', 'import.completed_with_errors (final)', 'import.completed (final)'],
    ]);
  });

  test('that is reported as failed a second time, behind its requeue, counts as what it comes to in the end', () => {
    const { state, told, ignored } = run([requeued(1), failed(1), completed(1), failed(1)], ended().live);
    expect(ignored).toEqual([false, false, false, true]);
    expect(state).toMatchObject({ status: 'completed', rows: { total: 10, created: 10, failed: 0 } });
    expect(told.at(-1)).toBe('import.completed (final)');
  });

  test('is ignored unless its last report is a failed one', () => {
    const { ignored } = run([requeued(0), requeued(1), requeued(1), requeued(7)], ended().live);
    expect(ignored).toEqual([true, false, true, true]);
  });

  test('of a cancelled import is counted as the gate finds it, and the import is cancelled again', () => {
    const { live } = run([accepted(), sealed(1), cancel, failed(0)]);
    const again = run([requeued(0)], live);
    expect(again.state).toMatchObject({ status: 'cancelling', endedAt: null });
    expect(run([passedBy(0)], again.live).state).toMatchObject({
      status: 'cancelled',
      rows: { cancelled: 5 },
    });
  });

  test('of an import that is undone is counted as the gate finds it, and nothing more is undone', () => {
    const begun = run([undo()], ended().live);
    const { undoId } = begun.pages[0] ?? { undoId: '' };
    const { live } = run([pageDone(undoId, 0, null)], begun.live);
    const again = run([requeued(1), passedBy(1)], live);
    expect(again.state).toMatchObject({
      ...{ status: 'undone', rows: { total: 10, created: 5, cancelled: 5, failed: 0 } },
      undo: { reversed: 4, kept: 1 },
    });
    expect(again.told).toEqual(['import.undone (final)']);
    expect(again.pages).toEqual([]);
  });

  test('of an import that is being undone keeps it from its end until it has reported', () => {
    const begun = run([undo(), requeued(1)], ended().live);
    const { undoId } = begun.pages[0] ?? { undoId: '' };
    const open = run([pageDone(undoId, 0, null)], begun.live);
    expect(open.state).toMatchObject({ status: 'undoing', undo: { reversed: 4 } });
    expect(open.told).toEqual([]);
    expect(run([passedBy(1)], open.live).told).toEqual(['import.undone (final)']);
  });

  test('of an import that broke off and is taken back leads to its end, and to no second undo', () => {
    const broken = run([accepted(), failed(0), aborted(1)]);
    const { undoId } = broken.pages[0] ?? { undoId: '' };
    const again = run([requeued(0), pageDone(undoId, 0, null), passedBy(0)], broken.live);
    expect(again.told).toEqual(['import.undone', 'import.failed (final)']);
    expect(again.pages).toEqual([]);
  });
});

describe('work that is gone', () => {
  const lost = (version: number): ImportCommand => ({ type: 'work.lost', data: { uploadId, version } });
  const half = () => run([accepted(), sealed(3), completed(0), retrying(1, 2, '05')]);

  test('lets its chunks fail with the rows that the receiver had counted, once, and is told', () => {
    const { state, told, ignored, live } = run([lost(3), lost(3), failed(1)], half().live);
    expect(state).toMatchObject({
      status: 'completed_with_errors',
      rows: { total: 15, created: 5, failed: 10 },
      chunks: { total: 3, completed: 1, failed: 2 },
      waitingFor: null,
    });
    expect(told).toEqual(['import.chunks_lost', 'import.completed_with_errors (final)']);
    expect(ignored).toEqual([false, true, true]);
    expect(live.retrying).toEqual([]);
    const { notifications } = step(half().live, lost(3), 4);
    expect(notifications[0]?.lost).toEqual({ code: 'chunk_lost', lostChunks: 2, lostRows: 10 });
  });

  test('is not believed behind a report, or about another upload, or while the file comes', () => {
    const reported = run([completed(1)], half().live);
    expect(run([lost(3)], reported.live).ignored).toEqual([true]);
    const foreign: ImportCommand = { type: 'work.lost', data: { uploadId: laterUploadId, version: 3 } };
    expect(run([foreign], half().live).ignored).toEqual([true]);
    expect(run([accepted(), completed(0), lost(1)]).ignored).toEqual([false, false, true]);
  });

  test('of a cancelled import ends it as cancelled', () => {
    const { state } = run([lost(4)], run([cancel], half().live).live);
    expect(state).toMatchObject({ status: 'cancelled', rows: { total: 15, created: 5, failed: 10 } });
  });

  test('is corrected by a report that comes all the same, and by a requeue', () => {
    const ended = run([lost(3)], half().live).live;
    const found = run([completed(1)], ended);
    expect(found.state).toMatchObject({ status: 'completed_with_errors', rows: { created: 10, failed: 5 } });
    expect(found.state.chunks).toEqual({ total: 3, completed: 2, failed: 1 });
    const again = run([requeued(2), completed(2)], found.live);
    expect(again.state).toMatchObject({ status: 'completed', rows: { total: 15, created: 15, failed: 0 } });
  });

  test('has rows that nobody knows where the receiver had died; they count once they are found', () => {
    const broken = run([accepted(false), completed(0), expired(0, [1, 2])]);
    const ended = run([lost(2)], broken.live);
    expect(step(broken.live, lost(2), 3).notifications[0]?.lost).toMatchObject({
      lostChunks: 2,
      lostRows: null,
    });
    expect(ended.state).toMatchObject({
      status: 'failed',
      rows: { total: 5, created: 5, failed: 0 },
      chunks: { total: 3, completed: 1, failed: 2 },
    });
    const { state } = run([completed(2)], ended.live);
    expect(state).toMatchObject({ status: 'failed', rows: { total: 10, created: 10, failed: 0 } });
    expect(state.chunks).toEqual({ total: 3, completed: 2, failed: 1 });
  });

  test('keeps the rows that a failed report has told, however often it is gone', () => {
    const broken = run([accepted(false), completed(0), failed(1), expired(0, [2])]);
    const ended = run([lost(3)], broken.live);
    expect(ended.state.rows).toMatchObject({ total: 10, created: 5, failed: 5 });
    const requeuedBoth = run([requeued(1), requeued(2)], ended.live);
    const again = step(requeuedBoth.live, lost(requeuedBoth.state.version), 20);
    expect(again.notifications[0]?.lost).toMatchObject({ lostChunks: 2, lostRows: null });
    expect(again.next?.state.rows).toMatchObject({ total: 10, created: 5, failed: 5 });
    const found = run([completed(1), completed(2)], again.next ?? undefined);
    expect(found.state.rows).toMatchObject({ total: 15, created: 15, failed: 0 });
  });

  test('is asked for again where it is a page of an undo', () => {
    const ended = run([accepted(), sealed(1), completed(0)]).live;
    const begun = run([undo()], ended);
    const [first] = begun.pages;
    const going = run([pageDone(first?.undoId ?? '', 0, 'k')], begun.live);
    const { pages, told, ignored } = run([lost(4), lost(4)], going.live);
    expect(pages).toEqual(going.pages);
    expect(pages).toMatchObject([{ page: 1, after: 'k' }]);
    expect([told, ignored]).toEqual([[], [false, true]]);
  });
});
