/** The life of an import beyond its plain way: cancel, expiry, retries, requeues, undos, and further attempts to upload. */
import { noRows, sumRows } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { describe, expect, test } from 'vitest';
import { decodeImportFold, encodeImportFold, type ImportFold } from '../state/import-fold.ts';
import type { FoldResult } from './fold.ts';
import { fold } from './fold.ts';

const importId = '0198c0de-0000-7000-8000-000000000002';
const uploadId = '0198c0de-0000-7000-8000-000000000010';
const laterUploadId = '0198c0de-0000-7000-8000-000000000011';
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** The `eventId` of the command at the offset. */
const eventIdAt = (offset: number) => `0198c0de-0000-7000-9000-${String(offset).padStart(12, '0')}`;

function step(current: ImportFold | undefined, command: ImportCommand, offset: number): FoldResult {
  const cause = { eventId: eventIdAt(offset), correlationId: importId, traceparent };
  return fold(current, { importId, command, cause, offset, timestamp: 1_000_000 + offset * 1_000 });
}

/** Folds the commands one after another, each result stored and read back; offsets go on from the state's version. */
function run(commands: readonly ImportCommand[], from?: ImportFold) {
  let live = from;
  const first = from === undefined ? 0 : from.state.version + 1;
  const steps = commands.map((command, index) => {
    const result = step(live, command, first + index);
    live = result.next == null ? undefined : decodeImportFold(encodeImportFold(result.next));
    return result;
  });
  if (live === undefined) throw new Error('no import');
  const { state } = live;
  const told = steps.flatMap(({ notifications }) =>
    notifications.map(({ type, final }) => (final ? `${type} (final)` : type)),
  );
  const pages = steps.flatMap(({ undoPage }) => (undoPage === null ? [] : [undoPage]));
  return { live, state, told, pages, ignored: steps.map((result) => result.ignored) };
}

const accepted = (autoUndo = true, upload = uploadId): ImportCommand => ({
  type: 'import.accepted',
  data: { uploadId: upload, channelId: 'c', owner: 'o', fileName: 'a.csv', clientReference: null, autoUndo },
});
const heartbeat = (number: number, chunks?: number): ImportCommand => ({
  type: 'upload.heartbeat',
  data: { uploadId, number, bytes: number * 100, ...(chunks === undefined ? {} : { chunks }) },
});
const sealed = (chunks: number): ImportCommand => ({
  type: 'upload.sealed',
  data: { uploadId, chunks, rows: chunks * 5, bytes: 1_000 },
});
const aborted = (count: number): ImportCommand => ({
  type: 'upload.aborted',
  data: { uploadId, error: 'connection_broken', bytes: 500, chunks: { count, rows: count * 5 } },
});
const expired = (newest: number, pending: number[] = []): ImportCommand => ({
  type: 'upload.expired',
  data: { uploadId, heartbeat: newest, pending },
});
const completed = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), created: 5 } },
});
const passedBy = (chunk: number): ImportCommand => ({
  type: 'chunk.completed',
  data: { uploadId, chunk, rows: 5, delta: { ...noRows(), cancelled: 5 } },
});
const failed = (chunk: number): ImportCommand => ({
  type: 'chunk.failed',
  data: { uploadId, chunk, rows: 5, code: 'x', message: 'x' },
});
const retrying = (chunk: number, attempt: number, second: string): ImportCommand => ({
  type: 'chunk.retrying',
  data: { uploadId, chunk, attempt, attempts: 3, dueAt: `2026-11-28T12:04:${second}.000Z`, code: 'x' },
});
const requeued = (chunk: number, carried: ImportFold | null = null): ImportCommand => ({
  type: 'chunk.requeued',
  data: { uploadId, chunk, rows: 5, folded: carried && packed(carried) },
});
const undo = (carried: ImportFold | null = null, again: string | null = null): ImportCommand => ({
  type: 'import.undo',
  data: { by: 'owner', folded: carried && packed(carried), again },
});
const stopped: ImportCommand = { type: 'work.stopped', data: { uploadId } };
const cancel: ImportCommand = { type: 'import.cancel', data: { by: 'owner' } };
const pageDone = (undoId: string, page: number, next: string | null): ImportCommand => ({
  type: 'undo.page_completed',
  data: { undoId, page, reversed: 4, kept: 1, failed: 0, next },
});
const pagePassedOver = (undoId: string, page: number, next: string | null): ImportCommand => ({
  type: 'undo.page_completed',
  data: { undoId, page, reversed: 0, kept: 0, failed: 5, next },
});
const pageDied = (undoId: string, page: number): ImportCommand => ({
  type: 'undo.page_failed',
  data: { undoId, page },
});
const letter = { group: 'g', topic: 't', partition: 0, offset: 3, key: 'k' };
const pageRequeued = (undoId: string, page: number, carried: ImportFold | null = null): ImportCommand => ({
  type: 'undo.page_requeued',
  data: { undoId, page, folded: carried && packed(carried), letter },
});

function packed(folded: ImportFold) {
  return JSON.parse(new TextDecoder().decode(encodeImportFold(folded)));
}

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

describe('an upload', () => {
  test('that expired counts only where no heartbeat is newer', () => {
    const alive = run([accepted(), heartbeat(1), heartbeat(2), expired(1)]);
    expect(alive.ignored.at(-1)).toBe(true);
    expect(alive.state.upload).toBe('receiving');
    const { state } = run([expired(2)], alive.live);
    expect(state).toMatchObject({ status: 'failed', upload: 'aborted', uploadError: 'expired', bytes: 200 });
  });

  test('has one end: the first of sealed, aborted and expired in the order of the log', () => {
    for (const first of [sealed(1), aborted(1), expired(0, [0])]) {
      const { live } = run([accepted(), first]);
      for (const second of [sealed(2), aborted(2), expired(0, [0, 1])]) {
        expect(step(live, second, 9)).toMatchObject({ next: live, ignored: true });
      }
    }
  });

  test('whose heartbeat comes late keeps the newer one', () => {
    const { live, ignored } = run([accepted(), heartbeat(2), heartbeat(1)]);
    expect(ignored.at(-1)).toBe(true);
    expect(live.heartbeat).toEqual({ number: 2, at: 1_001_000 });
  });

  test('that breaks off waits for chunks that are tried again, though nobody found them on the log', () => {
    const { state, live } = run([accepted(false), completed(0), retrying(3, 2, '05'), expired(0, [])]);
    expect(state).toMatchObject({ status: 'importing', rows: { total: null } });
    expect(run([completed(3)], live).state).toMatchObject({ status: 'failed', rows: { total: 10 } });
  });

  test('begins anew after an attempt that broke off, once its undo has ended, under a greater id', () => {
    const broken = run([accepted(), completed(0), aborted(1)]);
    expect(run([accepted(true, laterUploadId)], broken.live).ignored).toEqual([true]);
    const undone = run([pageDone(eventIdAt(2), 0, null)], broken.live);
    expect(run([accepted()], undone.live).ignored).toEqual([true]);
    const again = run([accepted(true, laterUploadId), completed(1)], undone.live);
    // The report is of the first attempt.
    expect(again.ignored).toEqual([false, true]);
    expect(again.state).toMatchObject({
      status: 'accepted',
      upload: 'receiving',
      undo: null,
      uploadError: null,
    });
    expect(sumRows(again.state.rows)).toBe(0);
    expect(again.told).toEqual(['import.accepted']);
  });

  test('begins anew after an attempt that broke off and was undone on request', () => {
    const undone = run([accepted(false), completed(0), aborted(1), undo(), pageDone(eventIdAt(3), 0, null)]);
    expect(undone.state).toMatchObject({ status: 'undone', upload: 'aborted' });
    const again = run([accepted(true, laterUploadId)], undone.live);
    expect(again.state).toMatchObject({ status: 'accepted', upload: 'receiving', undo: null });
  });

  test.each([[[sealed(0)]], [[cancel, aborted(0)]], [[sealed(0), undo()]]])(
    'does not begin anew after another end',
    (commands) => {
      const { live } = run([accepted(), ...commands]);
      expect(run([accepted(true, laterUploadId)], live).ignored).toEqual([true]);
    },
  );
});

describe('what an import waits for', () => {
  test('is the rest of the file, where a heartbeat says that all that has come is worked off', () => {
    expect(run([accepted()]).state.waitingFor).toEqual({ reason: 'upload', text: 'the rest of the file' });
    expect(run([accepted(), completed(0), heartbeat(1, 1)]).state.waitingFor?.reason).toBe('upload');
    expect(run([accepted(), completed(0), heartbeat(1, 2)]).state.waitingFor).toBeNull();
    expect(run([accepted(), heartbeat(1, 1), completed(0)]).state.waitingFor).toBeNull();
  });

  test('is a retry, where nothing else is left to do', () => {
    const waiting = run([accepted(), sealed(3), retrying(1, 2, '09'), retrying(2, 2, '05')]);
    expect(waiting.state.waitingFor).toBeNull();
    const { state, live } = run([completed(0)], waiting.live);
    expect(state.waitingFor).toEqual({
      ...{ reason: 'retry', text: 'retry 2 of 3 at 12:04:05', attempt: 2, attempts: 3 },
      at: '2026-11-28T12:04:05.000Z',
    });
    const later = run([retrying(2, 3, '59'), retrying(2, 2, '05'), completed(1)], live);
    expect(later.ignored).toEqual([false, true, false]);
    expect(later.state.waitingFor?.text).toBe('retry 3 of 3 at 12:04:59');
    const last = run([failed(2), retrying(2, 3, '59')], later.live);
    expect(last.ignored).toEqual([false, true]);
    expect(last.state).toMatchObject({ status: 'completed_with_errors', waitingFor: null });
    expect(last.live.retrying).toEqual([]);
  });

  test('is kept of 16 chunks at most, those that are due first', () => {
    const many = Array.from({ length: 20 }, (_, chunk) => retrying(chunk, 2, String(59 - chunk)));
    const { live } = run([accepted(), sealed(20), ...many]);
    expect(live.retrying.map(({ chunk }) => chunk)).toEqual(Array.from({ length: 16 }, (_, n) => 19 - n));
    expect(live.awaited.size).toBe(20);
  });
});

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

describe('a state that is carried back', () => {
  const ended = () => run([accepted(), sealed(2), completed(0), failed(1)]);

  test('goes on where the log has forgotten the import', () => {
    const { live } = ended();
    const undone = step(undefined, undo(live), 40);
    expect(undone.next?.state).toMatchObject({
      status: 'undoing',
      version: 40,
      rows: { created: 5, failed: 5 },
    });
    expect(undone.undoPage).toMatchObject({ undoId: eventIdAt(40), page: 0 });
    const again = step(undefined, requeued(1, live), 40);
    expect(again.next?.state).toMatchObject({ status: 'importing', rows: { created: 5, failed: 0 } });
  });

  test('is older than what the log holds, and is left aside', () => {
    const { live } = ended();
    const newer = run([requeued(1), completed(1)], live);
    expect(run([undo(live)], newer.live).state).toMatchObject({ status: 'undoing', rows: { created: 10 } });
    expect(run([requeued(1, live)], newer.live).ignored).toEqual([true]);
  });

  test('has a newer version afterwards, also in a log that began anew', () => {
    const late = { ...ended().live };
    const carried = { ...late, state: { ...late.state, version: 5_000 } };
    expect(step(undefined, undo(carried), 1).next?.state.version).toBe(5_001);
  });

  test('is refused where it is of another import, or has not ended', () => {
    const { live } = ended();
    const foreign = { ...live, state: { ...live.state, importId: uploadId } };
    const running = run([accepted(), completed(0)]).live;
    for (const carried of [foreign, running]) {
      expect(step(undefined, undo(carried), 9)).toMatchObject({ next: undefined, ignored: true });
    }
    expect(step(undefined, undo(), 9)).toMatchObject({ next: undefined, ignored: true });
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

describe('what an import waits for', () => {
  const pageRetrying = (undoId: string, attempt: number, second: string): ImportCommand => ({
    type: 'undo.page_retrying',
    data: {
      ...{ undoId, page: 0, attempt, attempts: 3, code: 'x' },
      dueAt: `2026-11-28T12:04:${second}.000Z`,
    },
  });

  test.each([
    ['asked for', []],
    ['by itself', [aborted(1)]],
  ])('the next attempt at a page of an undo, %s', (_name, end) => {
    const ended = run([accepted(), completed(0), ...(end.length > 0 ? end : [sealed(1), undo()])]);
    const undoId = ended.pages[0]?.undoId ?? '';
    expect(ended.state.waitingFor).toBeNull();
    const waiting = run([pageRetrying(undoId, 2, '05'), pageRetrying(undoId, 2, '09')], ended.live);
    expect(waiting.ignored).toEqual([false, true]);
    expect(waiting.state.waitingFor?.text).toBe('retry 2 of 3 at 12:04:05');
    expect(run([pageDone(undoId, 0, 'k')], waiting.live).state.waitingFor).toBeNull();
    expect(run([pageDone(undoId, 0, null)], waiting.live).state.waitingFor).toBeNull();
    const lost: ImportCommand = {
      type: 'work.lost',
      data: { uploadId, version: waiting.live.state.version },
    };
    expect(run([lost], waiting.live).state.waitingFor).toBeNull();
  });

  test('the next of many attempts, where all chunks wait for one; nothing, where one does not', () => {
    const many = Array.from({ length: 40 }, (_, chunk) => retrying(chunk, 2, String(10 + chunk)));
    const { live, state } = run([accepted(), sealed(40), ...many]);
    expect(live.retrying).toHaveLength(16);
    expect(state.waitingFor?.text).toBe('retry 2 of 3 at 12:04:10');
    expect(run([accepted(), sealed(41), ...many]).state.waitingFor).toBeNull();
  });

  test('a requeued chunk has the place of the first one, unless others are on their way', () => {
    const place = { priority: 'bulk', partition: 3, offset: 17 } as const;
    const requeuedAt = (chunk: number, offset: number): ImportCommand => ({
      type: 'chunk.requeued',
      data: { uploadId, chunk, rows: 5, folded: null, place: { ...place, offset } },
    });
    const ended = run([accepted(), sealed(3), failed(0), failed(1), completed(2)]).live;
    const { live } = run([requeuedAt(0, 17), requeuedAt(1, 30)], ended);
    expect(live.firstWork).toEqual({ express: null, bulk: { partition: 3, offset: 17 } });
    const running = run([accepted(), sealed(3), failed(0), requeuedAt(0, 17)]).live;
    expect(running.firstWork).toEqual({ express: null, bulk: null });
  });

  test('no more than what it does now says how long: the rate after a standstill is that of the chunks since', () => {
    const before = run([accepted(), sealed(9), completed(0), completed(1), completed(2)]).live;
    const at = (chunk: number, seconds: number) => {
      const cause = { eventId: eventIdAt(90 + chunk), correlationId: importId, traceparent };
      const timestamp = 1_000_000 + seconds * 1_000;
      return { importId, command: completed(chunk), cause, offset: 90 + chunk, timestamp };
    };
    expect(before.state.rowsPerSecond).toBeGreaterThan(1);
    const first = fold(before, at(3, 100)).next ?? undefined;
    expect(first?.state.rowsPerSecond).toBe(0);
    const second = fold(first, at(4, 105)).next;
    expect(second?.state.rowsPerSecond).toBe(1);
  });
});
