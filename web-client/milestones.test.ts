import { describe, expect, it } from 'vitest';
import type { ImportState } from '../contracts/import.ts';
import { endedState, fixtureFile, importState, importView } from './fixture-states.ts';
import { milestoneBetween } from './milestones.ts';

const upload = { phase: 'sending', sentBytes: 0, totalBytes: fixtureFile.size, samples: [] } as const;

function withCreated(created: number, total: number | null = 1_000): ImportState {
  const rows = { ...importState().rows, total, created, updated: 0, unchanged: 0, duplicate: 0, rejected: 0 };
  return importState({ rows });
}

describe('what is said', () => {
  it('is one sentence for each quarter of ten thousand ticks', () => {
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
      'Completed with errors. 16,400 created, 900 updated, 2,150 unchanged, 300 duplicate, 250 rejected.',
    );
    expect(milestoneBetween(ended, importView({ state: endedState({ version: 30 }) }))).toBeNull();
  });

  it('tells when the connection goes and comes, not after the end', () => {
    const live = importView({ state: importState() });
    const away = { ...live, connection: { kind: 'reconnecting', since: 1 } } as const;
    expect(milestoneBetween(live, away)).toBe(
      'Connection lost, reconnecting. The import does not depend on this page.',
    );
    expect(milestoneBetween(away, live)).toBe('Connected again.');
    const ended = endedState();
    expect(milestoneBetween({ ...live, state: ended }, { ...away, state: ended })).toBeNull();
  });

  it('says a problem once', () => {
    const problem = { code: 'x', title: 'The file is not CSV', detail: 'It is a picture.' };
    const refused = importView({ problem });
    expect(milestoneBetween(importView(), refused)).toBe('The file is not CSV. It is a picture.');
    expect(milestoneBetween(refused, { ...refused, stateAt: 3 })).toBeNull();
  });
});
