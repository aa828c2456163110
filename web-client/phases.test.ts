import { describe, expect, it } from 'vitest';
import { endedState, fixtureFile, importState, importView } from './fixture-states.ts';
import { importPhase, uploadPhase } from './phases.ts';

const sent = {
  phase: 'sent',
  sentBytes: fixtureFile.size,
  totalBytes: fixtureFile.size,
  samples: [],
} as const;
const unknownTotal = { ...importState().rows, total: null };

describe('the upload phase', () => {
  it('says what is sent of what', () => {
    const upload = { ...sent, phase: 'sending', sentBytes: 943_718 } as const;
    const phase = uploadPhase(importView({ upload }));
    expect(phase).toMatchObject({ mark: 'running', text: '922 KiB of 1.8 MiB sent', extra: null });
    expect(phase.fraction).toBeCloseTo(0.5, 1);
  });

  it('is complete only when the services or the answer say so', () => {
    expect(uploadPhase(importView({ upload: sent })).mark).toBe('done');
    expect(uploadPhase(importView({ upload: null, state: importState() })).mark).toBe('done');
  });

  it('knows no whole in a page that only watches', () => {
    const state = importState({ upload: 'receiving', bytes: 2_048 });
    const phase = uploadPhase(importView({ upload: null, state }));
    expect(phase).toMatchObject({ fraction: null, text: '2 KiB received so far, sent by another page' });
  });

  it('says how far it came when it broke off', () => {
    const state = endedState({ upload: 'aborted', status: 'failed', bytes: 943_718 });
    expect(uploadPhase(importView({ upload: sent, state }))).toMatchObject({
      mark: 'broken',
      text: 'Broke off after 922 KiB',
    });
    expect(uploadPhase(importView({ state: { ...state, bytes: 0 } })).text).toBe('Broke off');
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
    const view = importView({ upload: sent, state: importState() });
    expect(importPhase(view)).toMatchObject({
      text: '11,480 of 20,000 rows',
      extra: '21,400 rows/s · about a second left',
    });
    const away = { ...view, connection: { kind: 'reconnecting', since: 0 } } as const;
    expect(importPhase(away).extra).toBeNull();
  });

  it('is full at the end, also of a file without rows', () => {
    expect(importPhase(importView({ state: endedState() }))).toMatchObject({ mark: 'done', fraction: 1 });
    const none = endedState({
      rows: { ...unknownTotal, total: 0, created: 0, updated: 0, unchanged: 0, duplicate: 0, rejected: 0 },
    });
    expect(importPhase(importView({ state: none }))).toMatchObject({ fraction: 1, text: '0 of 0 rows' });
  });
});
