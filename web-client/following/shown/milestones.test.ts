import type { ImportState } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState, importState, importView, sentUpload } from '../../test/sample-states.ts';
import { milestoneBetween } from './milestones.ts';

const upload = { ...sentUpload, phase: 'sending', sentBytes: 0 } as const;

function withCreated(created: number, total: number | null = 1_000): ImportState {
  const rows = { ...importState().rows, total, created, updated: 0, unchanged: 0, duplicate: 0, rejected: 0 };
  return importState({ rows });
}

describe('what a screen reader is told', () => {
  it('is one sentence for each quarter, however many updates arrive', () => {
    const said: string[] = [];
    let before = importView({ state: withCreated(0, 10_000) });
    for (let created = 1; created <= 10_000; created++) {
      const after = importView({ state: withCreated(created, 10_000) });
      const sentence = milestoneBetween(before, after);
      if (sentence !== null) said.push(sentence);
      before = after;
    }
    expect(said).toEqual([
      '25 percent imported, 2,500 of 10,000 rows.',
      '50 percent imported, 5,000 of 10,000 rows.',
      '75 percent imported, 7,500 of 10,000 rows.',
    ]);
  });

  // Rows that were cancelled counted as imported: “50 percent imported” while a third was.
  it('says nothing of quarters while an import is cancelled', () => {
    const cancelling = (cancelled: number) => {
      const { rows } = withCreated(100, 1_000);
      return importView({ state: importState({ status: 'cancelling', rows: { ...rows, cancelled } }) });
    };
    expect(milestoneBetween(cancelling(0), cancelling(600))).toBeNull();
  });

  it('begins with the upload and its end', () => {
    expect(milestoneBetween(importView(), importView({ upload }))).toBe('Upload started.');
    const receiving = importView({ upload, state: withCreated(10, null) });
    expect(milestoneBetween(receiving, importView({ upload, state: withCreated(20) }))).toBe(
      'Upload complete. 1,000 rows in the file.',
    );
  });

  it('names every bucket at the end, once', () => {
    const ended = importView({ state: endedState() });
    const running = importView({ state: importState() });
    expect(milestoneBetween(running, ended)).toBe(
      'Rows to fix. 16,400 created, 900 updated, 2,150 unchanged, 300 duplicate, 250 rejected.',
    );
    expect(milestoneBetween(ended, importView({ state: endedState({ version: 30 }) }))).toBeNull();
  });

  it('tells once that a cancelled import may still run, and that sums differ', () => {
    const running = importView({ state: importState() });
    const unanswered = { ...running, cancelWaits: 'unanswered' as const };
    expect(milestoneBetween(running, unanswered)).toBe(
      'The server does not answer, so this import may still run. This page asks again until the import is cancelled. Keep it open.',
    );
    expect(milestoneBetween(unanswered, { ...unanswered, stateAt: 1 })).toBeNull();
    const ended = importView({ state: endedState({ reconciled: null }) });
    const differs = importView({ state: endedState({ reconciled: false, version: 30 }) });
    expect(milestoneBetween(ended, differs)).toMatch(/^The totals do not match/);
    expect(milestoneBetween(differs, { ...differs, stateAt: 1 })).toBeNull();
  });

  it('tells when the connection is lost and restored, and not after the end', () => {
    const live = importView({ upload: null, state: importState() });
    const away = { ...live, connection: { kind: 'reconnecting', since: 1 } } as const;
    expect(milestoneBetween(live, away)).toBe(
      'Connection lost, reconnecting. The import goes on without this page.',
    );
    expect(milestoneBetween({ ...live, upload }, { ...away, upload })).toBe(
      'Connection lost, reconnecting. Keep this page open: the file is still being sent.',
    );
    expect(milestoneBetween(away, live)).toBe('Connected again.');
    const ended = endedState();
    expect(milestoneBetween({ ...live, state: ended }, { ...away, state: ended })).toBeNull();
  });

  it('tells when updates may be late, and when they are live again', () => {
    const live = importView({ upload: null, state: importState() });
    const late = { ...live, connection: { kind: 'degraded', since: 1 } } as const;
    expect(milestoneBetween(live, late)).toBe(
      'Live updates may be late. Imports go on, and this page catches up by itself.',
    );
    expect(milestoneBetween(late, { ...late, stateAt: 3 })).toBeNull();
    expect(milestoneBetween(late, live)).toBe('Live updates are back.');
    const ended = endedState();
    expect(milestoneBetween({ ...live, state: ended }, { ...late, state: ended })).toBeNull();
    expect(milestoneBetween({ ...late, state: ended }, { ...live, state: ended })).toBeNull();
  });

  it('does not call a connection lost that was late, nor found again that was never lost', () => {
    const late = importView({
      upload: null,
      state: importState(),
      connection: { kind: 'degraded', since: 1 },
    });
    const away = { ...late, connection: { kind: 'reconnecting', since: 2 } } as const;
    expect(milestoneBetween(late, away)).toBeNull();
    expect(milestoneBetween(away, late)).toBe(
      'Live updates may be late. Imports go on, and this page catches up by itself.',
    );
    const connecting = { ...late, connection: { kind: 'connecting', since: 0 } } as const;
    expect(milestoneBetween(connecting, importView({ state: importState() }))).toBeNull();
  });

  it('tells a file that waits for its channel from one that is being imported', () => {
    const opening = importView({ connection: { kind: 'connecting', since: 0 } });
    const late = { ...opening, connection: { kind: 'degraded', since: 1 } } as const;
    expect(milestoneBetween(opening, late)).toBe(
      'Live updates are not available at the moment. The file is sent as soon as they are.',
    );
    expect(milestoneBetween(late, { ...late, stateAt: 1 })).toBeNull();
    const away = { ...opening, connection: { kind: 'reconnecting', since: 1 } } as const;
    expect(milestoneBetween(opening, away)).toBe(
      'The server cannot be reached. The file is still on this device, and is sent as soon as it can be.',
    );
    const offline = { ...away, connection: { kind: 'offline', since: 1 } } as const;
    expect(milestoneBetween(away, offline)).toBeNull();
  });

  it('does not call an import complete of which no row was imported', () => {
    const rows = { ...importState().rows, total: 40, created: 0, updated: 0, unchanged: 0, duplicate: 0 };
    const ended = importView({ state: endedState({ rows: { ...rows, rejected: 40 } }) });
    expect(milestoneBetween(importView({ state: importState() }), ended)).toBe(
      'Nothing imported. 40 rejected.',
    );
  });

  it('does not promise that a broken upload goes on', () => {
    const upload = { ...sentUpload, phase: 'broken', sentBytes: 5 } as const;
    const live = importView({ upload, state: importState({ upload: 'receiving' }) });
    const away = { ...live, connection: { kind: 'reconnecting', since: 1 } } as const;
    expect(milestoneBetween(live, away)).toBeNull();
  });

  it('tells that a broken upload goes on, not that the import has ended', () => {
    const sending = importView({ upload, state: importState({ upload: 'receiving' }) });
    const retrying = { ...sending, upload: { ...upload, phase: 'retrying', retryAt: 5 } } as const;
    expect(milestoneBetween(sending, retrying)).toBe(
      'The upload broke off. It goes on by itself: keep this page open.',
    );
    const aborted = endedState({ status: 'failed', upload: 'aborted' });
    expect(milestoneBetween(retrying, { ...retrying, state: aborted })).toBeNull();
    expect(milestoneBetween(retrying, sending)).toBe('Upload started.');
  });

  it('tells once that an import is cancelled, and what came of it', () => {
    const running = importView({ state: importState() });
    const cancelling = importView({ state: importState({ version: 11, status: 'cancelling' }) });
    expect(milestoneBetween(running, cancelling)).toBe('Cancelling the import.');
    expect(milestoneBetween(cancelling, { ...cancelling, stateAt: 3 })).toBeNull();
    const rows = { ...importState().rows, cancelled: 8_520 };
    const cancelled = importView({ state: endedState({ status: 'cancelled', rows }) });
    expect(milestoneBetween(cancelling, cancelled)).toMatch(/^Cancelled\. .*8,520 cancelled\.$/);
  });

  it('tells the begin and the end of an undo, not its pages', () => {
    const undo = { reversed: 0, kept: 0, failed: 0, endedAt: null };
    const ended = importView({ state: endedState() });
    const undoing = importView({ state: endedState({ status: 'undoing', undo }) });
    expect(milestoneBetween(ended, undoing)).toBe('The import is being taken back.');
    const further = importView({
      state: endedState({ status: 'undoing', undo: { ...undo, reversed: 5_000 } }),
    });
    expect(milestoneBetween(undoing, further)).toBeNull();
    const { endedAt } = endedState();
    const undone = importView({
      state: endedState({ status: 'undone', undo: { ...undo, reversed: 17_300, endedAt } }),
    });
    expect(milestoneBetween(further, undone)).toBe('Taken back: 17,300 contacts.');
    expect(milestoneBetween(undone, { ...undone, stateAt: 3 })).toBeNull();
  });

  it('tells what an import waits for where nothing moves until somebody helps', () => {
    const running = importView({ state: importState() });
    const waiting = (reason: 'log' | 'turn') =>
      importView({ state: importState({ waitingFor: { reason, text: reason } }) });
    expect(milestoneBetween(running, waiting('log'))).toBe('Waits for the log, which does not answer.');
    expect(milestoneBetween(waiting('log'), waiting('log'))).toBeNull();
    expect(milestoneBetween(running, waiting('turn'))).toBeNull();
  });

  it('is a problem once', () => {
    const problem = { code: 'x', title: 'The file is not CSV', detail: 'It is a picture.' };
    const refused = importView({ problem });
    expect(milestoneBetween(importView(), refused)).toBe('The file is not CSV. It is a picture.');
    expect(milestoneBetween(refused, { ...refused, stateAt: 3 })).toBeNull();
  });
});
