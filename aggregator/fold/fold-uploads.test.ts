import { sumRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, test } from 'vitest';
import {
  aborted,
  accepted,
  cancel,
  completed,
  eventIdAt,
  expired,
  heartbeat,
  laterUploadId,
  pageDone,
  retrying,
  run,
  sealed,
  step,
  undo,
} from './test/folded-commands.ts';

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
