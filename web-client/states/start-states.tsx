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

const preview = {
  delimiter: ';',
  header: ['email', 'first name', 'last name', 'phone', 'company', 'country', 'notes'],
  rows: [
    [
      'ada@example.org',
      'Ada',
      'Byron',
      '+44 20 7946 0000',
      'Analytical Engines Ltd',
      'GB',
      'asked for the catalogue',
    ],
    ['chinua@example.org', 'Chinua', 'Okafor', '+234 1 234 5678', 'Lagos Print', 'Nigeria', ''],
    [
      '<img src=x onerror=alert(1)>',
      'Ingrid',
      'Lindqvist',
      '',
      'Nordwind',
      'SE',
      'a note that is so long that it cannot be shown whole in a cell of the preview',
    ],
    ['mateo@example.org', 'Mateo', 'Moreno', '+34 91 123 45 67', '', 'ES', ''],
    ['yuki@example.org', 'Yuki', 'Tanaka', '', 'Kumo', 'JP', ''],
  ],
} as const;

export const startStates: PageStates = {
  'start-empty': () => start({ kind: 'none' }),
  'start-drag-over': () => start({ kind: 'none' }, { over: true }),
  'start-recent': () => start({ kind: 'none' }, { recent: true }),
  'start-given-up': () =>
    start({ kind: 'none' }, { givenUp: { fileName: fixtureFile.name, how: 'not_sent' } }),
  'start-cut-off': () =>
    start({ kind: 'none' }, { recent: true, givenUp: { fileName: fixtureFile.name, how: 'cut_off' } }),
  'start-refused': () => start({ kind: 'refused', name: 'a.png', problem: refused }),
  'start-preview': () =>
    start({ kind: 'ready', file: new File(['x'.repeat(9_000)], fixtureFile.name), preview }),
  'start-unfit': () =>
    start({
      kind: 'unfit',
      file: new File(['x'.repeat(9_000)], fixtureFile.name),
      preview: { ...preview, header: ['Kontakt-E-Mail (geschäftlich)', ...preview.header.slice(1)] },
      problem: {
        code: 'no_email_column',
        title: 'The e-mail column was not recognised',
        detail:
          'It seems to be “Kontakt-E-Mail (geschäftlich)”. Name it “email” in the header. Then choose the file again.',
      },
    }),
};
