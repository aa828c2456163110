/** The start of an import, in every state. */
import type { ComponentChildren } from 'preact';
import type { GivenUpImport } from '../following/followed-imports.ts';
import type { ChosenFile } from '../import/chosen-file.ts';
import { ImportStart } from '../import/import-start.tsx';
import {
  FIXTURE_TIME,
  fixtureFile,
  importView,
  rememberedImport,
  sentUpload,
} from '../test/sample-states.ts';
import { nothing, type PageStates, refused } from './samples.tsx';

const unsentImports = [
  { key: 'u1', view: importView({ connection: { kind: 'reconnecting', since: FIXTURE_TIME } }) },
  {
    key: 'u2',
    view: importView({
      fileName: 'invoices.csv',
      upload: { ...sentUpload, phase: 'broken' },
      problem: { code: 'not_csv', title: '', detail: '' },
    }),
  },
].map((entry) => ({ ...entry, startedAt: FIXTURE_TIME, show: nothing, giveUp: nothing }));

interface StartSample {
  readonly recent?: boolean;
  readonly over?: boolean;
  readonly givenUp?: GivenUpImport | null;
}

function start(
  chosen: ChosenFile,
  { recent = false, over = false, givenUp = null }: StartSample = {},
): ComponentChildren {
  const imports = recent
    ? [
        rememberedImport({
          importId: 'd',
          fileName: 'all-rejected.csv',
          status: 'completed_with_errors',
          nothingImported: true,
        }),
        rememberedImport({ importId: 'e', fileName: 'broken.csv', status: 'failed', rows: 4_200 }),
        rememberedImport({ importId: 'a', status: 'importing', rows: null, fileName: 'newsletter-2026.csv' }),
        rememberedImport({ importId: 'b', status: 'completed_with_errors' }),
        rememberedImport({
          importId: 'c',
          fileName: 'a-rather-long-name-that-somebody-gave-to-an-export-from-another-system-final-v2.csv',
        }),
      ]
    : [];
  return (
    <ImportStart
      chosen={chosen}
      recent={imports}
      unsent={recent ? unsentImports : []}
      onFile={nothing}
      over={over}
      givenUp={givenUp}
      mostBytes={1024 ** 3}
      onStart={nothing}
    />
  );
}

export const startStates: PageStates = {
  'start-empty': () => start({ kind: 'none' }),
  'start-drag-over': () => start({ kind: 'none' }, { over: true }),
  'start-recent': () => start({ kind: 'none' }, { recent: true }),
  'start-given-up': () =>
    start({ kind: 'none' }, { givenUp: { fileName: fixtureFile.name, how: 'not_sent' } }),
  'start-cut-off': () =>
    start({ kind: 'none' }, { recent: true, givenUp: { fileName: fixtureFile.name, how: 'cut_off' } }),
  'start-refused': () => start({ kind: 'refused', name: 'a.png', problem: refused }),
};
