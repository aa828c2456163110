import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState, importState, importView, sentUpload } from '../../test/sample-states.ts';
import { importPhase, takeBackPhase, uploadPhase } from './phases.ts';

const unknownTotal = { ...importState().rows, total: null };

function brokenState(created: number, changes: Partial<ImportState> = {}): ImportState {
  return endedState({
    upload: 'aborted',
    status: 'failed',
    rows: { ...noRows(), total: created, created },
    ...changes,
  });
}

describe('the upload phase', () => {
  it('says what is sent of what', () => {
    const upload = { ...sentUpload, phase: 'sending', sentBytes: 943_718 } as const;
    const phase = uploadPhase(importView({ upload }));
    expect(phase).toMatchObject({ mark: 'running', text: '922 KiB of 1.8 MiB sent', extra: null });
    expect(phase.fraction).toBeCloseTo(0.5, 1);
  });

  it('is complete only when the services or the answer say so', () => {
    expect(uploadPhase(importView({ upload: sentUpload })).mark).toBe('done');
    expect(uploadPhase(importView({ upload: null, state: importState() })).mark).toBe('done');
  });

  it('knows no whole in a page that only watches', () => {
    const state = importState({ upload: 'receiving', bytes: 2_048 });
    const phase = uploadPhase(importView({ upload: null, state }));
    expect(phase).toMatchObject({ fraction: null, text: '2 KiB received so far, sent by another page' });
  });

  // Rows, not bytes: of a receiver that was killed, the services know every row but not the last bytes.
  it('says in rows how far it came when it broke off', () => {
    const state = brokenState(94_371, { uploadError: 'receiver_restarted', bytes: 5_347_737 });
    const upload = { ...sentUpload, phase: 'broken', sentBytes: 1_700_000 } as const;
    const phase = uploadPhase(importView({ upload, state }));
    expect(phase).toMatchObject({ mark: 'broken', text: 'Broke off after 94,371 rows' });
    expect(phase.fraction).toBeCloseTo(0.9, 1);
    expect(uploadPhase(importView({ upload: null, state: brokenState(0) })).text).toBe('Broke off');
  });

  it('counts the rows that had arrived, also while they are still imported', () => {
    const rows = { ...noRows(), total: 155_434, created: 50_768 };
    const state = brokenState(0, { status: 'importing', endedAt: null, rows });
    expect(uploadPhase(importView({ upload: null, state })).text).toBe('Broke off after 155,434 rows');
    const unknown = { ...state, rows: { ...rows, total: null } };
    expect(uploadPhase(importView({ upload: null, state: unknown })).text).toBe(
      'Broke off after 50,768 rows',
    );
  });

  it('claims no share of a broken upload whose whole it has never known', () => {
    expect(uploadPhase(importView({ upload: null, state: brokenState(7) }))).toMatchObject({
      mark: 'broken',
      fraction: null,
    });
  });

  it('has sent nothing while the server is waited for', () => {
    expect(uploadPhase(importView())).toMatchObject({
      mark: 'waiting',
      fraction: 0,
      text: 'Waiting for the server, 1.8 MiB to send',
    });
  });
});

describe('the undo', () => {
  it('counts the contacts that the import had written', () => {
    const undo = { reversed: 8_000, kept: 640, failed: 10, endedAt: null };
    expect(takeBackPhase(endedState({ status: 'undoing', undo }))).toMatchObject({
      mark: 'running',
      fraction: 0.5,
      text: '8,650 of 17,300 contacts',
    });
  });

  it('has begun as soon as it is asked for', () => {
    expect(takeBackPhase(endedState({ status: 'undoing' }))).toMatchObject({ mark: 'running', fraction: 0 });
  });
});

describe('the import phase', () => {
  it('waits for the first rows', () => {
    expect(importPhase(importView())).toMatchObject({ mark: 'waiting', fraction: 0 });
  });

  it('claims no share of a total that is not known', () => {
    const state = importState({ upload: 'receiving', rows: unknownTotal });
    const phase = importPhase(importView({ state }));
    expect(phase.fraction).toBeNull();
    expect(phase.text).toBe('11,480 rows so far; the total is known when the upload is complete');
  });

  it('gives rate and time to go while it is live, and neither while it is not', () => {
    const rowSamples = [
      { at: 0, amount: 3_480 },
      { at: 5_000, amount: 11_480 },
    ];
    const view = importView({ upload: sentUpload, state: importState(), rowSamples });
    expect(importPhase(view)).toMatchObject({
      text: '11,480 of 20,000 rows',
      extra: '1,600 rows/s · about 5 s left',
    });
    expect(importPhase({ ...view, rowSamples: [] }).extra, 'before its pace is known').toBeNull();
    const away = { ...view, connection: { kind: 'reconnecting', since: 0 } } as const;
    expect(importPhase(away).extra).toBeNull();
  });

  it.each([
    [
      { reason: 'turn', text: 'its turn (12 chunks of others before it)' },
      'its turn (12 chunks of others before it)',
    ],
    [{ reason: 'database', text: 'database' }, 'the database, which does not answer'],
    [{ reason: 'upload', text: 'the rest of the file' }, 'the rest of the file'],
  ] as const)('says what it waits for instead: $reason', (waitingFor, words) => {
    const state = importState({ waitingFor });
    expect(importPhase(importView({ upload: sentUpload, state })).extra).toBe(`Waits for ${words}`);
  });

  it('tells a retry by its number and by the reader’s own clock', () => {
    const at = new Date(2026, 2, 14, 12, 4, 5).toISOString();
    const waitingFor = {
      reason: 'retry',
      text: 'retry 2 of 3 at 09:04:05',
      attempt: 2,
      attempts: 3,
      at,
    } as const;
    const view = importView({ upload: sentUpload, state: importState({ waitingFor }) });
    expect(importPhase(view).extra).toBe('Waits for retry 2 of 3 at 12:04:05');
  });

  it('says how much of the file had come when it was cut off', () => {
    const rows = { ...noRows(), total: 20_000, created: 9_000, rejected: 370, cancelled: 10_630 };
    const cutOff = { status: 'cancelling', upload: 'aborted', uploadError: 'cancelled', rows } as const;
    expect(uploadPhase(importView({ upload: null, state: importState(cutOff) }))).toMatchObject({
      mark: 'stopped',
      text: 'Cut off after 20,000 rows',
    });
  });

  it('begins anew where the upload is sent again', () => {
    const upload = {
      ...sentUpload,
      phase: 'retrying',
      sentBytes: 0,
      retryAt: new Date(2026, 2, 14, 12, 4, 5).getTime(),
    } as const;
    const view = importView({ upload, state: brokenState(94_371) });
    expect(uploadPhase(view)).toMatchObject({
      mark: 'waiting',
      text: 'Broke off, is sent again at 12:04:05',
    });
    expect(importPhase(view)).toMatchObject({ mark: 'waiting', fraction: 0 });
  });

  it('stays where it was while the upload waits to go on', () => {
    const upload = {
      ...sentUpload,
      phase: 'retrying',
      sentBytes: sentUpload.totalBytes / 2,
      retryAt: 0,
    } as const;
    const state = importState({ upload: 'receiving' });
    const view = importView({ upload, state: { ...state, rows: { ...state.rows, total: null } } });
    const text = expect.stringMatching(/^Broke off, goes on at/);
    expect(uploadPhase(view)).toMatchObject({ mark: 'waiting', fraction: 0.5, text });
    expect(importPhase(view).mark).toBe('running');
    // While the server did not answer the next attempt, the page named the time at which it had begun.
    const trying = { ...view, upload: { ...upload, retryAt: null } };
    expect(uploadPhase(trying)).toMatchObject({ fraction: 0.5, text: 'Broke off, trying again now' });
  });

  it('estimates the total by what the chunks had that are done, while the file is on its way', () => {
    const state = importState({
      upload: 'receiving',
      bytes: 1_200_000,
      rows: { ...noRows(), total: null, created: 5_000 },
      chunks: { total: null, completed: 4, failed: 0 },
    });
    const upload = { ...sentUpload, phase: 'sending', sentBytes: 1_300_000 } as const;
    const phase = importPhase(importView({ upload, state }));
    expect(phase).toMatchObject({ mark: 'running', text: '5,000 of about 18,000 rows' });
    expect(phase.fraction).toBeCloseTo(5 / 18, 2);
    const none = { ...state, chunks: { total: null, completed: 0, failed: 0 } };
    expect(importPhase(importView({ upload, state: none })).fraction).toBeNull();
  });

  it('promises no total that will never come', () => {
    const state = importState({ upload: 'receiving', rows: unknownTotal });
    const upload = { ...sentUpload, phase: 'broken', sentBytes: 1_700_000 } as const;
    expect(importPhase(importView({ upload, state })).text).toBe('11,480 rows so far, of what had arrived');
  });
});
