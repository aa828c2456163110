import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState } from '../../test/sample-states.ts';
import { cancelWords, keptWords, takeBackTitle, takeBackWords } from './take-back.ts';

const running = { reversed: 0, kept: 0, failed: 0, endedAt: null };
const ended = { ...running, endedAt: '2026-03-14T09:26:53.000Z' };

function broken(created: number, updated: number, undo: typeof running | typeof ended): string {
  const rows = { ...noRows(), total: created + updated, created, updated };
  return takeBackTitle(endedState({ status: 'failed', upload: 'aborted', rows, undo }));
}

describe('an upload that broke off', () => {
  it('says in numbers what is being taken back, and then what was', () => {
    expect(broken(94_371, 0, running)).toBe(
      'Broken off: 94,371 rows had been added and are being taken back',
    );
    expect(broken(94_371, 0, { ...ended, reversed: 94_371 })).toBe(
      'Broken off: 94,371 rows had been added and were taken back',
    );
    expect(broken(94_371, 0, { ...ended, reversed: 94_359, kept: 12 })).toBe(
      'Broken off: 94,371 rows had been added; 94,359 were taken back, 12 kept',
    );
  });

  it('tells rows that changed contacts from rows that were added', () => {
    expect(broken(900, 100, running)).toBe(
      'Broken off: 1,000 rows had been added or had changed contacts and are being taken back',
    );
    expect(broken(0, 100, running)).toBe(
      'Broken off: 100 rows had changed contacts and are being taken back',
    );
  });

  it('claims no row where none was added', () => {
    expect(broken(0, 0, ended)).toBe('Broken off before any row was added');
    expect(broken(0, 0, running)).toBe('Broken off before any row was added');
  });
});

describe('an import that somebody takes back', () => {
  it('says how that ended', () => {
    const title = (undo: typeof ended) => takeBackTitle(endedState({ status: 'undone', undo }));
    expect(title({ ...ended, reversed: 17_300 })).toBe('Taken back: 17,300 contacts');
    expect(title({ ...ended, reversed: 1, kept: 12, failed: 2 })).toBe(
      '1 contact was taken back, 12 kept, 2 could not be taken back',
    );
    expect(takeBackTitle(endedState({ status: 'undoing' }))).toBe('The import is being taken back');
  });

  it('is told why a contact was kept, also for a reason of a later release', () => {
    expect(keptWords.outcome('kept', 'edited_since')).toBe('Kept: edited by hand since');
    expect(keptWords.outcome('failed', 'a_new_reason')).toBe('Not taken back: a_new_reason');
    expect(keptWords.outcome('reversed', null)).toBe('Taken back');
  });

  it('may be tried again where contacts could not be taken back, which is told in numbers', () => {
    expect(keptWords.failed(2)).toBe('2 contacts could not be taken back.');
    expect(takeBackWords.again.meaning(2, 12)).toBe(
      '2 contacts that could not be taken back are tried again. What was kept stays as it is.',
    );
    expect(takeBackWords.again.meaning(1, 0)).toBe('1 contact that could not be taken back is tried again.');
  });

  it('hears before what will happen, in numbers', () => {
    expect(takeBackWords.meaning(16_400, 1)).toBe(
      '16,400 contacts that it added are deleted. 1 contact that it changed gets back what it held before. Contacts that somebody has edited since are kept as they are.',
    );
    expect(cancelWords.meaning(9_120, 640, 8_520)).toBe(
      '8,520 rows will not be imported. 9,120 contacts were added and 640 changed so far. They stay, until you take them back.',
    );
    expect(cancelWords.meaning(0, 0, null)).toBe(
      'What is not done yet will not be imported. No contact was changed so far.',
    );
  });
});
