import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { describe, expect, test } from 'vitest';
import { fold } from './fold.ts';
import {
  aborted,
  accepted,
  completed,
  eventIdAt,
  failed,
  heartbeat,
  importId,
  pageDone,
  retrying,
  run,
  sealed,
  traceparent,
  undo,
  uploadId,
} from './test/folded-commands.ts';

describe('what an import waits for', () => {
  const pageRetrying = (undoId: string, attempt: number, second: string): ImportCommand => ({
    type: 'undo.page_retrying',
    data: {
      ...{ undoId, page: 0, attempt, attempts: 3, code: 'x' },
      dueAt: `2026-11-28T12:04:${second}.000Z`,
    },
  });

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
