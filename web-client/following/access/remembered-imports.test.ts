import { noRows } from '@tidings/contracts/imports/import.ts';
import { describe, expect, it } from 'vitest';
import { endedState, FIXTURE_TIME, importState, rememberedImport } from '../../test/sample-states.ts';
import { badgeOfRemembered } from '../shown/status-badge.tsx';
import { createRememberedImports } from './remembered-imports.ts';

const DAY = 24 * 60 * 60 * 1000;

function createStorage(initial: string | null = null) {
  let stored = initial;
  return {
    getItem: () => stored,
    setItem: (_key: string, value: string) => {
      stored = value;
    },
  };
}

describe('the remembered imports', () => {
  it('are found in another page over the same storage', () => {
    const storage = createStorage();
    createRememberedImports(storage, () => FIXTURE_TIME).save(rememberedImport());
    const other = createRememberedImports(storage, () => FIXTURE_TIME);
    expect(other.find(rememberedImport().importId)).toEqual(rememberedImport());
    expect(other.find('another')).toBeNull();
  });

  it('are the twenty newest, newest first, each once', () => {
    const memory = createRememberedImports(createStorage(), () => FIXTURE_TIME);
    for (let number = 0; number < 25; number++) {
      memory.save(
        rememberedImport({ importId: `import-${number}`, startedAt: FIXTURE_TIME - 1_000 + number }),
      );
    }
    memory.save(rememberedImport({ importId: 'import-24', startedAt: FIXTURE_TIME - 1_000 + 24 }));
    const ids = memory.list().map((entry) => entry.importId);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => `import-${24 - index}`));
  });

  it('are forgotten when no token opens them any more', () => {
    let now = FIXTURE_TIME;
    const memory = createRememberedImports(createStorage(), () => now);
    memory.save(rememberedImport());
    now += 7 * DAY;
    expect(memory.list()).toEqual([]);
  });

  it('keep the newest status and rows, and nothing of an import that is not remembered', () => {
    const memory = createRememberedImports(createStorage(), () => FIXTURE_TIME);
    memory.save(rememberedImport({ status: null, rows: null }));
    memory.note(endedState());
    memory.note(endedState({ importId: 'unknown' }));
    expect(memory.list()).toEqual([
      rememberedImport({ status: 'completed_with_errors', rows: 20_000, endedVersion: 20 }),
    ]);
    memory.note(endedState({ rows: { ...noRows(), total: 40, rejected: 40 } }));
    expect(memory.list()[0]).toMatchObject({ rows: 40, nothingImported: true });
  });

  // The list said “Rows to fix” of a mended import until the server had answered: the status alone was remembered.
  it('keep that nothing is to be done about rejected rows', () => {
    const storage = createStorage();
    const memory = createRememberedImports(storage, () => FIXTURE_TIME);
    memory.save(rememberedImport({ status: null, rows: null }));
    const badge = () =>
      badgeOfRemembered(createRememberedImports(storage, () => FIXTURE_TIME).list()[0] ?? fail());
    const fail = () => expect.fail('nothing is remembered');
    memory.note(endedState({ leftToMend: 250 }));
    expect(badge()?.text).toBe('Rows to fix');
    memory.note(endedState({ leftToMend: 0 }));
    expect(badge()?.text).toBe('Rows mended');
    // Notifications do not tell it.
    memory.note(endedState());
    expect(badge()?.text).toBe('Rows mended');
    memory.note(endedState({ leftToMend: 3, restIgnored: true }));
    expect(badge()?.text).toBe('Rows ignored');
    memory.note(endedState({ leftToMend: 3, restIgnored: false }));
    expect(badge()?.text).toBe('Rows to fix');
    memory.note(endedState({ leftToMend: 0 }));
    memory.note(endedState({ version: 21, status: 'undone' }));
    expect(badge()?.text).toBe('Taken back');
  });

  it('claim nothing to be fixed once an import that mends has ended, until the server tells', () => {
    const memory = createRememberedImports(createStorage(), () => FIXTURE_TIME);
    const first = rememberedImport({ status: 'completed_with_errors' });
    const shown = (entry = memory.find(first.importId)) => entry && badgeOfRemembered(entry)?.text;
    memory.save(first);
    memory.save(rememberedImport({ importId: 'mender', status: null, rows: null }));
    const mender = { importId: 'mender', mends: first.importId };
    memory.note(importState(mender));
    expect(shown()).toBe('Rows to fix');
    memory.note(endedState({ ...mender, status: 'completed' }));
    expect(shown()).toBeUndefined();
    memory.note(endedState({ leftToMend: 5 }));
    expect(shown()).toBe('Rows to fix');
    // The end of it is no news when it is told again.
    memory.note(endedState({ ...mender, status: 'completed' }));
    expect(shown()).toBe('Rows to fix');
  });

  it('are kept by the age of their tokens, and listed by their starts', () => {
    const memory = createRememberedImports(createStorage(), () => FIXTURE_TIME);
    memory.save(rememberedImport({ importId: 'new' }));
    memory.save(rememberedImport({ importId: 'old', startedAt: FIXTURE_TIME - 20 * DAY }));
    expect(memory.list().map(({ importId }) => importId)).toEqual(['new', 'old']);
  });

  it('keep the renewed token of a channel', () => {
    const memory = createRememberedImports(createStorage(), () => FIXTURE_TIME);
    memory.save(rememberedImport());
    memory.renew(rememberedImport().channelId, 'new');
    expect(memory.list()[0]?.token).toBe('new');
  });

  it('keep the order to cancel until the services have answered', () => {
    const storage = createStorage();
    const memory = createRememberedImports(storage, () => FIXTURE_TIME);
    memory.save(rememberedImport());
    memory.noteCancel(rememberedImport().importId, true);
    expect(createRememberedImports(storage, () => FIXTURE_TIME).list()[0]?.cancelWaits).toBe(true);
    memory.noteCancel(rememberedImport().importId, false);
    expect(memory.list()).toEqual([rememberedImport()]);
  });

  it.each(['not json', '{"a":1}', '[null,7,{"importId":1}]', '[{"importId":"a","channelId":"b"}]'])(
    'reads nothing out of %s',
    (stored) => {
      expect(createRememberedImports(createStorage(stored), () => FIXTURE_TIME).list()).toEqual([]);
    },
  );
});
